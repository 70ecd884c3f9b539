"""Affine-invariant ensemble sampling of many distributions at once.

Source: Goodman and Weare 2010; the parallel stretch move of Foreman-Mackey et al. 2013, algorithm
3, which emcee implements. emcee walks one ensemble at a time; here thousands of short chains, one
ensemble for each architecture, move in lockstep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STRETCH = 2.0
_BLOCK = 50  # steps whose random numbers are drawn together


def walk(
    log_density: Callable[[Floats], Floats],
    start: Floats,
    dimensions: NDArray[np.int64],
    steps: int,
    generators: Sequence[np.random.Generator],
) -> Iterator[Floats]:
    """Yield all positions after each step, ``(ensembles, walkers, coordinates)``.

    Args:
        log_density: positions of half the walkers, ``(ensembles, walkers / 2, coordinates)``, to
            the logarithms of their densities, ``(ensembles, walkers / 2)``; minus infinity or NaN
            where a walker must not go.
        start: first positions; a coordinate that all walkers of an ensemble share stays as it is.
        dimensions: coordinates that are not shared, of each ensemble.
        steps: updates of every walker.
        generators: one for each ensemble.

    Raises:
        ValueError: the number of walkers is odd.
    """
    ensembles, walkers, _ = start.shape
    if walkers % 2:
        raise ValueError(f"an ensemble needs an even number of walkers, got {walkers}")
    halves = np.split(start, 2, axis=1)
    densities = [log_density(half) for half in halves]
    rows = np.arange(ensembles)[:, None]
    for step in range(steps):
        if step % _BLOCK == 0:
            block = np.stack([rng.random((_BLOCK, 2, 3, walkers // 2)) for rng in generators])
        for side in (0, 1):
            for_stretch, for_partner, for_acceptance = np.moveaxis(
                block[:, step % _BLOCK, side], 1, 0
            )
            stretch = ((STRETCH - 1) * for_stretch + 1) ** 2 / STRETCH
            partners = halves[1 - side][rows, (for_partner * (walkers // 2)).astype(np.int64)]
            proposed = partners + stretch[:, :, None] * (halves[side] - partners)
            density = log_density(proposed)
            with np.errstate(invalid="ignore"):
                gain = (dimensions[:, None] - 1) * np.log(stretch) + density - densities[side]
            accepted = np.log(for_acceptance) < gain
            halves[side] = np.where(accepted[:, :, None], proposed, halves[side])
            densities[side] = np.where(accepted, density, densities[side])
        yield np.concatenate(halves, axis=1)
