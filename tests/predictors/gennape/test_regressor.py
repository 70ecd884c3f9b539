from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.predictors.gennape.made import QUICK, WIDTH, make_networks

from nascast.predictors.gennape.head import Prepared
from nascast.predictors.gennape.heads import create_head
from nascast.predictors.gennape.regressor import RegressionHead


def fitted(name: str, **settings: float) -> RegressionHead:
    head = create_head(name, 0, {**QUICK, **settings})
    head.fit(make_networks(300, 0), make_networks(80, 1))
    assert isinstance(head, RegressionHead)
    return head


def test_estimates_are_accuracies() -> None:
    test = make_networks(100, 2)
    for name in ("CL", "CL+FCM+T"):
        estimates = fitted(name, epochs=25, least_accuracy=0).predict(test.embeddings, test.gflops)
        spread = np.abs(np.median(test.accuracies) - test.accuracies).mean()
        assert np.abs(estimates - test.accuracies).mean() < 0.3 * spread


def test_flops_enter_an_estimate_by_equation_5_alone_without_clusters() -> None:
    test = make_networks(20, 2)
    plain, transformed = fitted("CL", epochs=1), fitted("CL+T", epochs=1)
    ones = np.ones(20)
    np.testing.assert_array_equal(
        plain.predict(test.embeddings, ones), plain.predict(test.embeddings, 9 * ones)
    )
    np.testing.assert_allclose(
        transformed.predict(test.embeddings, 99 * ones) / 3,
        transformed.predict(test.embeddings, 9 * ones) / 2,
        rtol=1e-12,
    )


def test_the_gradient_is_that_of_the_mean_squared_error() -> None:
    head = fitted("CL+FCM", epochs=1)
    rng = np.random.default_rng(3)
    data = Prepared(
        rng.normal(size=(9, WIDTH)).astype(np.float32),
        rng.dirichlet(np.ones(3), 9).astype(np.float32),
        rng.normal(size=9).astype(np.float32),
    )
    head.gradient(data, np.arange(9))
    network = head.networks()[0]
    gradient, parameters = network.gradient.copy(), network.parameters.copy()
    outputs = head._ensemble.evaluate(data.inputs, data.memberships)[:, 0]
    expected = torch.nn.functional.mse_loss(torch.tensor(outputs), torch.tensor(data.targets))
    assert head.loss(data) == pytest.approx(float(expected), rel=1e-5)
    # Along the gradient the loss rises by the gradient's length.
    length = np.linalg.norm(gradient)
    losses = []
    for step in (-1e-3, 1e-3):
        network.parameters[:] = parameters + np.float32(step) * gradient / length
        losses.append(head.loss(data))
    assert (losses[1] - losses[0]) / 2e-3 == pytest.approx(length, rel=0.01)
