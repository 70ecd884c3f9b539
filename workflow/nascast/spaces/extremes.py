"""The smallest and the largest network of a search space, without listing it.

A size only compares across spaces as a place between these two: NAS-Bench-201's networks have 0.07
to 1.5 million parameters, NAS-Bench-101's 0.2 to 50 million.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nascast.seeds import derive_seed
from nascast.spaces.base import Architecture, SearchSpace


def extremes(space: SearchSpace) -> tuple[Architecture, Architecture]:
    """Return the architectures with fewest and with most parameters on input-output paths.

    Each is the end of a climb from a random architecture that takes every neighbour which is
    further. Where decisions add to the size independently, as operations on edges do, this is the
    true extreme; elsewhere it is a local one.
    """

    def size(arch: Architecture) -> int:
        image_size = space.image_size(arch, space.published_image_size)
        return space.count(space.prune(arch), space.published, image_size).params

    start = space.sample(np.random.default_rng(derive_seed("extremes", space.name)))
    return _climb(space, start, lambda arch: -size(arch)), _climb(space, start, size)


def _climb(
    space: SearchSpace, start: Architecture, height: Callable[[Architecture], int]
) -> Architecture:
    """Return an architecture none of whose neighbours is higher."""
    top, best = start, height(start)
    improved = True
    while improved:
        improved = False
        for neighbour in space.neighbours(top):
            reached = height(neighbour)
            if reached > best:
                top, best, improved = neighbour, reached, True
                break
    return top
