"""A supernet of the NAS-Bench-201 cell: one network that owns the weights of every architecture.

Source: Bender et al. 2018, "Understanding and Simplifying One-Shot Architecture Search", and Li &
Talwalkar 2019, "Random Search and Reproducibility for Neural Architecture Search"; operations and
their norms as in NASLib, where White et al. 2021 trained both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from nascast.networks.nasbench201 import OUTPUT_NODE, Cell, ConvBN, Edge, NASBench201Network


class SharedCell(Cell):
    """A cell with every candidate operation on every edge, each with weights of its own.

    It has no literal way to compute: what runs is said anew at each call.

    Args:
        edges: source and target of each edge.
        candidates: the operations.
        channels: width.
    """

    def __init__(
        self, edges: Sequence[tuple[int, int]], candidates: Sequence[str], channels: int
    ) -> None:
        super().__init__((), channels)
        self.mixed_edges = [(*edge, operation) for edge in edges for operation in candidates]
        self.share = 1 / len(candidates)
        for mixed in self.mixed_edges:
            for edge, operation in Cell([mixed], channels).operations.items():
                conv_bn = cast(ConvBN, operation)
                conv_bn[1] = nn.BatchNorm2d(channels, affine=False, track_running_stats=False)
                self.operations[f"{edge}_{mixed[2]}"] = conv_bn

    def forward(self, x: Tensor, edges: Sequence[Edge] | None = None) -> Tensor:
        """Return the output node.

        Args:
            x: ``(n, c, h, w)``.
            edges: what runs, none twice; None gives each edge the mean of its candidates.
        """
        nodes, rectified = {0: x}, dict[int, Tensor]()
        running = self.mixed_edges if edges is None else edges
        for target in range(1, OUTPUT_NODE + 1):
            total: Tensor | None = None
            for edge in running:
                if edge[1] == target and edge[2] != "none":
                    value = self._operate(nodes, rectified, *edge)
                    total = value if total is None else total + value
            if total is None:
                total = x * 0.0
            elif edges is None:
                total = total * self.share
            nodes[target] = total
        return nodes[OUTPUT_NODE]

    def _operate(
        self,
        nodes: dict[int, Tensor],
        rectified: dict[int, Tensor],
        source: int,
        target: int,
        operation: str,
    ) -> Tensor:
        name = f"{source}_{target}_{operation}"
        if name not in self.operations:
            return super()._operate(nodes, rectified, source, target, operation)
        if source not in rectified:
            rectified[source] = torch.relu(nodes[source])
        value: Tensor = self.operations[name](rectified[source])
        return value


class Supernet(NASBench201Network):
    """The NAS-Bench-201 network with a :class:`SharedCell` in the place of each cell.

    Norms behind candidate operations have no scale and no shift; those of stem, reductions and
    head, which all architectures share, have both. No norm keeps running statistics: those over all
    architectures, or over their mix, would fit no single one. In evaluation mode as well as in
    training mode, each mini-batch is normalised by itself.

    Shapes: images ``(n, in_channels, h, w)`` to logits ``(n, num_classes)``.

    Args:
        edges: source and target of each edge, in the order of a choice.
        operations: candidates on each edge, in the order that a choice counts them.
        channels: width of the stem.
        repeats: cells in each stage.
        num_classes: outputs of the classifier.
        in_channels: channels of the images.
        stem_stride: stride of the first convolution.
    """

    def __init__(
        self,
        edges: Sequence[tuple[int, int]],
        operations: Sequence[str],
        channels: int,
        repeats: int,
        num_classes: int,
        in_channels: int = 3,
        stem_stride: int = 1,
    ) -> None:
        super().__init__((), channels, repeats, num_classes, in_channels, stem_stride)
        self.edges, self.candidates = tuple(edges), tuple(operations)
        for position, block in enumerate(self.blocks):
            if isinstance(block, Cell):
                stage = position // (repeats + 1)  # one reduction between stages
                self.blocks[position] = SharedCell(edges, operations, channels * 2**stage)
        for norm in self.modules():
            if isinstance(norm, nn.BatchNorm2d):
                _forget_statistics(norm)

    def forward(self, images: Tensor, choice: Sequence[int] | None = None) -> Tensor:
        """Return the logits of one architecture, or of the mean of all operations on each edge.

        Args:
            images: normalised images.
            choice: number of the operation on each edge; only these run. None mixes them all.
        """
        return self.classify(self.stem(images), choice)

    def classify(self, features: Tensor, choice: Sequence[int] | None = None) -> Tensor:
        """Return the logits of what the stem, which architectures have in common, has computed."""
        chosen = None if choice is None else self._chosen(choice)
        for block in self.blocks:
            is_cell = isinstance(block, SharedCell)
            features = block(features, chosen) if is_cell else block(features)
        pooled = torch.relu(self.last(features)).mean(dim=(2, 3))
        logits: Tensor = self.classifier(pooled)
        return logits

    def _chosen(self, choice: Sequence[int]) -> list[Edge]:
        return [
            (source, target, self.candidates[number])
            for (source, target), number in zip(self.edges, choice, strict=True)
        ]


def _forget_statistics(norm: nn.BatchNorm2d) -> None:
    norm.track_running_stats = False
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        norm.register_buffer(name, None)
