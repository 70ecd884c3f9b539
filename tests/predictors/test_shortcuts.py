from __future__ import annotations

import pytest
from tests.predictors.observed import make_observations

from nascast.predictors.registry import create
from nascast.predictors.shortcuts import Params


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("params", "params"),
        ("MACs", "macs"),
        ("effective params", "effective_params"),
        ("convolutions", "conv_count"),
        ("convs per path", "mean_path_convs"),
    ],
)
def test_a_shortcut_is_its_column(name: str, column: str) -> None:
    seen = make_observations(5, seed=0)
    assert create(name).predict(seen).tolist() == seen.features["size"][column].tolist()


def test_shortcuts_do_not_learn() -> None:
    shortcut = create("params")
    assert isinstance(shortcut, Params)
    assert not shortcut.learns
