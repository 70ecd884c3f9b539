from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from scipy.stats import kendalltau
from tests.predictors.observed import make_observations

from nascast.predictors import mlp
from nascast.predictors.base import Observations
from nascast.predictors.mlp import MLP, PUBLISHED

SHORT = {"epochs": 40, "trials": 1}


def made(count: int, seed: int) -> Observations:
    return make_observations(count, seed, needs=MLP.needs)


def scores(train: Observations, seed: int = 0, **settings: float) -> np.ndarray:
    predictor = MLP(seed, {**SHORT, **settings})
    predictor.fit(train)
    return predictor.predict(made(20, 9))


def test_published_settings() -> None:
    published = asdict(PUBLISHED)
    assert published.pop("trials") > 1
    assert published == {
        "layers": 20, "width": 20, "learning_rate": 1e-3, "epochs": 500, "batch_size": 32,
        "output_penalty": 0.2,
    }  # fmt: skip


def test_twenty_layers_learn_the_ranking() -> None:
    """From PyTorch's start a third of such networks learns a constant."""
    query = made(40, 1)
    taus = []
    for seed in range(4):
        predictor = MLP(seed, {"epochs": 150, "trials": 1})
        predictor.fit(made(60, 0))
        taus.append(kendalltau(predictor.predict(query), query.require_labels()).statistic)
    assert min(taus) > 0.5


def test_the_order_of_the_networks_decides_nothing() -> None:
    order = np.random.default_rng(1).permutation(30)
    np.testing.assert_array_equal(scores(made(30, 0).take(order)), scores(made(30, 0)))


def test_settings_and_seed_decide_the_scores() -> None:
    base = scores(made(30, 0))
    assert not np.array_equal(scores(made(30, 0), seed=1), base)
    for change in (
        {"layers": 5}, {"width": 7}, {"learning_rate": 0.01}, {"epochs": 20}, {"batch_size": 8},
        {"output_penalty": 0.0},
    ):  # fmt: skip
        assert not np.array_equal(scores(made(30, 0), **change), base), change
    with pytest.raises(ValueError, match="unknown MLP settings"):
        MLP(0, {"depth": 3})


def test_the_tuned_settings_are_those_that_train(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def tune(make: Any, space: Mapping[str, Any], train: Any, *, trials: int, seed: int) -> Any:
        asked.append((trials, seed))
        candidate = make({"width": 9.0})
        assert (candidate.settings.width, candidate.settings.trials) == (9, 1)
        assert candidate.settings.epochs == 40, "what was changed before stays so"
        return {"width": 6.0, "layers": 5.0}

    expected = scores(made(30, 0), width=6, layers=5)
    monkeypatch.setattr(mlp, "tune", tune)
    np.testing.assert_array_equal(scores(made(30, 0), trials=3), expected)
    scores(made(30, 0), trials=4, seed=1)
    assert [trials for trials, _ in asked] == [3, 4]
    assert asked[0][1] != asked[1][1]


def test_tuning_runs_within_the_published_space() -> None:
    predictor = MLP(0, {"epochs": 3, "trials": 3})
    predictor.fit(made(12, 0))
    assert np.isfinite(predictor.predict(made(4, 1))).all()
    rng = np.random.default_rng(0)
    for _ in range(50):
        drawn = {name: draw(rng) for name, draw in mlp.SPACE.items()}
        assert set(drawn) == {"layers", "width", "learning_rate"}
        assert {drawn["layers"], drawn["width"]} <= set(range(5, 25))
        assert drawn["learning_rate"] in (0.1, 0.01, 0.005, 0.001, 0.0001)
