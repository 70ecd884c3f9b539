from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from nascast.predictors.base import Observations
from nascast.predictors.column_score import ColumnScore


class Weight(ColumnScore):
    """One of two columns."""

    name: ClassVar[str] = "weight"
    family: ClassVar[str] = "a test"
    needs: ClassVar[frozenset[str]] = frozenset({"proxies"})
    reference: ClassVar[str] = "a test"
    feature: ClassVar[str] = "proxies"
    column: ClassVar[str] = "weight"


def test_the_column_is_the_score_whatever_its_dtype() -> None:
    table = pd.DataFrame({"height": [1, 2, 3], "weight": [7, -5, 6]}, index=["x", "y", "z"])
    scores = Weight().predict(Observations(("x", "y", "z"), 1, {"proxies": table}))
    assert scores.tolist() == [7, -5, 6]
    assert scores.dtype == np.float64


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf])
def test_what_was_not_measured_is_ranked_last(missing: float) -> None:
    table = pd.DataFrame({"weight": [0.5, missing]})
    scores = Weight().predict(Observations(("x", "y"), 1, {"proxies": table}))
    assert scores.tolist() == [0.5, -np.inf]
