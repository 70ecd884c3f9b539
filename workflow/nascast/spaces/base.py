"""What every search space offers, and the value types that all rooms share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from nascast.networks.counts import Size
    from nascast.networks.plan import Plan


@dataclass(frozen=True, slots=True)
class Architecture:
    """One architecture of a search space.

    Attributes:
        space: registered name of the search space, e.g. ``"nasbench201"``.
        spec: canonical text form in the field's own notation.
        canonical_id: equal for isomorphic architectures of the same space.
    """

    space: str
    spec: str
    canonical_id: str

    @property
    def arch_id(self) -> str:
        """Stable identifier: the space and 64 bits of a hash of the spec."""
        digest = hashlib.blake2b(self.spec.encode(), digest_size=8).hexdigest()
        return f"{self.space}-{digest}"


@dataclass(frozen=True, slots=True)
class CellGraph:
    """A cell as a directed acyclic graph with its operations on the nodes.

    Attributes:
        operations: one name a node; the first is ``"input"``, the last ``"output"``.
        edges: pairs ``(source, target)`` with ``source < target``, sorted.
    """

    operations: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NetworkScale:
    """How large a network is built from an architecture.

    Attributes:
        channels: width of the stem (C).
        repeats: cells in each stage (N); families whose depth is searched leave it at 1.
        stem_stride: stride of the first convolution; 2 quarters the cost of shrunken networks.
    """

    channels: int
    repeats: int
    stem_stride: int = 1

    def __post_init__(self) -> None:
        for field in ("channels", "repeats", "stem_stride"):
            if getattr(self, field) < 1:
                raise ValueError(
                    f"NetworkScale.{field} must be at least 1, got {getattr(self, field)}"
                )


@runtime_checkable
class SearchSpace(Protocol):
    """The contract of a search space.

    Attributes:
        name: registered name; architectures carry it as ``space``.
        operations: what a node of a cell graph may be, beside ``input`` and ``output``.
        published: scale of the networks in the paper.
        published_image_size: side of the paper's images in pixels.
    """

    name: str
    operations: tuple[str, ...]
    published: NetworkScale
    published_image_size: int

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw one architecture at random, as the space's paper does."""
        ...

    def parse(self, spec: str) -> Architecture:
        """Read a spec; raises ValueError naming what is wrong with it."""
        ...

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield every architecture that differs from ``arch`` in one decision, each once."""
        ...

    def mutate(self, arch: Architecture, rng: np.random.Generator) -> Architecture:
        """Draw one neighbour uniformly."""
        ...

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return what is searched as a graph with operations on nodes."""
        ...

    def prune(self, arch: Architecture) -> Architecture:
        """Return the architecture without what lies on no input-output path."""
        ...

    def is_dead(self, arch: Architecture) -> bool:
        """Return whether no path leads from the images to the classifier."""
        ...

    def conv_count(self, arch: Architecture) -> int:
        """Return the number of convolutions in what is searched, dead ones included."""
        ...

    def mean_path_convs(self, arch: Architecture) -> float:
        """Return the mean number of convolutions along an input-output path; 0 without one."""
        ...

    def image_size(self, arch: Architecture, base: int) -> int:
        """Return the side that images of ``base`` pixels are resized to before they enter.

        It is ``base``, but in spaces that search the resolution.
        """
        ...

    def count(
        self,
        arch: Architecture,
        scale: NetworkScale,
        image_size: int,
        num_classes: int = 10,
        in_channels: int = 3,
    ) -> Size:
        """Return parameters and MACs of the network at a scale, without building it."""
        ...

    def plan(
        self,
        arch: Architecture,
        scale: NetworkScale,
        image_size: int,
        num_classes: int = 10,
        in_channels: int = 3,
    ) -> Plan:
        """Return the network at a scale as primitive operations with shapes."""
        ...

    def build(
        self, arch: Architecture, scale: NetworkScale, num_classes: int, in_channels: int = 3
    ) -> nn.Module:
        """Build the network at a scale, initialised from torch's global generator."""
        ...


@runtime_checkable
class EnumerableSpace(SearchSpace, Protocol):
    """A search space so small that all of it can be listed within seconds.

    Attributes:
        size: number of architectures.
    """

    size: int

    def enumerate(self) -> Iterator[Architecture]:
        """Yield every architecture in the space's own index order."""
        ...


def check_space(space: SearchSpace, arch: Architecture) -> None:
    """Raise ValueError if an architecture belongs to another space."""
    if arch.space != space.name:
        raise ValueError(f"{arch.arch_id} belongs to space {arch.space!r}, not {space.name!r}")


def pick(neighbours: Iterator[Architecture], rng: np.random.Generator) -> Architecture:
    """Draw one architecture of a finite listing uniformly."""
    listed = list(neighbours)
    return listed[int(rng.integers(len(listed)))]
