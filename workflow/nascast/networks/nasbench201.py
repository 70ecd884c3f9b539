"""The NAS-Bench-201 network: stem, three stages of one repeated cell, residual reductions.

Source: Dong & Yang 2020, "NAS-Bench-201", section 2.1 and figure 1; module defaults are torch's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from nascast.networks.literal import LiteralModule
from nascast.networks.plan import Plan

STAGES = 3
# A cell's edge as (source node, target node, operation); node 0 is the input, node 3 the output.
Edge = tuple[int, int, str]
OUTPUT_NODE = 3


class ConvBN(nn.Sequential):
    """Convolution and batch norm; the ReLU in front of it is shared by all edges of a node."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(out_channels),
        )


class Cell(LiteralModule):
    """Four nodes; every node is the sum of its incoming edges' operations.

    Parameters of edges that cannot influence the output exist, because the architecture owns
    them, but are not computed with: the original multiplies their result by zero.

    Literally, those edges are computed as well, and each convolution has a ReLU of its own.

    Shapes: ``(n, c, h, w)`` to ``(n, c, h, w)``.
    """

    def __init__(self, edges: Sequence[Edge], channels: int) -> None:
        super().__init__()
        self.operations = nn.ModuleDict()
        for source, target, operation in edges:
            if operation == "nor_conv_3x3":
                self.operations[f"{source}_{target}"] = ConvBN(channels, channels, 3)
            elif operation == "nor_conv_1x1":
                self.operations[f"{source}_{target}"] = ConvBN(channels, channels, 1)
        self.present_edges = tuple(sorted(edge for edge in edges if edge[2] != "none"))
        self.live_edges = _edges_that_reach_the_output(edges)

    def forward(self, x: Tensor) -> Tensor:
        """Return the output node; zeros, still attached to ``x``, where nothing reaches it."""
        nodes: dict[int, Tensor] = {0: x}
        rectified: dict[int, Tensor] = {}
        edges = self.present_edges if self.literal else self.live_edges
        for target in range(1, OUTPUT_NODE + 1):
            total: Tensor | None = None
            for source, _, operation in (e for e in edges if e[1] == target):
                if source not in nodes:
                    # A node without a live input is zero. Pooling and skipping keep it zero, but a
                    # convolution's batch norm still adds its bias, as in the original.
                    nodes[source] = torch.zeros_like(x)
                value = self._operate(nodes, rectified, source, target, operation)
                total = value if total is None else total + value
            if total is not None:
                nodes[target] = total
        return nodes[OUTPUT_NODE] if OUTPUT_NODE in nodes else x * 0.0

    def _operate(
        self,
        nodes: dict[int, Tensor],
        rectified: dict[int, Tensor],
        source: int,
        target: int,
        operation: str,
    ) -> Tensor:
        if operation == "skip_connect":
            return nodes[source]
        if operation == "avg_pool_3x3":
            return nn.functional.avg_pool2d(
                nodes[source], 3, stride=1, padding=1, count_include_pad=False
            )
        if self.literal or source not in rectified:
            rectified[source] = torch.relu(nodes[source])
        return cast(Tensor, self.operations[f"{source}_{target}"](rectified[source]))


def _edges_that_reach_the_output(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    useful = {OUTPUT_NODE}
    live: list[Edge] = []
    for source, target, operation in sorted(edges, key=lambda edge: -edge[1]):
        if operation != "none" and target in useful:
            useful.add(source)
            live.append((source, target, operation))
    return tuple(sorted(live))


def plan_backbone(
    plan: Plan,
    images: int,
    edges: Sequence[Edge],
    channels: int,
    repeats: int,
    stem_stride: int = 1,
) -> int:
    """Append :class:`NASBench201Network` up to its last feature map; returns that node's number.

    Operations on dead edges are left in, as nodes that nobody reads: the architecture owns their
    parameters. ``none`` leaves no node; a node without any live input is a ``zero``.

    Args:
        plan: what is appended to.
        images: number of the node to read.
        edges: of the cell.
        channels: width of the stem.
        repeats: cells in each stage.
        stem_stride: stride of the first convolution.
    """
    x = plan.conv_bn(images, channels, 3, stem_stride, None)
    for stage in range(STAGES):
        if stage:
            x = _plan_reduction(plan, x)
        for _ in range(repeats):
            x = _plan_cell(plan, x, edges)
    return plan.activate(plan.batch_norm(x))


def _plan_cell(plan: Plan, x: int, edges: Sequence[Edge]) -> int:
    nodes, rectified = {0: x}, dict[int, int]()
    for target in range(1, OUTPUT_NODE + 1):
        terms = []
        for source, _, operation in (e for e in edges if e[1] == target and e[2] != "none"):
            y = nodes[source]
            if operation == "avg_pool_3x3":
                y = plan.avg_pool(y)
            elif operation != "skip_connect":
                if source not in rectified:
                    rectified[source] = plan.activate(y)
                kernel = 3 if operation == "nor_conv_3x3" else 1
                y = plan.conv_bn(rectified[source], plan.channels(y), kernel, activation=None)
            terms.append(y)
        nodes[target] = plan.add(*terms) if terms else plan.zero(x)
    return nodes[OUTPUT_NODE]


def _plan_reduction(plan: Plan, x: int) -> int:
    width = 2 * plan.channels(x)
    main = plan.conv_bn(plan.activate(x), width, 3, 2)
    main = plan.conv_bn(main, width, 3, activation=None)
    return plan.add(plan.conv(plan.avg_pool(x, 2, 2, 0), width, 1), main)


class Reduction(nn.Module):
    """The residual block between stages: halves the resolution, doubles the channels."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv_a = ConvBN(in_channels, out_channels, 3, stride=2)
        self.conv_b = ConvBN(out_channels, out_channels, 3)
        self.downsample = nn.Sequential(
            nn.AvgPool2d(2, stride=2), nn.Conv2d(in_channels, out_channels, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of both branches, without a ReLU behind it."""
        main = self.conv_b(torch.relu(self.conv_a(torch.relu(x))))
        return cast(Tensor, self.downsample(x) + main)


class NASBench201Network(nn.Module):
    """Stem, ``STAGES`` stages of ``repeats`` cells with reductions between, pooled classifier.

    Shapes: images ``(n, in_channels, h, w)`` to logits ``(n, num_classes)``; ``h`` and ``w`` must
    survive two halvings (and the stem's stride).
    """

    def __init__(
        self,
        edges: Sequence[Edge],
        channels: int,
        repeats: int,
        num_classes: int,
        in_channels: int = 3,
        stem_stride: int = 1,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(in_channels, channels, 3, stem_stride, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )
        blocks: list[nn.Module] = []
        for stage in range(STAGES):
            width = channels * 2**stage
            if stage:
                blocks.append(Reduction(width // 2, width))
            blocks.extend(Cell(edges, width) for _ in range(repeats))
        self.blocks = nn.Sequential(*blocks)
        width = channels * 2 ** (STAGES - 1)
        self.last = nn.BatchNorm2d(width)
        self.classifier = nn.Linear(width, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        features = torch.relu(self.last(self.blocks(self.stem(images))))
        return cast(Tensor, self.classifier(features.mean(dim=(2, 3))))
