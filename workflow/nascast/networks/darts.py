"""The network of a DARTS genotype as a plan: normal cells, and two reduction cells between them.

Source: Liu et al. 2019, "DARTS: Differentiable Architecture Search", sections 2.1 and 3.2, and its
public code's evaluation network without auxiliary head and drop path. NAS-Bench-301 trains the same
network with 8 cells and 32 channels (Zela et al. 2022, section 3).
"""

from __future__ import annotations

from collections.abc import Sequence

from nascast.networks.cell_operations import factorised_reduce, relu_conv_bn
from nascast.networks.plan import Plan

# A cell's edge as (operation, source); two edges a node, in the order of the nodes.
Edge = tuple[str, int]
STEM_MULTIPLIER = 3
_CONVOLUTIONS = {"sep_conv": (1, 2), "dil_conv": (2, 1)}  # dilation, how many in a row


def plan_backbone(
    plan: Plan,
    images: int,
    normal: Sequence[Edge],
    reduce: Sequence[Edge],
    channels: int,
    repeats: int,
    stem_stride: int = 1,
) -> int:
    """Append stem and cells; returns the number of the last cell's output.

    Each of the three stages has ``repeats`` normal cells; a reduction cell, which doubles the
    channels and halves the resolution, ends the first and the second.

    Args:
        plan: what is appended to.
        images: number of the node to read.
        normal: edges of the normal cell.
        reduce: edges of the reduction cell.
        channels: of every node in the first stage; a cell's output has four times as many.
        repeats: normal cells in each stage.
        stem_stride: stride of the first convolution.
    """
    stem = plan.conv_bn(images, STEM_MULTIPLIER * channels, 3, stem_stride, None)
    before_last, last, was_reduction = stem, stem, False
    for layer in range(3 * repeats + 2):
        is_reduction = layer in (repeats, 2 * repeats + 1)
        channels *= 2 if is_reduction else 1
        if was_reduction:
            first = factorised_reduce(plan, before_last, channels)
        else:
            first = relu_conv_bn(plan, before_last, channels, 1)
        inputs = (first, relu_conv_bn(plan, last, channels, 1))
        cell, stride = (reduce, 2) if is_reduction else (normal, 1)
        before_last, last = last, plan_cell(plan, inputs, cell, stride)
        was_reduction = is_reduction
    return last


def plan_cell(plan: Plan, inputs: tuple[int, int], edges: Sequence[Edge], stride: int) -> int:
    """Append a cell behind its preprocessed inputs; returns the concatenation of its nodes."""
    nodes = [*inputs]
    for position in range(0, len(edges), 2):
        terms = [
            plan_operation(plan, nodes[source], operation, stride if source < 2 else 1)
            for operation, source in edges[position : position + 2]
        ]
        nodes.append(plan.add(*terms))
    return plan.concat(*nodes[2:])


def plan_operation(plan: Plan, x: int, operation: str, stride: int) -> int:
    """Append one of the seven operations.

    Pools have no batch norm: the public code gives them one only in the network that is searched.
    """
    if operation == "skip_connect":
        return x if stride == 1 else factorised_reduce(plan, x, plan.channels(x))
    if operation == "max_pool_3x3":
        return plan.max_pool(x, 3, stride)
    if operation == "avg_pool_3x3":
        return plan.avg_pool(x, 3, stride)
    dilation, repeats = _CONVOLUTIONS[operation[:8]]
    kernel, channels = int(operation[-1]), plan.channels(x)
    for number in range(repeats):
        step = 1 if number else stride
        x = plan.activate(x)
        x = plan.conv(x, channels, kernel, step, groups=channels, dilation=dilation)
        x = plan.batch_norm(plan.conv(x, channels, 1))
    return x
