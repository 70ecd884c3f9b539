"""Search spaces whose networks are described as plans; counting and building follow from the plan.

A space of this kind says what it searches (sample, parse, neighbours, cell graph) and how a network
reads, operation by operation (:meth:`PlannedSpace.backbone`). Everything else comes from the plan.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nascast.networks.plan import Plan
from nascast.networks.plan_paths import conv_count, mean_path_convs
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space, pick

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from nascast.networks.counts import Size


class PlannedSpace(ABC):
    """Base of spaces whose networks are plans; see :class:`nascast.spaces.base.SearchSpace`."""

    name: str
    operations: tuple[str, ...]
    published: NetworkScale
    published_image_size: int

    @abstractmethod
    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw one architecture at random, as the space's paper does."""

    @abstractmethod
    def parse(self, spec: str) -> Architecture:
        """Read a spec; raises ValueError naming what is wrong with it."""

    @abstractmethod
    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield every architecture that differs from ``arch`` in one decision, each once."""

    @abstractmethod
    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return what is searched as a graph with operations on nodes."""

    @abstractmethod
    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append the network up to its last feature map ``(channels, height, width)``.

        Args:
            plan: what is appended to.
            images: number of the node to read.
            arch: the architecture.
            scale: its size.

        Returns:
            The number of the last node.
        """

    def classifier(self, plan: Plan, features: int, num_classes: int) -> int:
        """Append what turns the last feature map into logits: global pool and linear layer."""
        return plan.linear(plan.global_pool(features), num_classes)

    def mutate(self, arch: Architecture, rng: np.random.Generator) -> Architecture:
        """Draw one neighbour uniformly."""
        return pick(self.neighbours(arch), rng)

    def prune(self, arch: Architecture) -> Architecture:
        """Return ``arch``: in most spaces every part lies on an input-output path."""
        return arch

    def is_dead(self, arch: Architecture) -> bool:
        """Return False: in most spaces every architecture has an input-output path."""
        return False

    def image_size(self, arch: Architecture, base: int) -> int:
        """Return ``base``: in most spaces the resolution is not searched."""
        return base

    def conv_count(self, arch: Architecture) -> int:
        """Return the number of convolutions of the published network, stem included."""
        return conv_count(self.plan(arch, self.published, self.published_image_size))

    def mean_path_convs(self, arch: Architecture) -> float:
        """Return the mean number of convolutions along an input-output path of that network."""
        return mean_path_convs(self.plan(arch, self.published, self.published_image_size))

    def plan(
        self,
        arch: Architecture,
        scale: NetworkScale,
        image_size: int,
        num_classes: int = 10,
        in_channels: int = 3,
    ) -> Plan:
        """Return the classifier's network at a scale as primitive operations with shapes."""
        check_space(self, arch)
        plan = Plan()
        features = self.backbone(plan, plan.input(in_channels, image_size), arch, scale)
        self.classifier(plan, features, num_classes)
        return plan

    def count(
        self,
        arch: Architecture,
        scale: NetworkScale,
        image_size: int,
        num_classes: int = 10,
        in_channels: int = 3,
    ) -> Size:
        """Return parameters and MACs of the network at a scale, without building it."""
        from nascast.networks.counts import Size

        plan = self.plan(arch, scale, image_size, num_classes, in_channels)
        return Size(plan.params(), plan.macs())

    def build(
        self, arch: Architecture, scale: NetworkScale, num_classes: int, in_channels: int = 3
    ) -> nn.Module:
        """Build the network at a scale, initialised from torch's global generator."""
        from nascast.networks.planned import PlannedNetwork

        # Shapes of the plan only serve to count, so any image size builds the same network.
        size = self.published_image_size
        return PlannedNetwork(self.plan(arch, scale, size, num_classes, in_channels))
