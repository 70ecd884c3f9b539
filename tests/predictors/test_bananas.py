from __future__ import annotations

import numpy as np
from scipy.stats import kendalltau
from tests.predictors.observed import make_observations

from nascast.predictors import mlp
from nascast.predictors.bananas import BANANAS


class Members(BANANAS):
    """BANANAS with the predictions of each network kept."""

    def score_vectors(self, vectors: np.ndarray) -> np.ndarray:
        assert self._networks is not None
        self.each = self._networks.forward(vectors)[-1][:, :, 0]
        return super().score_vectors(vectors)


def test_the_prediction_is_the_mean_of_three_networks_on_paths() -> None:
    train, query = (make_observations(n, n, needs=BANANAS.needs) for n in (30, 12))
    predictor = Members(0, {"epochs": 60, "trials": 1})
    predictor.fit(train)
    scores = predictor.predict(query)
    labels = train.require_labels()
    assert len(predictor.each) == 3
    expected = labels.mean() + labels.std() * predictor.each.mean(axis=0)
    np.testing.assert_allclose(scores, expected, rtol=1e-9)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not np.allclose(predictor.each[one], predictor.each[other], rtol=0.05)
    assert set(query.features) == {"path"}


def test_it_learns_the_ranking() -> None:
    train, query = (make_observations(60, seed, needs=BANANAS.needs) for seed in (0, 1))
    predictor = BANANAS(0, {"epochs": 150, "trials": 1})
    predictor.fit(train)
    assert kendalltau(predictor.predict(query), query.require_labels()).statistic > 0.3


def test_it_is_tuned_as_its_networks_are() -> None:
    assert BANANAS(0).settings == mlp.PUBLISHED
    assert BANANAS.quick == {"trials": 1}
