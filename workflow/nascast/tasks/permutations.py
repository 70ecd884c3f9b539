"""Permutations that are as far from one another as possible.

Source: Noroozi & Favaro 2016, "Unsupervised Learning of Visual Representations by Solving Jigsaw
Puzzles", algorithm 1: from all permutations, take again and again the one that differs most from
those already taken, in Hamming distance.
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
from numpy.typing import NDArray


@cache
def permutation_set(count: int, pieces: int = 9) -> NDArray[np.int64]:
    """Return a set of permutations, the identity first.

    The next one has the largest distance from its nearest neighbour in the set, then the largest
    distance from all of them together, then comes first in lexicographic order. So the set needs
    no random draw, and a larger set begins with the smaller one.

    Args:
        count: number of permutations.
        pieces: what each permutes; all ``pieces!`` candidates are held in memory.

    Returns:
        int64, ``(count, pieces)``, not writeable.

    Raises:
        ValueError: there are not that many permutations, or fewer than two are asked for.
    """
    candidates = _all_permutations(pieces)
    if not 2 <= count <= len(candidates):
        raise ValueError(
            f"a set of permutations of {pieces} pieces has 2 to {len(candidates)} members, "
            f"got {count}"
        )
    chosen = [0]
    distance = (candidates != candidates[0]).sum(axis=1)
    nearest, total = distance, distance
    while len(chosen) < count:
        # No total exceeds `count * pieces`, so the nearest neighbour always decides first.
        best = int((nearest * (count * pieces + 1) + total).argmax())
        chosen.append(best)
        distance = (candidates != candidates[best]).sum(axis=1)
        nearest, total = np.minimum(nearest, distance), total + distance
    result = candidates[chosen].astype(np.int64)
    result.setflags(write=False)
    return result


@cache
def _all_permutations(pieces: int) -> NDArray[np.uint8]:
    """Return all permutations in lexicographic order, ``(pieces!, pieces)``."""
    return np.array(list(itertools.permutations(range(pieces))), dtype=np.uint8)
