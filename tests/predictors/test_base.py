from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nascast.predictors.base import FeatureError, Observations


def test_a_feature_that_was_not_handed_over_is_an_error() -> None:
    seen = Observations(("a",), 10, {"val_acc": np.zeros((1, 2))})
    assert seen.feature("val_acc").shape == (1, 2)
    with pytest.raises(FeatureError, match=r"feature 'size' is not among \['val_acc'\]: name it"):
        seen.feature("size")


def test_labels_are_only_there_in_fit() -> None:
    assert Observations(("a",), 1, labels=np.array([0.5])).require_labels() == 0.5
    with pytest.raises(ValueError, match="only there in fit"):
        Observations(("a",), 1).require_labels()


def test_rows_must_fit_the_architectures() -> None:
    with pytest.raises(ValueError, match="feature 'val_acc' has 3 rows for 2 architectures"):
        Observations(("a", "b"), 1, {"val_acc": np.zeros((3, 1))})
    with pytest.raises(ValueError, match="labels has 1 entries for 2 architectures"):
        Observations(("a", "b"), 1, labels=np.zeros(1))


def test_length_is_the_number_of_architectures() -> None:
    assert len(Observations(("a", "b", "c"), 1)) == 3


def test_some_rows_are_taken_of_everything_but_the_pool() -> None:
    pool = {"size": pd.DataFrame({"params": [7]})}
    seen = Observations(
        ("a", "b", "c"),
        1,
        {"val_acc": np.arange(3)[:, None], "size": pd.DataFrame({"params": [1, 2, 3]})},
        labels=np.array([0.1, 0.2, 0.3]),
        held_out=np.array([False, True, False]),
        pool=pool,
    )
    taken = seen.take(np.array([2, 0, 2]))
    assert taken.arch_ids == ("c", "a", "c")
    assert taken.feature("val_acc").tolist() == [[2], [0], [2]]
    assert taken.feature("size")["params"].tolist() == [3, 1, 3]
    assert taken.require_labels().tolist() == [0.3, 0.1, 0.3]
    assert taken.held_out is not None
    assert not taken.held_out.any()
    assert taken.pool is pool
    assert Observations(("a",), 1).take(np.array([], dtype=int)).labels is None
