"""What the once-for-all families share: a searched resolution and networks that are chains.

Source: Cai et al. 2020, "Once-for-All: Train One Network and Specialize it for Efficient
Deployment", section 3.2.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from itertools import pairwise

from nascast.spaces.base import Architecture, CellGraph
from nascast.spaces.planned import PlannedSpace

# Stands between the blocks of two stages in a cell graph, where width and side may change.
NEXT_STAGE = "next-stage"
LARGEST_RESOLUTION = 224


class ElasticSpace(PlannedSpace):
    """Base of spaces in which the side of the images is a part of the architecture.

    A network runs at any side, and plans and counts are those of the side they are asked for.
    :meth:`image_size` says which side is the architecture's own at a scale.

    Attributes:
        resolutions: sides in pixels to choose from on the paper's images, ascending.
    """

    resolutions: tuple[int, ...]

    @abstractmethod
    def resolution(self, arch: Architecture) -> int:
        """Return the searched side, one of ``resolutions``."""

    def image_size(self, arch: Architecture, base: int) -> int:
        """Return the side that the network's images are resized to before they enter it.

        Args:
            arch: the architecture.
            base: what the largest resolution, 224, becomes: the side of the images at hand.

        Returns:
            ``base * resolution / 224`` pixels, rounded, at least 1; the resolution itself if
            ``base`` is 224.

        Raises:
            ValueError: ``base`` is below 1.
        """
        if base < 1:
            raise ValueError(f"images need a side of at least 1 pixel, got base={base}")
        # In integers, so that halves are always rounded up.
        doubled = 2 * base * self.resolution(arch) + LARGEST_RESOLUTION
        return max(1, doubled // (2 * LARGEST_RESOLUTION))


def chain(stages: Sequence[Sequence[str]]) -> CellGraph:
    """Return the graph of operations in a row, with ``NEXT_STAGE`` between the stages.

    The resolution is no node: it is seen in the shapes of the network.
    """
    operations = ["input", *stages[0]]
    for stage in stages[1:]:
        operations += [NEXT_STAGE, *stage]
    operations.append("output")
    return CellGraph(tuple(operations), tuple(pairwise(range(len(operations)))))
