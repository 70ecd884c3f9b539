from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from nascast.predictors.gennape.cluster_space import ClusterSpace, fit_cluster_space


def made(count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(count, 10)) @ rng.normal(size=(10, 10)) + 5
    return embeddings.astype(np.float32), rng.uniform(0.1, 3, count)


def test_components_are_those_of_scikit_learn_in_a_common_scale() -> None:
    embeddings, gflops = made()
    points = fit_cluster_space(embeddings, gflops, 4).points(embeddings, gflops)
    theirs = PCA(4).fit_transform(embeddings.astype(np.float64))
    scale = np.sqrt(theirs.var(axis=0).sum())
    np.testing.assert_allclose(np.abs(points[:, :4]), np.abs(theirs) / scale, rtol=1e-4, atol=1e-6)
    assert points[:, :4].var(axis=0).sum() == pytest.approx(1)
    np.testing.assert_allclose(points[:, 4], (gflops - gflops.mean()) / gflops.std(), rtol=1e-12)


def test_the_unit_of_the_encoder_decides_nothing() -> None:
    embeddings, gflops = made()
    one = fit_cluster_space(embeddings, gflops, 4).points(embeddings, gflops)
    scaled = (8 * embeddings).astype(np.float32)
    other = fit_cluster_space(scaled, gflops, 4).points(scaled, gflops)
    np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_other_networks_are_seen_by_the_statistics_of_the_training_networks() -> None:
    embeddings, gflops = made()
    space = fit_cluster_space(embeddings, gflops, 4)
    points = space.points(embeddings, gflops)
    np.testing.assert_allclose(space.points(embeddings[5:6], gflops[5:6]), points[5:6], rtol=1e-9)
    kept = ClusterSpace.from_state(space.state())
    np.testing.assert_array_equal(kept.points(embeddings, gflops), points)


def test_fewer_columns_than_components_are_all_kept() -> None:
    embeddings, gflops = made()
    assert fit_cluster_space(embeddings, gflops).points(embeddings, gflops).shape == (200, 11)


def test_networks_that_are_all_the_same_are_refused() -> None:
    embeddings, gflops = made(20)
    with pytest.raises(ValueError, match="cannot be clustered"):
        fit_cluster_space(np.ones_like(embeddings), gflops)
    with pytest.raises(ValueError, match="cannot be clustered"):
        fit_cluster_space(embeddings, np.ones(20))
