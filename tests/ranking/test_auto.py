from __future__ import annotations

import pytest
from tests.ranking.shown import context, looked_at, makers

from nascast.ranking import auto
from nascast.ranking.auto import Auto, choose
from nascast.ranking.known import Known
from nascast.ranking.zero_cost import ProxyRanker

KNOWN = {
    "zen": Known("zen", 0.7, 2.0, 4, 2),
    "nwot": Known("nwot", 0.6, 0.5, 4, 2),
    "params": Known("params", 0.5, 0.001, 4, 2),
    "snip": Known("snip", 0.4, 0.1, 4, 2),
}


@pytest.mark.parametrize(
    ("speed", "left", "wanted"),
    [
        (10.0, 20.0, ("zen", 20.0)),
        (10.0, 19.9, ("nwot", 5.0)),
        (10.0, 4.9, ("params", 0.0)),  # snip would fit, but size is the better one
        (None, 100.0, ("params", 0.0)),
        (1e9, 0.0, ("params", 0.0)),
    ],
)
def test_the_best_that_fits_is_taken(
    speed: float | None, left: float, wanted: tuple[str, float]
) -> None:
    assert choose(KNOWN, speed, left) == wanted


def test_without_anything_that_fits_size_decides() -> None:
    assert choose({"zen": KNOWN["zen"]}, 10.0, 1.0) == ("params", 0.0)


def test_without_a_budget_the_best_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "known_proxies", lambda: KNOWN)
    networks = looked_at(makers(3, 8))
    scored = Auto().score(networks, context(seeds=2))
    direct = ProxyRanker("zen").score(networks, context(seeds=2))
    assert scored.predictor == "zen"
    assert [o.score for o in scored.outcomes] == [o.score for o in direct.outcomes]
    assert scored.note.startswith(
        "chosen as the best that we measured (mean Spearman 0.70 in 2 search spaces of our own). "
        "zen ("
    )


def test_the_note_says_what_would_have_been_better(monkeypatch: pytest.MonkeyPatch) -> None:
    # So dear in our measurements that no machine computes them within the budget.
    dear = {name: Known(name, 1 - n / 10, 1e12, 4, 2) for n, name in enumerate(("zen", "nwot"))}
    monkeypatch.setattr(
        auto, "known_proxies", lambda: dear | {"params": KNOWN["params"]} | {"snip": KNOWN["snip"]}
    )
    scored = Auto().score(looked_at(makers(3, 8)), context(budget=60.0))
    assert scored.predictor == "params"
    assert scored.note.startswith(
        "chosen for 1 min 0 s: number 3 of 4 (mean Spearman 0.50 in 2 search spaces of our own); "
        "those before it would take longer; no cost. larger networks first"
    )


def test_no_budget_left_means_no_calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "known_proxies", lambda: KNOWN)
    monkeypatch.setattr(auto, "measure_one", lambda *given: pytest.fail("measured"))
    scored = Auto().score(looked_at(makers(3)), context(budget=1e-9))
    assert scored.predictor == "params"


def test_as_many_initialisations_as_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "known_proxies", lambda: KNOWN)
    monkeypatch.setattr(auto, "_speed", lambda *given: 10.0)
    scored = Auto().score(looked_at(makers(3)), context(budget=45.0))
    assert scored.predictor == "zen"  # 20 s a pass, so two of three
    assert "mean of 2 initialisations" in scored.outcomes[0].reason
    assert "the best that we measured" in scored.note
    assert "about 20 s a pass" in scored.note
