from __future__ import annotations

import pytest
from tests.predictors.observed import make_observations

from nascast.predictors.registry import create
from nascast.predictors.supernet_scores import SupernetScore


@pytest.mark.parametrize(("name", "column"), [("OneShot", "one_shot"), ("RS-WS", "rs_ws")])
def test_weight_sharing_is_the_accuracy_with_inherited_weights(name: str, column: str) -> None:
    seen = make_observations(5, seed=0)
    predictor = create(name)
    assert isinstance(predictor, SupernetScore)
    assert predictor.predict(seen).tolist() == seen.features["supernet"][column].tolist()
