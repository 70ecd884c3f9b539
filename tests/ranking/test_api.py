from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from tests.ranking.shown import SHAPE, makers, mlp
from torch import nn

import nascast
from nascast.ranking.api import as_images, make_context, make_setting
from nascast.ranking.base import RankingError
from nascast.ranking.formats import COLUMNS
from nascast.ranking.images import OwnImages, RandomImages


def test_a_frame_of_good_and_bad_ones() -> None:
    frame = nascast.rank(
        {"broken": nn.Conv2d(1, 1, 1)} | makers(3, 30), "snip", input_shape=SHAPE, seeds=2
    )
    assert list(frame) == list(COLUMNS)
    assert frame["name"].tolist() == ["mlp30", "mlp3", "broken"]
    assert frame["rank"].tolist()[:2] == [1, 2]
    assert pd.isna(frame["rank"].iloc[2])
    assert frame["error"].notna().tolist() == [False, False, True]
    assert (frame["uncertainty"].iloc[:2] > 0).all()
    assert frame.attrs["predictor"] == "snip"
    assert "SNIP" in frame.attrs["note"]
    again = nascast.rank(
        makers(30, 3) | {"broken": nn.Conv2d(1, 1, 1)}, "snip", input_shape=SHAPE, seeds=2
    )
    pd.testing.assert_frame_equal(frame.drop(columns="seconds"), again.drop(columns="seconds"))


def test_texts_lists_and_examples() -> None:
    example = torch.zeros(1, *SHAPE)
    frame = nascast.rank([("a", mlp(2), example), ("a", mlp(3), example)], predictor="params")
    assert frame["score"].iloc[0] == 398
    assert "has the name of another candidate (models, entry 1)" in frame["error"].iloc[1]
    spec = "nasbench101:conv1x1-bn-relu|11.1"
    for models in (spec, [spec]):
        frame = nascast.rank(models, predictor="params", classes=7)
        assert frame[["space", "spec"]].iloc[0].tolist() == spec.split(":")
    with_ten = nascast.rank("conv1x1-bn-relu|11.1", predictor="params", space="nasbench101")
    # Three more classes of 512 inputs and a bias.
    assert with_ten["params"].iloc[0] - frame["params"].iloc[0] == 3 * 513


def test_data_of_any_kind() -> None:
    assert isinstance(as_images(None, None), RandomImages)
    own = as_images((np.zeros((4, 3), np.float32), np.arange(4)), None)
    assert isinstance(own, OwnImages)
    assert own.classes == 4
    assert as_images(own, None) is own
    with pytest.raises(RankingError, match="data must be a folder"):
        as_images(3, None)


def test_classes_come_from_the_images_unless_more_are_asked_for() -> None:
    images = OwnImages(torch.zeros(4, 3), torch.arange(4), "mine")
    assert make_setting(None, None, images).classes == 4
    assert make_setting(None, 6, images).classes == 6
    assert make_setting(None, None, RandomImages()).classes is None
    with pytest.raises(RankingError, match="3 classes are asked for, but mine has 4"):
        make_setting(None, 3, images)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"budget": 0}, "budget must be positive, not 0"),
        ({"budget": math.nan}, "budget must be positive"),
        ({"seeds": -1}, "seeds must be positive"),
        ({"batch_size": 0}, "batch_size must be positive"),
        ({"device": "abacus"}, "device 'abacus' is none that torch knows"),
        ({"input_shape": (3, 0)}, "input_shape must be positive"),
        ({"predictor": "snipp"}, "did you mean snip"),
        ({"models": 7}, "gives a int; return a dict"),
        ({"predictor": "nap2"}, "trains on your own images"),
    ],
)
def test_wrong_arguments_are_named(values: dict[str, Any], message: str) -> None:
    given = {"models": makers(2), "predictor": "params", "input_shape": SHAPE} | values
    with pytest.raises(RankingError, match=message):
        nascast.rank(**given)


def test_a_budget_runs_from_the_start() -> None:
    def make(budget: float | None) -> float:
        return make_context(RandomImages(), budget, None, 4, "cpu", None, lambda line: None).left()

    assert make(None) == math.inf
    assert 99 < make(100.0) <= 100
