from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations
from nascast.predictors.natural_boosting import NGBoost, NGBoostSettings


def scores(train: Observations, trees: int = 8, seed: int = 0) -> np.ndarray:
    predictor = NGBoost(seed, {"trees": trees})
    predictor.fit(train)
    return predictor.predict(make_observations(40, seed=1))


def test_the_mean_ranks_the_networks() -> None:
    query = make_observations(40, seed=1)
    found = scores(make_observations(120, seed=0), trees=40)
    assert kendalltau(found, query.require_labels()).statistic > 0.7


def test_one_round_goes_its_shrunken_way_to_the_labels() -> None:
    """The natural gradient of the mean is the residual, and the line search takes it twice.

    Residuals are -1, -1, -1 and 3 times 1 / sqrt(3), and those of the logarithm of the deviation
    1/3 and -1. The mean loss, up to a constant, is 1/2 at first, 0.48 after two steps (residuals
    again of the same size, with deviations exp(-2/3) and exp(2)), and large after four.
    """
    labels = np.array([0.3, 0.3, 0.3, 0.7])
    features = {"adjacency": np.array([[0.0], [0.0], [0.0], [1.0]])}
    train = Observations(("a", "b", "c", "d"), 0, features, labels)
    predictor = NGBoost(settings={"trees": 1, "rows": 1.0, "leaf": 1})
    predictor.fit(train)
    np.testing.assert_allclose(predictor.predict(train), 0.4 + 2 * 0.0813 * (labels - 0.4))


def test_the_order_of_the_training_networks_changes_nothing_but_the_seed_does() -> None:
    train = make_observations(40, seed=0)
    other = train.take(np.random.default_rng(5).permutation(40))
    np.testing.assert_array_equal(scores(train), scores(other))
    assert not np.array_equal(scores(train), scores(train, seed=1))


def test_trees_draw_their_columns_from_a_generator_of_their_own() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    regressor = NGBoostSettings(trees=30, rows=1.0, columns=0.1).regressor(0, 40)
    rng = np.random.default_rng(0)
    vectors = rng.integers(0, 2, (40, 20)).astype(float)
    regressor.fit(vectors, vectors @ rng.normal(size=20))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    trees = [tree for pair in regressor.base_models for tree in pair]  # type: ignore[attr-defined]
    assert len(trees) == 60
    assert len({int(tree.random_state) for tree in trees}) == 60
    roots = {int(tree.tree_.feature[0]) for tree in trees}
    assert len(roots) > 5, "two of twenty columns are drawn for each root, not the same two"


@pytest.mark.parametrize(("networks", "leaf", "split"), [(2, 1, 2), (6, 3, 3), (100, 15, 20)])
def test_leaves_shrink_with_few_networks(networks: int, leaf: int, split: int) -> None:
    for tree in NGBoostSettings().regressor(0, networks).Base:  # type: ignore[attr-defined]
        assert (tree.min_samples_leaf, tree.min_samples_split) == (leaf, split)
