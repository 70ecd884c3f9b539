from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from nascast.predictors.gennape.contrastive import TEMPERATURE, contrastive_loss, view_weights


def slow_weights(distances: list[list[float]], scale: float) -> list[list[float]]:
    """The softmax over all other views, one number at a time."""
    count = len(distances)
    rows = []
    for i in range(2 * count):
        shares = [
            0.0 if other == i else math.exp(-distances[i % count][other % count] / scale)
            for other in range(2 * count)
        ]
        rows.append([share / sum(shares) for share in shares])
    return rows


def slow_loss(views: list[list[float]], weights: list[list[float]], temperature: float) -> float:
    """Equation 1 as it is written, over the number of views."""
    units = [[x / math.hypot(*view) for x in view] for view in views]

    def similarity(i: int, j: int) -> float:
        return sum(a * b for a, b in zip(units[i], units[j], strict=True)) / temperature

    total = 0.0
    for i in range(len(units)):
        others = sum(math.exp(similarity(i, r)) for r in range(len(units)) if r != i)
        for j in range(len(units)):
            if j != i:
                total -= weights[i][j] * math.log(math.exp(similarity(i, j)) / others)
    return total / len(units)


def some_distances(count: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    points = torch.randn(count, 3, dtype=torch.float64, generator=generator)
    return torch.cdist(points, points)


@pytest.mark.parametrize(("count", "scale"), [(2, 1.0), (5, 0.3), (7, 0.05)])
def test_weights_and_loss_are_those_of_the_equation(count: int, scale: float) -> None:
    distances = some_distances(count, count)
    views = torch.randn(2 * count, 4, dtype=torch.float64, generator=torch.Generator())
    weights = view_weights(distances, scale)
    np.testing.assert_allclose(weights, slow_weights(distances.tolist(), scale), rtol=1e-12)
    loss = float(contrastive_loss(views, weights, 0.2))
    assert loss == pytest.approx(slow_loss(views.tolist(), weights.tolist(), 0.2), rel=1e-12)


def test_the_twin_weighs_most_and_a_view_has_no_share_in_itself() -> None:
    weights = view_weights(some_distances(6, 0), 0.5)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(12, dtype=torch.float64))
    assert weights.diagonal().eq(0).all()
    assert weights.argmax(dim=1).tolist() == [*range(6, 12), *range(6)]


def test_the_loss_has_its_minimum_at_the_weights() -> None:
    """Similarities whose softmax is the target leave nothing but the target's entropy."""
    distances = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
    weights = view_weights(distances, 1.0)
    # Unit vectors of the cosine 1 - temperature to the other graph have such similarities.
    cosine = 1 - TEMPERATURE
    first = [1.0, 0.0]
    second = [cosine, math.sqrt(1 - cosine**2)]
    views = torch.tensor([first, second, first, second], dtype=torch.float64)
    entropy = torch.special.entr(weights).sum(dim=1).mean()
    assert float(contrastive_loss(views, weights)) == pytest.approx(float(entropy), rel=1e-12)
    assert float(contrastive_loss(views * 7, weights)) == pytest.approx(float(entropy), rel=1e-12)
    turned = torch.tensor([first, second, second, first], dtype=torch.float64)
    assert float(contrastive_loss(turned, weights)) > float(entropy)


def test_gradients_are_finite() -> None:
    views = torch.randn(8, 4, generator=torch.Generator()).requires_grad_()
    weights = view_weights(some_distances(4, 1).float(), 1e-3)
    contrastive_loss(views, weights).backward()
    assert views.grad is not None
    assert views.grad.isfinite().all()
    assert views.grad.abs().sum() > 0
