"""The twelve statistics of a weight or gradient tensor, for many tensors at once.

Source: NAP2, feature maps of layer-wise weights and gradients. Each statistic yields a global
value, followed by its values along the last tensor axis, cut at ``WIDTH`` numbers:

====================================  ==============================================================
statistic                             values behind the global one
====================================  ==============================================================
mean, variance, median, std, max,     one for each row, in C order, reducing over the last axis
min, skewness, kurtosis, l2_norm
covariance, l1_norm                   one for each index of the last axis, over everything else
percentiles (0, 25, 75, 50, 100)      none: the five percentiles stand alone
====================================  ==============================================================

Variance and std are the population's (``ddof=0``), covariance the sample's (``ddof=1``), skewness
and excess kurtosis the biased moments. Non-finite numbers are left out of every reduction. Where a
value is undefined (no finite number, a constant tensor's skewness, a single number's covariance)
it is 0; where the result itself overflows it is ``OVERFLOW``.

Why it is fast: tensors of one shape are stacked, all reductions run on the device without a branch
on the data (so without a host synchronisation), one sort serves median and percentiles, and rows
beyond the cut are never computed.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

STATISTICS = (
    "mean",
    "variance",
    "median",
    "std",
    "max",
    "min",
    "covariance",
    "skewness",
    "kurtosis",
    "percentiles",
    "l1_norm",
    "l2_norm",
)
WIDTH = 100
OVERFLOW = 1e7
_PERCENTILES = (0.0, 0.25, 0.75, 0.5, 1.0)
_BY_INDEX = ("covariance", "l1_norm")


def statistic_length(statistic: str, shape: Sequence[int]) -> int:
    """Return how many of the ``WIDTH`` numbers a statistic of a tensor of ``shape`` defines."""
    if statistic == "percentiles":
        return len(_PERCENTILES)
    last = shape[-1]
    rows = 1
    for side in shape[:-1]:
        rows *= side
    return min(1 + (last if statistic in _BY_INDEX else rows), WIDTH)


def tensor_statistics(tensors: Sequence[Tensor]) -> Tensor:
    """Return the statistics of each tensor.

    Args:
        tensors: any number of tensors with at least one axis and one element, on one device.

    Returns:
        float32 of shape ``(len(tensors), 12, 100)`` on that device, finite, zero-padded.

    Raises:
        ValueError: for a tensor without axes or elements.
    """
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, tensor in enumerate(tensors):
        if tensor.dim() == 0 or tensor.numel() == 0:
            raise ValueError(
                f"tensor {index} has shape {tuple(tensor.shape)}: statistics need at least one "
                "axis and one element"
            )
        groups.setdefault(tuple(tensor.shape), []).append(index)
    if not groups:
        raise ValueError("no tensor given: the network has no Conv2d or Linear layer to record")
    result = torch.zeros(len(tensors), len(STATISTICS), WIDTH, device=tensors[0].device)
    for shape, members in groups.items():
        stacked = torch.stack([tensors[i] for i in members]).to(torch.float64)
        values = _group_statistics(stacked.reshape(len(members), -1, shape[-1]))
        # Row by row: an index tensor would have to be copied to the device, which waits for it.
        for row, member in enumerate(members):
            result[member] = values[row]
    return result


def _group_statistics(x: Tensor) -> Tensor:
    """Return ``(g, 12, 100)`` for ``g`` tensors seen as ``(g, rows, last)``, float64 inside."""
    flat = x.flatten(1)
    whole = _reduce(flat)
    # Rows behind the cut never reach the result, so they are not reduced at all.
    rows = _reduce(x[:, : WIDTH - 1])
    columns = _reduce_columns(x)
    out = x.new_zeros(x.shape[0], len(STATISTICS), WIDTH)
    for position, statistic in enumerate(STATISTICS):
        if statistic == "percentiles":
            out[:, position, : len(_PERCENTILES)] = whole["percentiles"]
            continue
        out[:, position, 0] = whole[statistic]
        behind = (columns if statistic in _BY_INDEX else rows)[statistic][:, : WIDTH - 1]
        out[:, position, 1 : 1 + behind.shape[1]] = behind
    limit = torch.finfo(torch.float32).max
    out = torch.where(out.abs() > limit, torch.sign(out) * OVERFLOW, out)
    return torch.nan_to_num(out, nan=0.0, posinf=OVERFLOW, neginf=-OVERFLOW).float()


def _reduce(x: Tensor) -> dict[str, Tensor]:
    """Reduce over the last axis, leaving out non-finite numbers."""
    finite = torch.isfinite(x)
    count = finite.sum(-1).to(x.dtype)
    filled = torch.where(finite, x, 0.0)
    mean = filled.sum(-1) / count
    centred = torch.where(finite, x - mean.unsqueeze(-1), 0.0)
    squared = centred.square()
    total_square = squared.sum(-1)
    variance = total_square / count
    # A spread that is rounding noise beside the mean has no shape (SciPy refuses it likewise).
    shapeless = variance <= (torch.finfo(x.dtype).eps * mean).square()
    safe = torch.where(shapeless, torch.nan, variance)
    ordered = torch.where(finite, x, torch.inf).sort(-1).values
    percentiles = _percentiles(ordered, count)
    return {
        "mean": mean,
        "variance": variance,
        "median": percentiles[..., 3],
        "std": variance.sqrt(),
        "max": percentiles[..., 4],
        "min": percentiles[..., 0],
        "covariance": total_square / (count - 1),
        "skewness": (squared * centred).sum(-1) / count / safe**1.5,
        "kurtosis": squared.square().sum(-1) / count / safe.square() - 3.0,
        "percentiles": percentiles,
        "l1_norm": filled.abs().sum(-1),
        "l2_norm": filled.square().sum(-1).sqrt(),
    }


def _reduce_columns(x: Tensor) -> dict[str, Tensor]:
    """Reduce ``(g, rows, last)`` over its rows for the two statistics that loop over the index."""
    finite = torch.isfinite(x)
    count = finite.sum(1).to(x.dtype)
    filled = torch.where(finite, x, 0.0)
    mean = filled.sum(1) / count
    centred = torch.where(finite, x - mean.unsqueeze(1), 0.0)
    return {
        "covariance": centred.square().sum(1) / (count - 1),
        "l1_norm": filled.abs().sum(1),
    }


def _percentiles(ordered: Tensor, count: Tensor) -> Tensor:
    """Interpolate linearly between order statistics of the first ``count`` sorted numbers."""
    last = (count - 1).clamp(min=0)
    position = torch.stack([last * fraction for fraction in _PERCENTILES], dim=-1)
    low = position.floor()
    lower = ordered.gather(-1, low.long())
    upper = ordered.gather(-1, position.ceil().long())
    # Equal neighbours are returned as they are, because inf - inf would be NaN.
    value = torch.where(lower == upper, lower, lower + (upper - lower) * (position - low))
    return torch.where(count.unsqueeze(-1) > 0, value, torch.nan)
