from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.predictors.base import Observations, Predictor
from nascast.predictors.learning_curve import EarlyStopAccuracy, EarlyStopLoss, SoTL, SoTLE

LOSSES = np.array([[4.0, 2.0, 1.0, 0.5, 0.25], [3.0, 3.0, 3.0, 3.0, 3.0]], dtype=np.float32)


def score(predictor: Predictor, **features: np.ndarray) -> list[float]:
    (values,) = features.values()
    seen = Observations(tuple(map(str, range(len(values)))), values.shape[1], features)
    return predictor.predict(seen).tolist()


def test_sotl_is_minus_the_sum_of_all_losses() -> None:
    assert score(SoTL(), step_losses=LOSSES) == [-7.75, -15.0]


@pytest.mark.parametrize(
    ("steps_per_epoch", "expected"),
    [
        (1, [-0.25, -3.0]),
        (2, [-1.5, -6.0]),  # two epochs and one mini-batch: the second epoch counts
        (3, [-7.0, -9.0]),
        (5, [-7.75, -15.0]),
        (6, [-7.75, -15.0]),  # less than an epoch: all of it
    ],
)
def test_sotl_e_is_minus_the_sum_of_the_last_full_epoch(
    steps_per_epoch: int, expected: list[float]
) -> None:
    assert score(SoTLE(steps_per_epoch), step_losses=LOSSES) == expected


@given(steps=st.integers(1, 20), steps_per_epoch=st.integers(1, 30), seed=st.integers(0, 9))
def test_sotl_e_is_sotl_up_to_one_epoch(steps: int, steps_per_epoch: int, seed: int) -> None:
    losses = np.random.default_rng(seed).exponential(size=(4, steps)).astype(np.float32)
    one = score(SoTL(), step_losses=losses)
    other = score(SoTLE(steps_per_epoch), step_losses=losses)
    if steps <= steps_per_epoch:
        assert one == other
    else:
        assert all(part > whole for part, whole in zip(other, one, strict=True))


def test_an_epoch_has_at_least_one_mini_batch() -> None:
    with pytest.raises(ValueError, match="at least 1 mini-batch an epoch, got 0"):
        SoTLE(0)


def test_early_stop_reads_the_last_evaluation() -> None:
    values = np.array([[0.1, 0.3], [0.2, 0.25]], dtype=np.float32)
    assert score(EarlyStopAccuracy(), val_acc=values) == pytest.approx([0.3, 0.25])
    assert score(EarlyStopLoss(), val_loss=values) == pytest.approx([-0.3, -0.25])


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("step", [0, 3, 4])
def test_a_diverged_network_is_ranked_last(hole: float, step: int) -> None:
    losses = LOSSES.copy()
    losses[0, step] = hole
    assert score(SoTL(), step_losses=losses) == [-np.inf, -15.0]
    # Whichever epoch the divergence falls into.
    assert score(SoTLE(2), step_losses=losses) == [-np.inf, -6.0]


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_a_diverged_evaluation_is_ranked_last(hole: float) -> None:
    values = np.array([[0.1, hole], [0.2, 0.25]], dtype=np.float32)
    assert score(EarlyStopAccuracy(), val_acc=values)[0] == -np.inf
    assert score(EarlyStopLoss(), val_loss=values)[0] == -np.inf


def test_float32_losses_are_summed_in_float64() -> None:
    losses = np.full((1, 100_000), 0.1, dtype=np.float32)
    assert score(SoTL(), step_losses=losses)[0] == pytest.approx(-1e5 * float(np.float32(0.1)))
