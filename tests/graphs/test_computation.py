from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nascast.graphs.computation import (
    DTYPES,
    TYPES,
    ComputationGraph,
    GraphError,
    depended_on,
    type_number,
)


def graph(names: list[str], edges: list[tuple[int, int]], **columns: object) -> ComputationGraph:
    """A graph of nodes on single pixels of one channel."""
    count = len(names)
    given: dict[str, object] = {
        "shapes": np.ones((count, 6)),
        "kernels": np.zeros((count, 2)),
        "bias": np.zeros(count),
        "flops": np.zeros(count),
        "params": np.zeros(count),
    }
    types = np.array([type_number(name) for name in names])
    pairs = np.array(sorted(edges), dtype=np.int32).reshape(-1, 2)
    return ComputationGraph(**{**given, **columns}, types=types, edges=pairs)


def diamond() -> ComputationGraph:
    """An input read by a convolution and a pool, their sum, and its output."""
    names = ["Input", "Conv", "Maxpool", "Add", "Output"]
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)]
    kernels = np.array([[0, 0], [3, 3], [0, 0], [0, 0], [0, 0]])
    bias, flops, params = np.eye(1, 5, 1)[0], [0, 18, 0, 0, 0], [0, 10, 0, 0, 0]
    return graph(names, edges, kernels=kernels, bias=bias, flops=flops, params=params)


def test_the_vocabulary_has_26_types_and_one_for_the_rest() -> None:
    assert len(TYPES) == 27
    assert TYPES[type_number("GeLU")] == "GeLU"
    assert diamond().type_names == ["Input", "Conv", "Maxpool", "Add", "Output"]
    assert len(diamond()) == 5
    assert diamond().predecessors == [[], [0], [0], [1, 2], [3]]


def test_arrays_have_their_types_and_cannot_be_written_to() -> None:
    mine = np.array([0, 18, 0, 0, 0])
    given = replace(diamond(), flops=mine)
    for name, dtype in DTYPES.items():
        assert getattr(given, name).dtype == dtype
    with pytest.raises(ValueError, match="read-only"):
        given.flops[1] = 1
    mine[0] = 1  # the caller's own array stays as it was


def test_graphs_are_compared_in_full() -> None:
    one = diamond()
    assert one.same_as(diamond())
    for name in ("types", "shapes", "kernels", "flops", "params"):
        changed = getattr(one, name).copy()
        changed.flat[len(changed.flat) // len(one)] += 1  # the convolution's first number
        other = replace(one, **{name: changed})
        assert not one.same_as(other)
        assert one.fingerprint() != other.fingerprint()
    fewer = replace(one, edges=one.edges[[0, 1, 2, 4]])
    assert not one.same_as(fewer)
    assert one.fingerprint() != fewer.fingerprint()


def shuffled(one: ComputationGraph, rng: np.random.Generator) -> ComputationGraph:
    """The same graph with its nodes in another order in which they can run."""
    waiting, order = one.predecessors, list[int]()
    while len(order) < len(one):
        ready = [n for n in range(len(one)) if n not in order and set(waiting[n]) <= set(order)]
        order.append(int(rng.choice(ready)))
    place = np.argsort(order)
    edges = np.array(sorted(place[one.edges].tolist()), dtype=np.int32).reshape(-1, 2)
    columns = {name: getattr(one, name)[order] for name in DTYPES if name != "edges"}
    return ComputationGraph(**columns, edges=edges)


@st.composite
def graphs(draw: st.DrawFn) -> ComputationGraph:
    """Random graphs of inputs, sums and rectifiers, with an output behind some nodes."""
    names, edges = ["Input"], list[tuple[int, int]]()
    for node in range(1, draw(st.integers(2, 12))):
        sources = draw(st.sets(st.integers(0, node - 1), max_size=3))
        sources -= {n for n in sources if names[n] == "Output"}
        names.append(draw(st.sampled_from(["Add", "ReLU", "Output"])) if sources else "Input")
        edges += [(source, node) for source in sources]
    return graph(names, edges)


@given(one=graphs(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_a_fingerprint_knows_no_order(one: ComputationGraph, seed: int) -> None:
    assert shuffled(one, np.random.default_rng(seed)).fingerprint() == one.fingerprint()


def test_a_fingerprint_tells_wirings_apart() -> None:
    names = ["Input", "ReLU", "ReLU", "Add", "Add", "Output"]
    crossed = graph(names, [(0, 1), (0, 2), (1, 3), (2, 3), (1, 4), (3, 4), (4, 5)])
    straight = graph(names, [(0, 1), (1, 2), (1, 3), (2, 3), (0, 4), (3, 4), (4, 5)])
    assert crossed.fingerprint() != straight.fingerprint()
    assert len(crossed.fingerprint()) == 32


def test_pruning_keeps_what_an_output_depends_on() -> None:
    names = ["Input", "ReLU", "Tanh", "Input", "Add", "Output"]
    one = graph(names, [(0, 1), (0, 2), (2, 4), (0, 4), (4, 5)], flops=[0, 7, 0, 0, 0, 0])
    pruned = one.prune()
    assert pruned.type_names == ["Input", "Tanh", "Add", "Output"]
    assert pruned.edges.tolist() == [[0, 1], [0, 2], [1, 2], [2, 3]]
    assert pruned.flops.sum() == 0
    assert pruned.prune().same_as(pruned)
    assert diamond().prune().same_as(diamond())


def test_dependence_runs_backwards() -> None:
    assert depended_on([[], [0], [0], [2], [1]], [3]) == [0, 2, 3]
    assert depended_on([[], [0]], []) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"shapes": np.zeros((5, 5))}, r"shapes of a graph of 5 nodes need \(5, 6\)"),
        ({"bias": np.zeros(2)}, r"bias of a graph of 5 nodes need \(5,\), got \(2,\)"),
        ({"edges": np.zeros((4, 3))}, r"edges of a graph of 5 nodes need \(4, 2\)"),
        ({"types": [1, 3, 27, 9, 2]}, "numbers from 0 to 26"),
        ({"types": [1, 3, -1, 9, 2]}, "numbers from 0 to 26"),
        ({"params": [0, -1, 0, 0, 0]}, "params of a graph must not be negative"),
        ({"kernels": np.ones((5, 2))}, "node 0 is Input, which has neither kernel nor bias"),
        ({"bias": [False, True, True, False, False]}, "node 2 is Maxpool"),
        ({"edges": [[1, 0]]}, "from a node to a later one"),
        ({"edges": [[1, 5]]}, "of the same graph"),
        ({"edges": [[-1, 2]]}, "from a node to a later one"),
        ({"edges": [[0, 2], [0, 1], [1, 3], [3, 4]]}, "sorted"),
        ({"edges": [[0, 1], [0, 1], [0, 2], [1, 3], [3, 4]]}, "each given once"),
        ({"edges": [[0, 1], [0, 2], [1, 3]]}, "node 4 is no Input, but reads nothing"),
        ({"types": [1, 3, 1, 9, 2]}, "node 2 is an Input, which reads a node"),
    ],
)
def test_what_is_no_graph_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(GraphError, match=says):
        replace(diamond(), **change)
