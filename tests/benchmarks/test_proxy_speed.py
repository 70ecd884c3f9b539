from __future__ import annotations

import pytest
from benchmarks.naive_proxies import naive_scores
from benchmarks.proxy_speed import ALL, CELLS, network_and_batch

from benchmarks import proxy_speed
from nascast.proxies.measure import measure
from nascast.proxies.registry import SUITE_ZERO
from nascast.spaces.base import NetworkScale


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_speed, "SCALE", NetworkScale(8, 1))
    monkeypatch.setattr(proxy_speed, "IMAGE_SIZE", 8)
    monkeypatch.setattr(proxy_speed, "BATCH_SIZE", 16)
    monkeypatch.setattr(proxy_speed, "REPEATS", 1)


@pytest.mark.parametrize("cell", CELLS)
def test_both_ways_score_the_same(cell: str) -> None:
    assert set(ALL) == set(SUITE_ZERO)
    network, batch = network_and_batch(cell)
    ours, naive = measure(network, batch, ALL), naive_scores(network, batch, ALL)
    for name in ALL:
        assert ours[name].value == pytest.approx(naive[name], rel=1e-4), name


def test_rows_are_tidy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_speed, "CELLS", {"mixed": CELLS["mixed"]})
    frame = proxy_speed.run()
    assert not frame.duplicated(["cell", "quantity"]).any()
    assert (frame["median"] > 0).all()
    assert (frame.quartile_low <= frame.quartile_high).all()
    targets = frame.set_index("quantity").target.dropna().to_dict()
    assert targets == {
        "together / one by one": 0.45,
        "together / one by one, without grasp": 0.35,
        "together / naive": 1 / 3,
    }
