"""TE-NAS's own score: its two proxies' ranks, added up over the networks that are compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nascast.proxies.errors import ProxyError


def te_nas(ntk: ArrayLike, regions: ArrayLike) -> NDArray[np.float64]:
    """Return the sum of both ranks; higher is better.

    Networks that are equal share a rank, and the next has the rank after it. The scores depend on
    the company: they compare the networks that were ranked together.

    Source: Chen et al. 2021, "TE-NAS", algorithm 1 and its public code.

    Args:
        ntk: condition numbers of :class:`~.te_nas_ntk.TeNasNtk`; infinity is the worst.
        regions: numbers of :class:`~.te_nas_regions.TeNasRegions` of the same networks.

    Returns:
        Float64, one for each network, from 2 to twice their number; NaN where either is NaN.

    Raises:
        ProxyError: there are not as many of one as of the other.
    """
    conditions, counts = np.asarray(ntk, np.float64), np.asarray(regions, np.float64)
    if conditions.shape != counts.shape or conditions.ndim != 1:
        raise ProxyError(
            f"TE-NAS ranks both numbers of the same networks, but their shapes are "
            f"{conditions.shape} and {counts.shape}"
        )
    known = ~(np.isnan(conditions) | np.isnan(counts))
    scores = np.full(len(conditions), np.nan)
    scores[known] = _ranks(-conditions[known]) + _ranks(counts[known])
    return scores


def _ranks(values: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.unique(values, return_inverse=True)[1] + 1
