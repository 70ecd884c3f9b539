from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.predictors.gennape.flops_transform import Target, fit_target, flops_divisor


def test_equation_5_worked_out_by_hand() -> None:
    """Divisors of 0, 9 and 99 GFLOPs are 1, 2 and 3; 0.3, 0.8 and 1.5 become 0.3, 0.4 and 0.5."""
    accuracies, gflops = np.array([0.3, 0.8, 1.5]), np.array([0.0, 9, 99])
    np.testing.assert_allclose(flops_divisor(gflops), [1, 2, 3])
    target = fit_target(accuracies, gflops, by_flops=True)
    assert target.mean == pytest.approx(0.4)
    assert target.deviation == pytest.approx(np.sqrt(0.02 / 3))
    learned = target.transform(accuracies, gflops)
    np.testing.assert_allclose(learned, [-np.sqrt(1.5), 0, np.sqrt(1.5)], atol=1e-12)


def test_without_it_accuracies_are_z_scored() -> None:
    accuracies = np.array([0.5, 0.7, 0.9])
    target = fit_target(accuracies, np.array([0.0, 9, 99]), by_flops=False)
    np.testing.assert_allclose(
        target.transform(accuracies, np.ones(3)), [-np.sqrt(1.5), 0, np.sqrt(1.5)], atol=1e-12
    )


@given(
    accuracy=st.floats(0, 1),
    gflops=st.floats(0, 1e4),
    mean=st.floats(0, 1),
    deviation=st.floats(1e-3, 1),
    by_flops=st.booleans(),
)
def test_the_inverse_gives_the_accuracy_back(
    accuracy: float, gflops: float, mean: float, deviation: float, by_flops: bool
) -> None:
    target = Target(by_flops, mean, deviation)
    flops = np.array([gflops])
    back = target.invert(target.transform(np.array([accuracy]), flops), flops)
    assert back[0] == pytest.approx(accuracy, abs=1e-6)


def test_what_has_no_target_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        flops_divisor(np.array([1.0, -1e-9]))
    with pytest.raises(ValueError, match="finite"):
        flops_divisor(np.array([np.nan]), by_flops=False)
    with pytest.raises(ValueError, match="one target"):
        fit_target(np.full(3, 0.5), np.ones(3), by_flops=True)
