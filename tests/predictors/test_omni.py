from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.predictors.observed import make_observations

from nascast.predictors import omni
from nascast.predictors.base import Observations
from nascast.predictors.learning_curve import SoTLE
from nascast.predictors.omni import Omni, OmniWithoutCurve, OmniWithoutEncoding, OmniWithoutProxy

STEPS = 10  # mini-batches an epoch: as many epochs as made snapshots
SHORT = {"trials": 2, "fewest_trees": 20, "most_trees": 20}


def test_vectors_are_proxy_latest_loss_and_encoding() -> None:
    seen = make_observations(5, seed=0, snapshots=3)
    jacov = seen.feature("proxies")["jacov"].to_numpy()
    adjacency = seen.feature("adjacency")
    expected = np.column_stack([jacov, SoTLE(STEPS).predict(seen), adjacency])
    np.testing.assert_allclose(Omni(STEPS).vectors(seen), expected)
    np.testing.assert_allclose(OmniWithoutEncoding(STEPS).vectors(seen), expected[:, :2])
    np.testing.assert_allclose(OmniWithoutProxy(STEPS).vectors(seen), expected[:, 1:])
    np.testing.assert_allclose(
        OmniWithoutCurve().vectors(seen), np.column_stack([jacov, adjacency])
    )


@pytest.mark.parametrize(("snapshots", "columns"), [(1, 1), (2, 1), (3, 2), (4, 2)])
def test_the_loss_counts_from_the_third_epoch_on(snapshots: int, columns: int) -> None:
    seen = make_observations(5, seed=0, snapshots=snapshots)
    assert OmniWithoutEncoding(STEPS).vectors(seen).shape == (5, columns)


def test_new_networks_are_ranked() -> None:
    train, test = (make_observations(60, seed, needs=Omni.needs) for seed in (0, 1))
    predictor = Omni(STEPS, settings={**SHORT, "fewest_trees": 60, "most_trees": 60})
    predictor.fit(train)
    scores = predictor.predict(replace(test, labels=None))
    assert stats.spearmanr(scores, test.require_labels()).statistic > 0.9


def test_settings_with_the_smallest_loss_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """NGBoost's score is a negative log likelihood: the smallest is the best."""
    depths: list[float] = []

    def by_depth(candidate: omni._Candidate, *_: object) -> float:
        depths.append(candidate.tree["max_depth"])
        return float(candidate.tree["max_depth"])

    monkeypatch.setattr(omni._Candidate, "held_out_loss", by_depth)
    predictor = Omni(STEPS, settings={**SHORT, "trials": 12})
    predictor.fit(make_observations(12, seed=0, needs=Omni.needs))
    assert len(depths) == 12
    assert predictor._model is not None
    assert predictor._model.Base[0].max_depth == min(depths) < max(depths)


def test_the_held_out_loss_tells_what_generalises() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 3))
    splits = [(np.arange(60)[fold::2], np.arange(60)[1 - fold :: 2]) for fold in (0, 1)]
    settings = {"n_estimators": 20, "learning_rate": 0.05, "minibatch_frac": 1.0}
    candidate = omni._Candidate({"max_depth": 3, "min_samples_leaf": 5}, settings, 0)
    noise = rng.normal(size=60)
    learnable = candidate.held_out_loss(vectors, vectors[:, 0] + 0.1 * noise, splits)
    unlearnable = candidate.held_out_loss(vectors, noise, splits)
    assert learnable < 1 < unlearnable


def test_the_scale_of_proxy_and_loss_does_not_matter() -> None:
    """Why nothing is standardised."""
    train, test = (make_observations(30, seed, needs=Omni.needs) for seed in (0, 1))

    def scaled(seen: Observations) -> Observations:
        other = {"proxies": seen.feature("proxies") * 16 - 7}
        return replace(seen, features={**seen.features, **other})

    one, other = Omni(STEPS, settings=SHORT), Omni(STEPS, settings=SHORT)
    one.fit(train)
    other.fit(scaled(train))
    np.testing.assert_allclose(other.predict(scaled(test)), one.predict(test), atol=1e-6)


def test_the_order_of_the_training_networks_decides_nothing() -> None:
    train, test = (make_observations(20, seed, needs=Omni.needs) for seed in (0, 1))
    one, other = Omni(STEPS, settings=SHORT), Omni(STEPS, settings=SHORT)
    one.fit(train)
    other.fit(train.take(np.random.default_rng(0).permutation(20)))
    np.testing.assert_array_equal(one.predict(test), other.predict(test))


@pytest.mark.parametrize("networks", [2, 3, 7])
def test_few_networks_leave_trees_and_mini_batches_something(networks: int) -> None:
    predictor = Omni(STEPS, settings={**SHORT, "trials": 6})
    predictor.fit(make_observations(networks, seed=0, needs=Omni.needs))
    assert np.isfinite(predictor.predict(make_observations(4, seed=1, needs=Omni.needs))).all()
