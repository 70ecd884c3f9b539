from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from tests.proxies.networks import batch, network

from nascast.proxies import registry
from nascast.proxies.base import Need, Proxy, Status, status_of
from nascast.proxies.correlations import correlations
from nascast.proxies.errors import ProxyError
from nascast.proxies.layers import measuring
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.sums import sum_of, sum_of_products


@pytest.mark.parametrize(
    ("value", "status"),
    [(0.0, Status.OK), (-1e300, Status.OK), (math.nan, Status.NAN), (-math.inf, Status.OVERFLOW)],
)
def test_status_of_a_value(value: float, status: Status) -> None:
    assert status_of(value) is status


@pytest.mark.parametrize("name", registry.names())
def test_every_proxy_says_what_it_is(name: str) -> None:
    proxy = registry.create(name)
    assert isinstance(proxy, Proxy)
    assert proxy.name == name
    assert proxy.reference
    assert "Cost:" in (proxy.__doc__ or "")


def test_only_proxies_can_be_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    class Impostor:
        name = "flops"

    monkeypatch.setattr("nascast.proxies.flops.Flops", Impostor)
    with pytest.raises(ProxyError, match="'flops' does not fulfil the contract"):
        registry.create("flops")


@pytest.mark.parametrize("need", Need)
def test_what_was_not_asked_for_cannot_be_read(need: Need) -> None:
    model = network("mlp")
    with measuring(model):
        seen = SharedPass(model, batch(), frozenset(), 0)
        attribute = "outputs" if need is Need.FORWARD else need.value
        with pytest.raises(ProxyError, match=f"reads {need.value} without asking for it"):
            getattr(seen, attribute)
        assert not seen.seconds
        asked = SharedPass(model, batch(), frozenset({need}), 0)
        assert getattr(asked, attribute) is not None
        assert set(asked.seconds) <= SharedPass.parts_of(frozenset({need}))


def test_sums_are_in_double_precision() -> None:
    assert sum_of([]) == 0.0
    assert sum_of(torch.tensor([2.0**24, 1.0, 1.0])) == 2.0**24 + 2
    pairs = [torch.ones(2), torch.full((3,), 2.0)]
    assert sum_of_products(pairs, [torch.tensor([1.0, 2.0]), torch.ones(3)]) == 9.0


def test_correlations_are_those_of_rows() -> None:
    rows = torch.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 6.5], [3.0, 2.0, 1.0], [1.0, 1.0, 1.0]])
    found = correlations(rows)
    assert found.dtype == np.float64
    assert found[0, 2] == pytest.approx(-1)
    assert 0.99 < found[0, 1] < 1
    assert np.isnan(found[3]).all()
    assert correlations(rows[:1]).shape == (1, 1)
