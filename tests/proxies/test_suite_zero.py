"""The thirteen proxies against their formulas, on networks of every kind."""

from __future__ import annotations

import math

import pytest
import torch
from tests.proxies.naive import NAIVE
from tests.proxies.networks import NETWORKS, batch, network

from nascast.proxies.measure import measure
from nascast.proxies.registry import SUITE_ZERO

every_kind = pytest.mark.parametrize("kind", NETWORKS)


@every_kind
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["double", "single"])
def test_all_equal_their_formulas(kind: str, dtype: torch.dtype) -> None:
    model, given = network(kind).to(dtype), batch(dtype=dtype)
    found = measure(model, given, SUITE_ZERO)
    assert set(NAIVE) == set(SUITE_ZERO)
    tolerance = 1e-9 if dtype == torch.float64 else 1e-4
    for name, score in found.items():
        expected = NAIVE[name](model, given)
        assert math.isfinite(expected)
        assert score.value == pytest.approx(expected, rel=tolerance), name


@every_kind
def test_half_precision_is_scored_too(kind: str) -> None:
    names = ["params", "flops", "l2_norm", "synflow", "snip", "grad_norm", "fisher"]
    half = measure(network(kind).half(), batch(dtype=torch.float16), names)
    for name, score in measure(network(kind), batch(), names).items():
        assert half[name].value == pytest.approx(score.value, rel=1e-2), name
