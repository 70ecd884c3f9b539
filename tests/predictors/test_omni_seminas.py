"""OMNI-SemiNAS: what continues the cell's sequence, and when nothing gets a pseudo-label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kendalltau
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations
from nascast.predictors.learning_curve import SoTLE
from nascast.predictors.omni_seminas import OmniSemiNAS, in_bins, loss_bounds, proxy_bounds

STEPS = 10  # mini-batches an epoch: as many epochs as made snapshots
SHORT = {"epochs": 2, "more_epochs": 1}


def observe(count: int, seed: int, snapshots: int = 3, pool: int = 0) -> Observations:
    seen = make_observations(count, seed, snapshots, OmniSemiNAS.needs)
    return replace(seen, pool=make_observations(pool, seed + 100).features) if pool else seen


class Watched(OmniSemiNAS):
    """Keeps what each phase learns."""

    def minimise_both(self, network, one_hot, targets, epochs) -> None:
        self.phases = [*getattr(self, "phases", []), one_hot]
        super().minimise_both(network, one_hot, targets, epochs)


@pytest.mark.parametrize(
    ("networks", "bounds"), [(5, 1), (10, 1), (11, 2), (40, 3), (80, 5), (81, 9), (1000, 9)]
)
def test_a_proxy_has_more_bins_with_more_networks(networks: int, bounds: int) -> None:
    """The numbers of bounds that NASLib's tables have."""
    values = np.random.default_rng(0).permutation(1000).astype(float)
    found = proxy_bounds(values, networks)
    assert len(found) == bounds
    counts = in_bins(values, found).sum(axis=0)
    assert counts.max() - counts.min() <= 1
    np.testing.assert_array_equal(
        proxy_bounds(np.append(values, [np.nan, -np.inf]), networks), found
    )


def test_bounds_of_losses_are_every_so_many_of_them() -> None:
    """By hand: 20 losses make four bins of five, 23 four of six, six networks have their median."""
    losses = np.random.default_rng(0).permutation(20).astype(float)
    np.testing.assert_array_equal(loss_bounds(losses), [5, 10, 15])
    np.testing.assert_array_equal(loss_bounds(np.arange(23.0)), [6, 12, 18])
    np.testing.assert_array_equal(loss_bounds(np.arange(6.0)), [3])
    assert len(loss_bounds(np.arange(1000.0))) == 8
    np.testing.assert_array_equal(loss_bounds(np.append(losses, -np.inf)), [5, 10, 15])


def test_a_value_lies_in_one_bin_or_is_not_finite() -> None:
    values = np.array([-1.0, 2.0, 3.0, 5.0, 9.0, np.nan, -np.inf])
    expected = [[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 0], [0, 0, 0]]
    np.testing.assert_array_equal(in_bins(values, np.array([2.0, 5.0])), expected)


def test_sequences_are_the_cell_then_the_bins_of_proxy_and_loss() -> None:
    train = observe(20, seed=0)
    predictor = OmniSemiNAS(STEPS, settings=SHORT)
    predictor.fit(train)
    (one_hot,) = predictor.inputs(train)
    tokens = one_hot.argmax(dim=2).numpy()
    cells = train.feature("tokens")
    kinds, length = cells.shape[2], cells.shape[1]
    assert one_hot.shape == (20, length + 3 + 4, kinds + 4)
    np.testing.assert_array_equal(tokens[:, :length], cells.argmax(axis=2))
    jacov = train.feature("proxies")["jacov"].to_numpy()
    bounds = np.quantile(jacov, [1 / 3, 2 / 3])
    np.testing.assert_array_equal(
        tokens[:, length : length + 3] - kinds, np.eye(3)[np.searchsorted(bounds, jacov, "right")]
    )
    ranks = SoTLE(STEPS).score(train).argsort().argsort()
    np.testing.assert_array_equal(tokens[:, length + 3 :] - kinds - 2, np.eye(4)[ranks // 5])


@pytest.mark.parametrize(
    ("snapshots", "settings", "phases", "bins"),
    [(2, {}, 2, 3), (3, {}, 1, 3 + 4), (2, {"fewest_epochs": 0}, 1, 3 + 4)],
)
def test_losses_count_from_the_third_epoch_on_and_leave_no_pseudo_labels(
    snapshots: int, settings: dict[str, float], phases: int, bins: int
) -> None:
    predictor = Watched(STEPS, settings={**SHORT, **settings})
    predictor.fit(observe(20, seed=0, snapshots=snapshots, pool=30))
    lengths = {one_hot.shape[1] for one_hot in predictor.phases}
    assert lengths == {observe(1, 0).feature("tokens").shape[1] + bins}
    assert [len(one_hot) for one_hot in predictor.phases] == [20, 220][:phases]


def test_bounds_of_the_proxy_are_also_those_of_the_pool() -> None:
    bounds = []
    for pool in (0, 50):
        predictor = OmniSemiNAS(STEPS, settings=SHORT)
        predictor.fit(observe(20, seed=0, snapshots=1, pool=pool))
        bounds.append(predictor._proxy_bounds)
    assert (bounds[0] != bounds[1]).all()


def test_it_learns_what_proxy_and_loss_tell() -> None:
    """The cells are the same ones for all: only the bins differ."""
    train, query = observe(60, seed=0), observe(60, seed=1)
    for seen in (train, query):
        seen.feature("tokens")[:] = seen.feature("tokens")[0]
    predictor = OmniSemiNAS(STEPS, settings={"epochs": 60, "learning_rate": 5e-3, "batch_size": 20})
    predictor.fit(train)
    assert kendalltau(predictor.predict(query), query.require_labels()).statistic > 0.6
