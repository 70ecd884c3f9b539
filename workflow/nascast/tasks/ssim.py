"""Structural similarity of images.

Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural
Similarity", equation 13, with their window (11 x 11, Gaussian of 1.5 pixels) and constants.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

_WINDOW = 11
_SIGMA = 1.5
_C1, _C2 = 0.01**2, 0.03**2


def ssim(first: Tensor, second: Tensor) -> Tensor:
    """Return the mean structural similarity of each pair of images over positions and channels.

    Only whole windows count. Images smaller than the window get the largest odd one that fits.

    Args:
        first: ``(b, c, h, w)``, values in [0, 1].
        second: the same shape.

    Returns:
        ``(b,)`` in [-1, 1]; 1 for equal images.
    """
    down, across = (_blur(extent).to(first) for extent in first.shape[2:])

    def blurred(x: Tensor) -> Tensor:
        return down @ x @ across.T

    mean_1, mean_2 = blurred(first), blurred(second)
    variance_1 = blurred(first * first) - mean_1 * mean_1
    variance_2 = blurred(second * second) - mean_2 * mean_2
    covariance = blurred(first * second) - mean_1 * mean_2
    luminance = (2 * mean_1 * mean_2 + _C1) / (mean_1 * mean_1 + mean_2 * mean_2 + _C1)
    structure = (2 * covariance + _C2) / (variance_1 + variance_2 + _C2)
    return (luminance * structure).mean(dim=(1, 2, 3))


@cache
def _blur(extent: int) -> Tensor:
    """Return the window as a matrix that takes a side to its whole windows, float32.

    The window is separable, and sides are short: two small matrix products are faster than a
    convolution.
    """
    size = min(_WINDOW, extent - 1 + extent % 2)
    offsets = torch.arange(size, dtype=torch.float64) - size // 2
    weights = torch.exp(-offsets.square() / (2 * _SIGMA**2))
    weights /= weights.sum()
    matrix = torch.zeros(extent - size + 1, extent, dtype=torch.float64)
    for row in range(len(matrix)):
        matrix[row, row : row + size] = weights
    return matrix.float()
