from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.predictors.gennape.made_graphs import random_graph, random_graphs, unmerged

from nascast.predictors.gennape.packed import PackedGraphs, concatenate, starts

chosen = st.lists(st.integers(0, 6), min_size=1, max_size=9)
OF_KINDS = ("types", "shapes", "kernels", "bias", "kind_sizes")


def one(graphs: PackedGraphs, number: int) -> dict[str, NDArray[np.int64]]:
    """The arrays of one graph, cut out by hand."""
    kinds, nodes, edges = (
        slice(first[number], first[number + 1])
        for first in (graphs.kind_starts, graphs.node_starts, graphs.edge_starts)
    )
    found = {name: getattr(graphs, name)[kinds] for name in OF_KINDS}
    found |= {name: getattr(graphs, name)[nodes] for name in ("node_kinds", "node_sizes")}
    return found | {"edges": graphs.edges[edges]}


@given(chosen)
def test_taken_graphs_are_the_ones_of_those_numbers(numbers: list[int]) -> None:
    graphs = random_graphs(7)
    taken = graphs.take(np.array(numbers))
    assert taken.arch_ids == tuple(graphs.arch_ids[number] for number in numbers)
    assert taken.gflops.tolist() == [graphs.gflops[number] for number in numbers]
    for place, number in enumerate(numbers):
        for name, expected in one(graphs, number).items():
            found = one(taken, place)[name]
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)


@given(chosen)
def test_a_batch_numbers_kinds_and_nodes_through(numbers: list[int]) -> None:
    graphs = random_graphs(7)
    batch = graphs.batch(np.array(numbers))
    kinds, nodes = 0, 0
    edges, node_kinds = list[list[int]](), list[int]()
    kind_graphs, node_graphs = list[int](), list[int]()
    for place, number in enumerate(numbers):
        own = one(graphs, number)
        edges += (own["edges"] + nodes).tolist()
        node_kinds += (own["node_kinds"] + kinds).tolist()
        kind_graphs += [place] * len(own["types"])
        node_graphs += [place] * len(own["node_kinds"])
        kinds, nodes = kinds + len(own["types"]), nodes + len(own["node_kinds"])
    assert len(batch) == len(numbers)
    assert batch.edge_index.T.tolist() == edges
    assert batch.node_kinds.tolist() == node_kinds
    assert batch.kind_counts.tolist() == np.bincount(kind_graphs).tolist()
    assert batch.node_counts.tolist() == np.bincount(node_graphs).tolist()
    for name in (*OF_KINDS, "node_sizes"):
        rows = np.concatenate([one(graphs, number)[name] for number in numbers])
        assert getattr(batch, name).tolist() == rows.tolist()
    assert {batch.types.dtype, batch.node_kinds.dtype, batch.edge_index.dtype} == {torch.int64}


def test_means_count_each_node_of_the_network() -> None:
    graphs = random_graphs(5, most=20)
    batch = graphs.batch(np.arange(5))
    assert batch.node_sizes.max() > 1
    values = torch.randn(len(batch.types), 3, requires_grad=True)
    kind_graphs = torch.arange(5).repeat_interleave(batch.kind_counts)
    by_kind, by_node = batch.mean_of_kinds(values), batch.mean_of_nodes(values[batch.node_kinds])
    torch.testing.assert_close(by_kind, by_node)
    for number in range(5):
        own = kind_graphs == number
        each = values[own].repeat_interleave(batch.kind_sizes[own].long(), dim=0)
        torch.testing.assert_close(by_kind[number], each.mean(dim=0))
    by_kind.sum().backward()
    assert values.grad is not None
    torch.testing.assert_close(values.grad.sum(), torch.tensor(15.0))


def test_batches_hold_each_graph_once_and_small_ones_first() -> None:
    graphs = random_graphs(11, seed=3)
    found = list(graphs.batches(4))
    assert [len(numbers) for numbers, _ in found] == [4, 4, 3]
    order = np.concatenate([numbers for numbers, _ in found])
    assert sorted(order) == list(range(11))
    sizes = np.diff(graphs.kind_starts)
    assert (np.diff(sizes[order]) >= 0).all()
    for numbers, batch in found:
        assert batch.kind_counts.tolist() == sizes[numbers].tolist()


def test_the_order_of_size_does_not_depend_on_the_order_of_rows() -> None:
    graphs = random_graphs(30)
    shuffled = graphs.take(np.random.default_rng(1).permutation(30))
    names = [[each.arch_ids[n] for n in each.by_size()] for each in (graphs, shuffled)]
    assert names[0] == names[1]


def test_packs_are_put_together() -> None:
    graphs = random_graphs(6)
    parts = [graphs.take(np.array(rows)) for rows in ([0, 1], [2], [3, 4, 5])]
    whole = concatenate(parts)
    for field in fields(PackedGraphs):
        np.testing.assert_array_equal(getattr(whole, field.name), getattr(graphs, field.name))
    with pytest.raises(ValueError, match="no packed graphs"):
        concatenate([])


def test_a_graph_without_edges_is_one() -> None:
    rng = np.random.default_rng(0)
    graphs = unmerged([random_graph(rng, nodes) for nodes in (4, 1, 3)])
    batch = graphs.batch(np.array([1, 2]))
    assert batch.node_counts.tolist() == [1, 3]
    assert batch.edge_index.min() == 1


def test_arrays_that_do_not_fit_are_refused() -> None:
    graphs = random_graphs(3)
    with pytest.raises(ValueError, match=r"shapes of 3 packed graphs must be \(\d+, 6\)"):
        replace(graphs, shapes=graphs.shapes[:, :5])
    with pytest.raises(ValueError, match=r"node_sizes of 3 packed graphs must be"):
        replace(graphs, node_sizes=graphs.node_sizes[1:])
    with pytest.raises(ValueError, match=r"gflops of 3 packed graphs must be \(3,\)"):
        replace(graphs, gflops=graphs.gflops[1:])
    empty = graphs.node_starts.copy()
    empty[1] = 0
    with pytest.raises(ValueError, match="node_starts of packed graphs must rise"):
        replace(graphs, node_starts=empty)


def test_starts_end_at_the_sum() -> None:
    assert starts(np.array([2, 0, 3])).tolist() == [0, 2, 2, 5]
