from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nascast.graphs.computation import TYPES, ComputationGraph, GraphError, type_number


def chain() -> ComputationGraph:
    """Input, a convolution from 3 to 4 channels on 8 pixels, output."""
    return ComputationGraph(
        types=np.array([1, 3, 2], dtype=np.int8),
        shapes=np.array([[8, 8, 3] * 2, [8, 8, 3, 8, 8, 4], [8, 8, 4] * 2], dtype=np.int32),
        kernels=np.array([[0, 0], [3, 3], [0, 0]], dtype=np.int16),
        bias=np.array([False, True, False]),
        flops=np.array([0, 2 * 108 * 64, 0]),
        params=np.array([0, 112, 0]),
        edges=np.array([[0, 1], [1, 2]], dtype=np.int32),
    )


def test_the_vocabulary_has_26_types_and_one_for_the_rest() -> None:
    assert len(TYPES) == 27
    assert TYPES[type_number("GeLU")] == "GeLU"
    assert chain().type_names == ["Input", "Conv", "Output"]
    assert len(chain()) == 3


def test_graphs_are_compared_in_full() -> None:
    graph = chain()
    assert graph.same_as(chain())
    for name in ("types", "shapes", "kernels", "flops", "params"):
        changed = getattr(graph, name).copy()
        changed.flat[1] += 1
        assert not graph.same_as(replace(graph, **{name: changed}))
    assert not graph.same_as(replace(graph, edges=graph.edges[:1]))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"shapes": np.zeros((3, 5), np.int32)}, r"shapes of a graph of 3 nodes need \(3, 6\)"),
        ({"bias": np.zeros(2, bool)}, r"bias of a graph of 3 nodes need \(3,\), got \(2,\)"),
        ({"types": np.array([1, 3, 27], np.int8)}, "numbers from 0 to 26"),
        ({"edges": np.array([[1, 0]], np.int32)}, "from a node to a later one"),
        ({"edges": np.array([[1, 3]], np.int32)}, "of the same graph"),
    ],
)
def test_what_is_no_graph_is_refused(change: dict[str, np.ndarray], says: str) -> None:
    with pytest.raises(GraphError, match=says):
        replace(chain(), **change)
