"""The networks of TransNAS-Bench-101 as plans: a stem, then modules of residual blocks or cells.

Source: Duan et al. 2021, "TransNAS-Bench-101: Improving Transferability and Generalizability of
Cross-Task Neural Architecture Search", section 3, and its public code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nascast.networks.cell_operations import factorised_reduce, relu_conv_bn
from nascast.networks.plan import Plan

# A cell's edge as (source node, target node, operation); node 0 is the input, node 3 the output.
Edge = tuple[int, int, str]
OUTPUT_NODE = 3
# Appends a block: the plan, the node to read, the channels of its output, its stride.
Block = Callable[[Plan, int, int, int], int]
_KERNELS = {"conv1x1": 1, "conv3x3": 3}


def plan_skeleton(
    plan: Plan,
    images: int,
    modules: str,
    block: Block,
    channels: int,
    repeats: int,
    stem_stride: int = 2,
) -> int:
    """Append stem and modules; returns the number of the last block's output.

    Args:
        plan: what is appended to.
        images: number of the node to read.
        modules: a digit a module: 1 keeps the shape, 2 doubles the channels, 3 halves the
            resolution, 4 does both. A module's first block does it.
        block: appends one block.
        channels: width of the stem.
        repeats: blocks in each module; 2 in the benchmark.
        stem_stride: stride of each of the stem's two convolutions; 2 in the benchmark.
    """
    x = plan.conv_bn(images, (channels + 1) // 2, 3, stem_stride, None)
    x = relu_conv_bn(plan, x, channels, 3, stem_stride)
    for digit in modules:
        channels *= 2 if digit in "24" else 1
        for number in range(repeats):
            x = block(plan, x, channels, 2 if digit in "34" and not number else 1)
    return x


def plan_residual_block(plan: Plan, x: int, channels: int, stride: int) -> int:
    """Append the block ``basic``: two convolutions beside the input, projected if shapes differ."""
    main = relu_conv_bn(plan, x, channels, 3, stride)
    main = relu_conv_bn(plan, main, channels, 3)
    if stride != 1 or channels != plan.channels(x):
        x = plan.conv_bn(x, channels, 1, stride, None)
    return plan.add(x, main)


def plan_cell(plan: Plan, x: int, channels: int, stride: int, edges: Sequence[Edge]) -> int:
    """Append a cell; the edges from its input change the shape, all others keep it.

    Operations on dead edges are left in, as nodes that nobody reads: the architecture owns their
    parameters. ``none`` leaves no node; a node without any live input is zero.
    """
    nodes = {0: x}
    for target in range(1, OUTPUT_NODE + 1):
        terms = [
            _plan_operation(plan, nodes[source], operation, channels, 1 if source else stride)
            for source, end, operation in edges
            if end == target and operation != "none"
        ]
        nodes[target] = plan.add(*terms) if terms else _plan_zeros(plan, x, channels, stride)
    return nodes[OUTPUT_NODE]


def _plan_operation(plan: Plan, x: int, operation: str, channels: int, stride: int) -> int:
    if operation != "skip_connect":
        return relu_conv_bn(plan, x, channels, _KERNELS[operation], stride)
    if stride == 1:
        return x
    return factorised_reduce(plan, x, channels)


def _plan_zeros(plan: Plan, x: int, channels: int, stride: int) -> int:
    """Append zeros of a block's output shape, still attached to ``x``."""
    if stride != 1:
        x = plan.max_pool(x, 1, stride)
    zeros = plan.zero(x)
    return plan.concat(*[zeros] * (channels // plan.channels(zeros)))
