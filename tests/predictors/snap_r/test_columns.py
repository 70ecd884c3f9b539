"""Which features are read, and which of them only rise."""

from __future__ import annotations

import pytest

from nascast.predictors.snap_r.columns import ColumnError, choose, directions

COLUMNS = ("count:conv", "path:mean_conv", "path:spread_conv", "walk:pool", "size:relative")


def test_what_is_dropped_is_taken_out_of_what_is_kept() -> None:
    assert choose(COLUMNS, ["path:.*", "count:.*"], [".*spread.*"]) == [0, 1]


def test_patterns_fit_whole_names() -> None:
    assert choose(COLUMNS, ["count:conv", "size:.*"], ["size"]) == [0, 4]


@pytest.mark.parametrize(
    ("keep", "drop", "message"),
    [(["walks:.*"], [], "'walks:.*' fits none"), (["walk:.*"], ["walk:.*"], "leaves no feature")],
)
def test_a_choice_that_does_not_exist_is_told(
    keep: list[str], drop: list[str], message: str
) -> None:
    with pytest.raises(ColumnError, match=message.replace("*", r"\*")):
        choose(COLUMNS, keep, drop)


def test_only_convolutions_and_size_rise() -> None:
    assert directions(COLUMNS) == [1, 1, 0, 0, 1]
    others = ("path:max_weights", "path:mean_length", "shape:edges", "size:population")
    assert directions(others) == [1, 0, 0, 1]
