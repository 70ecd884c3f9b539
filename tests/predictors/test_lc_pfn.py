from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from nascast.predictors.base import Observations
from nascast.predictors.lc_pfn import LCPFN, LCPFNSettings, _batches, train
from nascast.predictors.lc_pfn_network import CurveTransformer
from nascast.predictors.lc_pfn_prior import EPOCHS, draw_curves
from nascast.predictors.saved import load_predictor, save_predictor

TINY = {"width": 16, "layers": 2, "pieces": 30, "steps": 120, "batch_size": 50, "seen": 8,
        "asked": 8, "learning_rate": 5e-3}  # fmt: skip


def observed(curves: np.ndarray) -> Observations:
    ids = tuple(f"a{i}" for i in range(len(curves)))
    return Observations(ids, curves.shape[1], {"val_acc": curves})


def test_a_trained_network_extrapolates_curves_of_the_prior() -> None:
    clean, noisy = draw_curves(300, np.random.default_rng(5))
    scores = LCPFN(EPOCHS, settings=TINY).predict(observed(noisy[:, :20]))
    assert stats.kendalltau(scores, clean[:, -1]).statistic > 0.75
    away = np.abs(scores - clean[:, -1]).mean()
    assert away < 0.9 * np.abs(clean[:, -1] - clean[:, -1].mean()).mean()


def test_epochs_are_mapped_to_the_priors_and_a_few_points_are_looked_at() -> None:
    given: list[torch.Tensor] = []

    class Recorder(CurveTransformer):
        def forward(self, *points: torch.Tensor) -> torch.Tensor:
            given[:] = points
            return super().forward(*points)

    predictor = LCPFN(397, settings=TINY)
    borders = torch.linspace(0, 1, 31)
    predictor._network = Recorder(borders, width=16, layers=1, heads=2, dropout=0.0).eval()
    curve = np.linspace(0.1, 0.5, 29)
    predictor.predict(observed(curve[None]))
    at, seen, asked = given
    # Four epochs of 397 are one of 100; points 1, 5, ... 29 of 29.
    assert at[0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    np.testing.assert_allclose(seen[0].numpy(), curve[::4], rtol=1e-6)
    assert asked.tolist() == [[EPOCHS]]


def test_batches_are_cut_behind_one_epoch() -> None:
    settings = LCPFNSettings(steps=40, batch_size=3, seen=5, asked=4)
    for seen_at, seen, asked_at, asked in _batches(settings, np.random.default_rng(0)):
        assert seen_at.shape == seen.shape == (3, min(5, seen_at.shape[1]))
        assert asked_at.shape == asked.shape
        assert seen_at.min() >= 1
        assert seen_at.max() < asked_at.min()
        assert asked_at.max() <= EPOCHS
        assert len(set(seen_at[0].tolist())) == seen_at.shape[1]


def test_one_network_serves_all_predictors_of_a_seed() -> None:
    settings = LCPFNSettings(**{**TINY, "steps": 2})
    assert train(settings, 1) is train(settings, 1)
    first, second = (train(settings, seed).state_dict() for seed in (1, 2))
    assert any(not torch.equal(first[name], second[name]) for name in first)


def test_a_saved_network_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = LCPFN(50, seed=3, settings={**TINY, "steps": 2})
    seen = observed(np.random.default_rng(0).uniform(0, 1, (4, 10)))
    scores = predictor.predict(seen)
    save_predictor(predictor, tmp_path / "net.safetensors", {})
    loaded, _ = load_predictor(tmp_path / "net.safetensors")
    monkeypatch.delattr("nascast.predictors.lc_pfn.train")
    np.testing.assert_array_equal(loaded.predict(seen), scores)
