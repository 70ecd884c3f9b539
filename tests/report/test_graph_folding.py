"""Chains fold to boxes, bundles to rows, and no operation or edge between boxes is lost."""

from __future__ import annotations

from nascast.report.graph_folding import Row, fold

NONE = (0, 0)


def test_a_residual_block_worked_out_by_hand() -> None:
    types = ["Input", "Conv", "BatchNorm", "ReLU", "Conv", "BatchNorm", "Add", "ReLU", "Mean",
             "MatMul", "Output"]  # fmt: skip
    kernels = [NONE, (3, 3), NONE, NONE, (1, 1), NONE, NONE, NONE, NONE, (1, 1), NONE]
    sizes = [(8, 8, 3), *[(8, 8, 4)] * 7, (1, 1, 4), (1, 1, 10), (1, 1, 10)]
    edges = [(i, i + 1) for i in range(10)] + [(3, 6)]
    folded = fold(types, kernels, sizes, edges)
    assert folded.boxes == (
        (Row("Input", "other", "8×8×3"), Row("Conv 3×3·BN·ReLU", "convolution", "8×8×4")),
        (Row("Conv 1×1·BN", "convolution", "8×8×4"),),
        (
            Row("Add·ReLU", "join", "8×8×4"),
            Row("Mean", "pool", "1×1×4"),
            Row("Linear", "linear", ""),
            Row("Output", "other", "1×1×10"),
        ),
    )
    assert folded.edges == ((0, 1), (0, 2), (1, 2))


def test_an_activation_that_others_read_too_stands_alone() -> None:
    types = ["Input", "ReLU", "Depthwise", "Maxpool", "Concat"]
    kernels = [NONE, NONE, (5, 5), NONE, NONE]
    edges = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4)]
    folded = fold(types, kernels, [(4, 4, 8)] * 5, edges)
    texts = [[row.text for row in box] for box in folded.boxes]
    assert texts == [["Input·ReLU"], ["DW 5×5"], ["MaxPool"], ["Concat"]]
    assert folded.edges == ((0, 1), (0, 2), (1, 3), (2, 3))


def test_very_long_chains_take_several_boxes() -> None:
    count = 25
    types, kernels = ["Conv"] * count, [(1, 1)] * count
    folded = fold(types, kernels, [(1, 1, 1)] * count, [(i, i + 1) for i in range(count - 1)])
    assert [len(box) for box in folded.boxes] == [10, 10, 5]
    assert folded.edges == ((0, 1), (1, 2))


def test_types_without_a_colour_have_the_neutral_kind() -> None:
    (box,) = fold(["Unknown"], [NONE], [(2, 3, 4)], []).boxes
    assert box == (Row("Unknown", "other", "2×3×4"),)
