from __future__ import annotations

import pytest

from nascast.predictors.gennape.heads import create_head
from nascast.predictors.gennape.pairwise import PairwiseHead
from nascast.predictors.gennape.regressor import RegressionHead


def test_a_name_says_what_kind_of_head_it_is() -> None:
    pair, regression = create_head("CL+FCM+Pairwise", 3, {"epochs": 2}), create_head("CL+FCM+T", 4)
    assert isinstance(pair, PairwiseHead)
    assert isinstance(regression, RegressionHead)
    assert (pair.seed, pair.settings.epochs, pair.settings.clusters) == (3, 2, 11)
    assert (regression.seed, regression.settings.clusters) == (4, 16)
    with pytest.raises(ValueError, match="no GENNAPE head 'FCM'"):
        create_head("FCM", 0)
