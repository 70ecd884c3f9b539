from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.predictors.gennape.made_graphs import one, pack, random_graph, random_graphs

from nascast.predictors.gennape.packed import PackedGraphs, concatenate, starts

chosen = st.lists(st.integers(0, 6), min_size=1, max_size=9)


@given(chosen)
def test_taken_graphs_are_the_ones_of_those_numbers(numbers: list[int]) -> None:
    graphs = random_graphs(7)
    taken = graphs.take(np.array(numbers))
    assert taken.arch_ids == tuple(graphs.arch_ids[number] for number in numbers)
    assert taken.gflops.tolist() == [graphs.gflops[number] for number in numbers]
    assert taken.node_counts.tolist() == [len(one(graphs, n)["types"]) for n in numbers]
    for place, number in enumerate(numbers):
        for name, expected in one(graphs, number).items():
            found = one(taken, place)[name]
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)


@given(chosen)
def test_a_batch_numbers_the_nodes_through(numbers: list[int]) -> None:
    graphs = random_graphs(7)
    batch = graphs.batch(np.array(numbers))
    first, edges, graph = 0, list[list[int]](), list[int]()
    for place, number in enumerate(numbers):
        own = one(graphs, number)
        edges += (own["edges"] + first).tolist()
        graph += [place] * len(own["types"])
        first += len(own["types"])
    assert batch.edge_index.T.tolist() == edges
    assert batch.graph.tolist() == graph
    assert batch.counts.tolist() == graphs.node_counts[numbers].tolist()
    for name in ("types", "shapes", "kernels", "bias"):
        rows = np.concatenate([one(graphs, number)[name] for number in numbers])
        assert getattr(batch, name).tolist() == rows.tolist()
    assert {batch.types.dtype, batch.edge_index.dtype} == {torch.int64}


def test_the_mean_is_that_of_each_graph() -> None:
    graphs = random_graphs(5)
    batch = graphs.batch(np.arange(5))
    values = torch.randn(len(batch.types), 3, requires_grad=True)
    means = batch.mean(values)
    for number in range(5):
        torch.testing.assert_close(means[number], values[batch.graph == number].mean(dim=0))
    means.sum().backward()
    assert values.grad is not None
    torch.testing.assert_close(values.grad[:, 0], 1 / batch.counts[batch.graph])


def test_batches_hold_each_graph_once_and_small_ones_first() -> None:
    graphs = random_graphs(11, seed=3)
    found = list(graphs.batches(4))
    assert [len(numbers) for numbers, _ in found] == [4, 4, 3]
    order = np.concatenate([numbers for numbers, _ in found])
    assert sorted(order) == list(range(11))
    assert (np.diff(graphs.node_counts[order]) >= 0).all()
    for numbers, batch in found:
        assert batch.counts.tolist() == graphs.node_counts[numbers].tolist()


def test_the_order_of_size_does_not_depend_on_the_order_of_rows() -> None:
    graphs = random_graphs(30)
    shuffled = graphs.take(np.random.default_rng(1).permutation(30))
    names = [[each.arch_ids[n] for n in each.by_size()] for each in (graphs, shuffled)]
    assert names[0] == names[1]


def test_packs_are_put_together() -> None:
    graphs = random_graphs(6)
    parts = [graphs.take(np.array(rows)) for rows in ([0, 1], [2], [3, 4, 5])]
    whole = concatenate(parts)
    for name in PackedGraphs.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(whole, name), getattr(graphs, name))
    with pytest.raises(ValueError, match="no packed graphs"):
        concatenate([])


def test_a_graph_without_edges_is_one() -> None:
    rng = np.random.default_rng(0)
    graphs = pack([random_graph(rng, 4), random_graph(rng, 1), random_graph(rng, 3)])
    batch = graphs.batch(np.array([1, 2]))
    assert batch.counts.tolist() == [1, 3]
    assert batch.edge_index.min() == 1


def test_arrays_that_do_not_fit_are_refused() -> None:
    graphs = random_graphs(3)
    with pytest.raises(ValueError, match=r"shapes of 3 packed graphs need \(\d+, 6\)"):
        replace(graphs, shapes=graphs.shapes[:, :5])
    with pytest.raises(ValueError, match="last starts"):
        replace(graphs, node_starts=graphs.node_starts + 1)
    empty = graphs.node_starts.copy()
    empty[1] = 0
    with pytest.raises(ValueError, match="needs a node"):
        replace(graphs, node_starts=empty)


def test_starts_end_at_the_sum() -> None:
    assert starts(np.array([2, 0, 3])).tolist() == [0, 2, 2, 5]
