from __future__ import annotations

import pytest

from nascast.graphs.edit_blocks import (
    BLOCKS,
    PATHS,
    POOLS,
    SOURCE,
    Frame,
    block_of,
    make_block,
)
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.normal_form import Operation, nodes_of_graph
from nascast.networks.plan import Plan

POST, PRE = Frame(None, "ReLU"), Frame("ReLU", None)


def names(block: list[Operation] | None) -> list[str]:
    assert block is not None
    return [
        f"{node.type}{node.kernel[0]}x{node.kernel[1]}" if node.kernel[0] else node.type
        for node in block
    ]


def test_a_convolution_in_either_frame() -> None:
    block = make_block("conv3x3", (8, 8, 4), (8, 8, 6), POST)
    assert names(block) == ["Conv3x3", "BatchNorm", "ReLU"]
    assert block is not None
    assert [node.inputs for node in block] == [(SOURCE,), (0,), (1,)]
    assert [node.params for node in block] == [9 * 4 * 6, 12, 0]
    assert [node.flops for node in block] == [2 * 9 * 4 * 6 * 64, 0, 0]
    assert names(make_block("conv3x3", (8, 8, 4), (8, 8, 6), PRE)) == [
        "ReLU",
        "Conv3x3",
        "BatchNorm",
    ]
    bare = make_block("conv1x1", (8, 8, 4), (8, 8, 6), Frame(None, None))
    assert names(bare) == ["Conv1x1", "BatchNorm"]


def test_a_strided_bottleneck() -> None:
    frame = Frame("ReLU", "ReLU6", "Swish")
    block = make_block("bottleneck/4", (8, 8, 12), (4, 4, 16), frame)
    assert names(block) == [
        "ReLU", "Conv1x1", "BatchNorm", "Swish", "Conv3x3", "BatchNorm", "Swish",
        "Conv1x1", "BatchNorm", "ReLU6",
    ]  # fmt: skip
    assert block is not None
    convs = [node for node in block if node.type == "Conv"]
    # The kernel that sees neighbours has the stride.
    assert [node.written for node in convs] == [(8, 8, 4), (4, 4, 4), (4, 4, 16)]
    assert [node.flops for node in convs] == [2 * 48 * 64, 2 * 144 * 16, 2 * 64 * 16]


def test_a_depthwise_convolution_keeps_its_channels() -> None:
    block = make_block("depthwise5x5-conv1x1", (8, 8, 4), (4, 4, 6), POST)
    assert names(block) == ["Depthwise5x5", "BatchNorm", "ReLU", "Conv1x1", "BatchNorm", "ReLU"]
    assert block is not None
    assert block[0].written == (4, 4, 4)
    assert (block[0].params, block[0].flops) == (100, 2 * 100 * 16)
    wide = make_block("inverted*2", (8, 8, 4), (8, 8, 6), POST)
    assert wide is not None
    assert [node.written[2] for node in wide if node.type in ("Conv", "Depthwise")] == [12, 12, 6]


def test_parallel_paths_share_the_channels() -> None:
    block = make_block("parallel3", (8, 8, 4), (8, 8, 6), PRE)
    assert names(block) == [
        "ReLU", "Conv1x3", "BatchNorm", "Conv3x1", "BatchNorm", "Concat",
    ]  # fmt: skip
    assert block is not None
    assert [node.inputs for node in block] == [(SOURCE,), (0,), (1,), (0,), (3,), (2, 4)]
    assert [node.written[2] for node in block] == [4, 3, 3, 3, 3, 6]


@pytest.mark.parametrize(
    ("name", "read", "written"),
    [
        # A block that cannot make the channels or the size.
        ("maxpool", (8, 8, 4), (8, 8, 6)),
        ("avgpool", (8, 8, 4), (9, 9, 4)),
        ("parallel3", (8, 8, 4), (8, 8, 5)),
        ("bottleneck/4", (8, 8, 4), (8, 8, 3)),
        ("depthwise3x3-conv1x1", (8, 8, 1), (8, 8, 4)),
        ("conv3x3", (8, 8, 4), (9, 9, 4)),
        ("conv1x1", (7, 7, 4), (5, 5, 4)),
    ],
)
def test_some_blocks_do_not_fit(
    name: str, read: tuple[int, int, int], written: tuple[int, int, int]
) -> None:
    assert make_block(name, read, written, POST) is None


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("written", [(8, 8, 16), (4, 4, 16)])
def test_every_block_reads_and_writes_what_it_should(
    name: str, written: tuple[int, int, int]
) -> None:
    read = (8, 8, 16)
    block = make_block(name, read, written, POST)
    assert block is not None
    assert block[-1].written == written
    for place, node in enumerate(block):
        sources = [read if i == SOURCE else block[i].written for i in node.inputs]
        if node.type == "Concat":
            assert sum(source[2] for source in sources) == written[2]
        else:
            assert sources == [node.read]
        assert all(i < place for i in node.inputs)
    convs = sum(node.type in ("Conv", "Depthwise") for node in block)
    assert convs == sum(node.type == "BatchNorm" for node in block)
    assert bool(convs) == (name in PATHS) == (name not in POOLS)


def test_nodes_of_a_graph_as_a_block() -> None:
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 8), 4)
    plan.conv_bn(x, 6, 3, 2)
    nodes = nodes_of_graph(graph_of_plan(plan))
    assert block_of(nodes, (4, 5, 6), 3) == make_block("conv3x3", (8, 8, 4), (4, 4, 6), POST)
    assert block_of(nodes, (), 3) == []
