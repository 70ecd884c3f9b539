"""What every search space offers, and the value types that all rooms share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from torch import nn


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
        repeats: cells in each stage (N).
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
    """The contract of a search space."""

    name: str
    operations: tuple[str, ...]

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw one architecture uniformly."""
        ...

    def parse(self, spec: str) -> Architecture:
        """Read a spec; raises ValueError naming what is wrong with it."""
        ...

    def enumerate(self) -> Iterator[Architecture]:
        """Yield every architecture in the space's own index order."""
        ...

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield every architecture that differs from ``arch`` in one decision."""
        ...

    def mutate(self, arch: Architecture, rng: np.random.Generator) -> Architecture:
        """Draw one neighbour uniformly."""
        ...

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the cell with operations on nodes."""
        ...

    def build(
        self, arch: Architecture, scale: NetworkScale, num_classes: int, in_channels: int = 3
    ) -> nn.Module:
        """Build the network at a scale, initialised from torch's global generator."""
        ...
