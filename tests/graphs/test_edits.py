from __future__ import annotations

import pytest

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.edit_blocks import Frame, make_block
from nascast.graphs.edits import Edit, apply_edit, reverse_edit, what_is_wrong
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.normal_form import Operation, nodes_of_graph
from nascast.networks.plan import Plan

POST, BARE = Frame(None, "ReLU"), Frame(None, None)
SHAPE = (8, 8, 4)


def block(name: str, frame: Frame = POST) -> tuple[Operation, ...]:
    """A block that keeps the shape."""
    made = make_block(name, SHAPE, SHAPE, frame)
    assert made is not None
    return tuple(made)


def residual(*, bridge: bool = True) -> ComputationGraph:
    """Stem (nodes 1-3), a residual convolution (4, 5) and its sum (6), then pool and classifier.

    With a bridge, a convolution (7, 8) leads to a second sum (9) with the stem.
    """
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 8), 4)
    y = plan.add(x, plan.conv_bn(x, 4, activation=None))
    if bridge:
        y = plan.add(plan.conv_bn(y, 4, activation=None), plan.activate(x, "tanh"))
    plan.linear(plan.global_pool(y), 5)
    return graph_of_plan(plan)


def test_a_convolution_is_replaced() -> None:
    graph = residual(bridge=False)
    edit = Edit(3, (4, 5), (6,), block("conv1x1", BARE))
    edited = apply_edit(graph, edit)
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 8), 4)
    y = plan.add(x, plan.conv_bn(x, 4, 1, activation=None))
    plan.linear(plan.global_pool(y), 5)
    assert edited.same_as(graph_of_plan(plan))
    assert graph.flops.sum() - edited.flops.sum() == 2 * 8 * 16 * 64


def test_an_insertion_leaves_other_readers_alone() -> None:
    graph = residual(bridge=False)
    edited = apply_edit(graph, Edit(3, (), (6,), block("maxpool")))
    assert edited.type_names == [
        "Input", "Conv", "BatchNorm", "ReLU", "Maxpool", "Conv", "BatchNorm", "Add", "Mean",
        "MatMul", "Output",
    ]  # fmt: skip
    assert edited.edges.tolist() == [
        [0, 1], [1, 2], [2, 3], [3, 4], [3, 5], [4, 7], [5, 6], [6, 7], [7, 8], [8, 9], [9, 10],
    ]  # fmt: skip


def test_all_readers_move_to_the_new_part() -> None:
    graph = residual(bridge=False)
    stem = make_block("bottleneck/2", (8, 8, 3), SHAPE, POST)
    assert stem is not None
    edited = apply_edit(graph, Edit(0, (1, 2, 3), (4, 6), tuple(stem)))
    assert edited.type_names[:10] == ["Input", *["Conv", "BatchNorm", "ReLU"] * 3]
    assert [edge for edge in edited.edges.tolist() if edge[0] == 9] == [[9, 10], [9, 12]]


@pytest.mark.parametrize(
    ("source", "removed", "readers", "added"),
    [
        (3, (4, 5), (6,), "double3x3"),
        (3, (), (6,), "parallel3"),
        (3, (), (4, 6), "avgpool"),
        (0, (1, 2, 3), (4, 6), None),
    ],
)
def test_edits_are_undone(
    source: int, removed: tuple[int, ...], readers: tuple[int, ...], added: str | None
) -> None:
    graph = residual(bridge=False)
    made = make_block(added or "conv5x5", (8, 8, 4 if added else 3), SHAPE, POST)
    assert made is not None
    edit = Edit(source, removed, readers, tuple(made))
    edited = apply_edit(graph, edit)
    back = reverse_edit(graph, edit)
    assert apply_edit(edited, back).fingerprint() == graph.fingerprint()
    assert edited.fingerprint() != graph.fingerprint()
    again = reverse_edit(edited, back)
    assert apply_edit(apply_edit(edited, back), again).fingerprint() == edited.fingerprint()


def test_a_deletion_is_undone_by_an_insertion() -> None:
    graph = apply_edit(residual(bridge=False), Edit(3, (4, 5), (6,), block("double3x3")))
    second = Edit(6, (7, 8, 9), (10,), ())
    assert graph.type_names[6:11] == ["ReLU", "Conv", "BatchNorm", "ReLU", "Add"]
    shorter = apply_edit(graph, second)
    assert len(shorter) == len(graph) - 3
    back = reverse_edit(graph, second)
    assert (back.source, back.removed, back.readers) == (6, (), (7,))
    assert apply_edit(shorter, back).same_as(graph)


def test_sums_that_meet_become_one() -> None:
    graph = residual()
    types = graph.type_names
    bridge = (7, 8) if types[7] == "Conv" else (8, 9)
    tanh, total = types.index("Tanh"), len(types) - 4
    assert [types[n] for n in bridge] == ["Conv", "BatchNorm"]
    edit = Edit(6, bridge, (total,), ())
    edited = apply_edit(graph, edit)
    assert edited.type_names.count("Add") == 1
    readers = [edge[1] for edge in edited.edges.tolist()]
    assert readers.count(edited.type_names.index("Add")) == 3
    assert tanh in (7, 9)
    with pytest.raises(GraphError, match="two sums became one"):
        reverse_edit(graph, edit)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Edit(3, (4, 5), (6,), ()), "node 6 would read node 3 twice"),
        (Edit(3, (4, 5), (6,), (Operation("ReLU", (-1,), SHAPE, (8, 8, 5)),)), "expect shape"),
        (Edit(0, (1, 2, 3), (4,), block("conv1x1")), "node 6 reads the old part but is not"),
        (Edit(0, (1, 2), (4, 6), block("conv1x1")), "node 3 reads the old part but is not"),
        (Edit(3, (5,), (6,), block("maxpool")), "reads other nodes than its source"),
        (Edit(4, (), (6,), block("maxpool")), "a reader does not read the old part"),
        (Edit(3, (4, 5), (), block("conv1x1")), "node 6 reads the old part but is not"),
        (Edit(3, (), (), block("conv1x1")), "and something must read them"),
        (Edit(6, (4, 5), (6,), block("conv1x1")), "must stand behind its source"),
        (Edit(-1, (0,), (1,), block("conv1x1")), "must stand behind its source"),
    ],
)
def test_a_wrong_edit_is_refused(edit: Edit, message: str) -> None:
    graph = residual(bridge=False)
    with pytest.raises(GraphError, match=message):
        apply_edit(graph, edit)
    assert what_is_wrong(nodes_of_graph(graph), edit)
