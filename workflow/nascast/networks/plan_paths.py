"""Counts along the paths of a plan: convolutions in all, and on the mean input-output path."""

from __future__ import annotations

from nascast.networks.plan import Plan

CONVOLUTIONS = ("conv", "transposed_conv")


def conv_count(plan: Plan) -> int:
    """Return the number of convolutions."""
    return sum(node.op in CONVOLUTIONS for node in plan.nodes)


def mean_path_convs(plan: Plan) -> float:
    """Return the mean number of convolutions over all paths from the images to the last node.

    Paths are counted node by node, never listed: a residual network has 2 to the power of its
    depth of them. A path through zeros is none; without any path the mean is 0.
    """
    paths: list[int] = []
    convolutions: list[int] = []
    for node in plan.nodes:
        if node.op == "zero":
            count, total = 0, 0
        elif node.inputs:
            count = sum(paths[i] for i in node.inputs)
            total = sum(convolutions[i] for i in node.inputs)
            total += count * (node.op in CONVOLUTIONS)
        else:
            count, total = 1, 0
        paths.append(count)
        convolutions.append(total)
    return convolutions[-1] / paths[-1] if paths[-1] else 0.0
