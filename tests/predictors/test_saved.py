from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.linear_model import LinearRegression

from nascast.predictors.objects import ModelFileError, save_object
from nascast.predictors.saved import load_predictor, save_predictor
from nascast.predictors.shortcuts import Params


def test_the_card_says_which_predictor_it_is(tmp_path: Path) -> None:
    path = tmp_path / "params.safetensors"
    save_predictor(Params(), path, {"spaces": "nasbench201"})
    predictor, card = load_predictor(path)
    assert isinstance(predictor, Params)
    assert card == {"spaces": "nasbench201", "predictor": "params"}


def test_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "line.safetensors"
    save_object(LinearRegression(), path, {})
    with pytest.raises(ModelFileError, match="holds a LinearRegression, no predictor"):
        load_predictor(path)
