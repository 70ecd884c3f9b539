"""What stands behind a backbone: a pooled classifier, a decoder, or a comparison of pieces.

Source: the decoders of TransNAS-Bench-101's public code, shrunken with the backbones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from nascast.networks.counts import Size
from nascast.networks.plan import Plan
from nascast.networks.planned import PlannedNetwork
from nascast.spaces.base import Architecture, NetworkScale, SearchSpace
from nascast.spaces.planned import PlannedSpace
from nascast.tasks.errors import TaskError

# Decoders are never narrower than this: below, one wide layer would cost as much as its overhead.
_NARROWEST = 8


@dataclass(frozen=True)
class Backbone:
    """One architecture at one size, without its head.

    Attributes:
        space: the space of ``arch``.
        arch: the architecture.
        scale: width and depth.
        image_size: side of the images in pixels.
        in_channels: channels of the images.
    """

    space: SearchSpace
    arch: Architecture
    scale: NetworkScale
    image_size: int
    in_channels: int = 3

    def plan(self, side: int) -> tuple[Plan, int]:
        """Return a plan up to the last feature map for images of ``side``, and that node.

        Raises:
            TaskError: the space's networks are not described as plans.
        """
        if not isinstance(self.space, PlannedSpace):
            raise TaskError(
                f"search space {self.space.name} cannot serve this task: it has no plan to put a "
                "head behind; derive it from nascast.spaces.planned.PlannedSpace"
            )
        plan = Plan()
        images = plan.input(self.in_channels, side)
        return plan, self.space.backbone(plan, images, self.arch, self.scale)


class Head(Protocol):
    """Makes and counts the network of a backbone with the head behind it."""

    def build(self, backbone: Backbone, outputs: int) -> nn.Module:
        """Build the network, initialised from torch's global generator."""
        ...

    def count(self, backbone: Backbone, outputs: int) -> Size:
        """Return parameters and MACs for one example, without building the network."""
        ...


class PooledHead:
    """The classifier that the space itself puts behind its backbone: ``(b, outputs)``."""

    def build(self, backbone: Backbone, outputs: int) -> nn.Module:
        """Build the space's own network."""
        part = backbone
        return part.space.build(part.arch, part.scale, outputs, part.in_channels)

    def count(self, backbone: Backbone, outputs: int) -> Size:
        """Return the size of the space's own network."""
        part = backbone
        return part.space.count(part.arch, part.scale, part.image_size, outputs, part.in_channels)


@dataclass(frozen=True)
class DecoderHead:
    """Transposed convolutions up to the size of the images: ``(b, outputs, H, W)``.

    A convolution on the feature map, then a transposed convolution for every doubling, each half
    as wide as the one before, then a convolution to the outputs.

    Attributes:
        activation: behind the last convolution, or None.
    """

    activation: str | None = None

    def plan(self, backbone: Backbone, outputs: int) -> Plan:
        """Return the plan of the whole network.

        Raises:
            TaskError: doubling the feature map never gives the size of the images.
        """
        side = backbone.image_size
        plan, x = backbone.plan(side)
        features = plan.shape(x)
        x = plan.conv_bn(x, features[0])
        while plan.shape(x)[1] < side:
            width = max(plan.channels(x) // 2, _NARROWEST)
            x = plan.activate(plan.batch_norm(plan.transposed_conv(x, width, 4, 2, 1)))
        if plan.shape(x)[1:] != (side, side):
            raise TaskError(
                f"a feature map of {features[1]} x {features[2]} cannot be doubled up to "
                f"{side} x {side}; choose an image size that every stride of "
                f"{backbone.space.name} divides"
            )
        x = plan.conv(x, outputs, bias=True)
        if self.activation is not None:
            plan.activate(x, self.activation)
        return plan

    def build(self, backbone: Backbone, outputs: int) -> nn.Module:
        """Build the network of the plan."""
        return PlannedNetwork(self.plan(backbone, outputs))

    def count(self, backbone: Backbone, outputs: int) -> Size:
        """Return the size of the plan."""
        plan = self.plan(backbone, outputs)
        return Size(plan.params(), plan.macs())


@dataclass(frozen=True)
class SiameseHead:
    """One backbone for all pieces of an image; a linear layer reads them side by side.

    Attributes:
        pieces: pieces of an image.
        piece_side: side of a piece in pixels, from that of the images.
    """

    pieces: int
    piece_side: Callable[[int], int]

    def _encoder(self, backbone: Backbone) -> Plan:
        plan, features = backbone.plan(self.piece_side(backbone.image_size))
        plan.global_pool(features)
        return plan

    def build(self, backbone: Backbone, outputs: int) -> nn.Module:
        """Build the network; see :class:`SiameseNetwork`."""
        plan = self._encoder(backbone)
        width = plan.channels(len(plan.nodes) - 1)
        return SiameseNetwork(PlannedNetwork(plan), width, self.pieces, outputs)

    def count(self, backbone: Backbone, outputs: int) -> Size:
        """Return the size; the encoder's MACs count once a piece."""
        plan = self._encoder(backbone)
        weights = plan.channels(len(plan.nodes) - 1) * self.pieces * outputs
        return Size(plan.params() + weights + outputs, self.pieces * plan.macs() + weights)


class SiameseNetwork(nn.Module):
    """Encodes each piece of an image and classifies all of them together.

    Shapes: pieces ``(b, p, c, h, w)`` to ``(b, outputs)``. The pieces of a batch go through the
    encoder at once, so that its batch norms see all of them alike.
    """

    def __init__(self, encoder: nn.Module, width: int, pieces: int, outputs: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.classifier = nn.Linear(width * pieces, outputs)

    def forward(self, pieces: Tensor) -> Tensor:
        """Return the logits."""
        flat = pieces.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        codes: Tensor = self.encoder(flat)
        logits: Tensor = self.classifier(codes.view(len(pieces), -1))
        return logits
