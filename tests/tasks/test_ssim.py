"""Structural similarity against the formula, window by window."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nascast.tasks.ssim import ssim


def window(size: int) -> np.ndarray:
    weights = np.array([math.exp(-((k - size // 2) ** 2) / (2 * 1.5**2)) for k in range(size)])
    return weights / weights.sum()


def slow_ssim(first: np.ndarray, second: np.ndarray, height: int, width: int) -> float:
    """Equation 13 of Wang et al. 2004 in every whole window of one channel."""
    weights = np.outer(window(height), window(width))
    values = []
    for top in range(first.shape[0] - height + 1):
        for left in range(first.shape[1] - width + 1):
            x = first[top : top + height, left : left + width]
            y = second[top : top + height, left : left + width]
            mx, my = (weights * x).sum(), (weights * y).sum()
            vx, vy = (weights * (x - mx) ** 2).sum(), (weights * (y - my) ** 2).sum()
            cov = (weights * (x - mx) * (y - my)).sum()
            values.append(
                (2 * mx * my + 0.0001) * (2 * cov + 0.0009)
                / ((mx**2 + my**2 + 0.0001) * (vx + vy + 0.0009))
            )  # fmt: skip
    return float(np.mean(values))


@pytest.mark.parametrize(
    ("shape", "windows"), [((16, 13), (11, 11)), ((8, 12), (7, 11)), ((3, 5), (3, 5))]
)
def test_formula(shape: tuple[int, int], windows: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    first = rng.random((2, 3, *shape))
    second = np.clip(first + rng.normal(0, 0.2, first.shape), 0, 1)
    expected = [
        np.mean([slow_ssim(a, b, *windows) for a, b in zip(x, y, strict=True)])
        for x, y in zip(first, second, strict=True)
    ]
    found = ssim(torch.tensor(first).float(), torch.tensor(second).float())
    assert found.tolist() == pytest.approx(expected, abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_bounds_symmetry_and_identity(seed: int, side: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.rand((2, 4, 1, side, side), generator=generator)
    found = ssim(first, second)
    assert found.abs().max() <= 1 + 1e-5
    torch.testing.assert_close(found, ssim(second, first))
    torch.testing.assert_close(ssim(first, first), torch.ones(4))


def test_an_inverted_pattern_is_worse_than_none() -> None:
    board = (torch.arange(16)[:, None] + torch.arange(16)) % 2
    board = board.float().expand(1, 1, 16, 16)
    assert ssim(board, 1 - board) < -0.9
    assert ssim(board, torch.full_like(board, 0.5)).abs() < 0.05
