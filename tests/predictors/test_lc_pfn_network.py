from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nascast.predictors.lc_pfn_network import CurveTransformer

BORDERS = torch.tensor([0.0, 0.1, 0.4, 0.5, 1.0])


def network(seed: int = 0) -> CurveTransformer:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = CurveTransformer(BORDERS, width=8, layers=2, heads=2, dropout=0.0)
        for parameter in made.parameters():  # away from layers that are the identity
            torch.nn.init.normal_(parameter, 0, 0.3)
    return made.eval()


def curves(count: int, points: int, seed: int = 1) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    at = torch.randperm(99, generator=generator)[:points] + 1.0
    return at.expand(count, -1), torch.rand(count, points, generator=generator)


def test_the_density_has_mass_one_and_the_mean_is_its_mean() -> None:
    made = network()
    logits = torch.tensor([0.3, -1.0, 0.5, 0.2])
    where = torch.linspace(-8, 9, 170_001, dtype=torch.float64)
    density = made.log_density(logits.expand(len(where), -1), where).exp()
    step = float(where[1] - where[0])
    assert float(density.sum() * step) == pytest.approx(1, abs=1e-3)
    assert float(made.mean(logits)) == pytest.approx(
        float((density * where).sum() * step), abs=1e-3
    )


def test_pieces_have_the_mass_of_their_logits() -> None:
    made = network()
    logits = torch.tensor([0.3, -1.0, 0.5, 0.2]).expand(1001, -1)
    masses = logits[0].softmax(-1)
    inner = made.log_density(logits[:1], torch.tensor([0.25])).exp()
    assert float(inner) == pytest.approx(float(masses[1] / 0.3))
    # Half of a tail's mass lies within its piece.
    for low, high, piece in ((0.0, 0.1, 0), (0.5, 1.0, 3)):
        within = made.log_density(logits, torch.linspace(low + 1e-6, high, 1001)).exp()
        assert float(within.mean()) * (high - low) == pytest.approx(float(masses[piece]) / 2, 0.01)


def test_asked_points_see_the_curve_but_not_each_other() -> None:
    made = network()
    at, seen = curves(3, 5)
    asked = torch.tensor([[20.0, 60.0, 100.0]]).expand(3, -1)
    logits = made(at, seen, asked)
    assert logits.shape == (3, 3, 4)
    torch.testing.assert_close(made(at, seen, asked[:, 1:2]), logits[:, 1:2])
    assert (made(at, seen + 0.1, asked) - logits).abs().min() > 0
    assert (logits[:, 0] - logits[:, 2]).abs().max() > 1e-3


def test_the_order_of_seen_points_does_not_matter() -> None:
    made = network()
    at, seen = curves(3, 5)
    order = torch.tensor([3, 0, 4, 1, 2])
    asked = torch.full((3, 1), 100.0)
    torch.testing.assert_close(made(at[:, order], seen[:, order], asked), made(at, seen, asked))


def test_layers_begin_as_the_identity() -> None:
    fresh = CurveTransformer(BORDERS, width=8, layers=2, heads=2, dropout=0.0).eval()
    at, seen = curves(2, 5)
    asked = torch.full((2, 1), 100.0)
    torch.testing.assert_close(fresh(at, seen, asked), fresh(at, seen + 0.3, asked))
