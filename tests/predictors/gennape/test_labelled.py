from __future__ import annotations

import numpy as np
import pytest
from tests.predictors.gennape.made import make_networks

from nascast.predictors.gennape.labelled import LabelledNetworks


def test_networks_are_taken_by_number_mask_and_accuracy() -> None:
    data = make_networks(30, 0)
    assert len(data) == 30
    some = data.take(np.array([4, 2]))
    assert some.accuracies.tolist() == [data.accuracies[4], data.accuracies[2]]
    np.testing.assert_array_equal(some.embeddings, data.embeddings[[4, 2]])
    kept = data.at_least(float(np.median(data.accuracies)))
    assert len(kept) == 15
    assert kept.accuracies.min() == np.sort(data.accuracies)[15]


def test_what_does_not_fit_together_is_refused() -> None:
    data = make_networks(3, 0)
    with pytest.raises(ValueError, match=r"got shapes \(3, 12\), \(2,\), \(3,\)"):
        LabelledNetworks(data.embeddings, data.gflops[:2], data.accuracies)
    with pytest.raises(ValueError, match="must be finite"):
        LabelledNetworks(data.embeddings, data.gflops, np.array([0.1, np.nan, 0.2]))
