from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from nascast.predictors.snap.settings import PRESETS, SnapSettings
from nascast.snap_sections import Form, SnapRecipe, SnapStudy
from nascast.stages.snap_graphs import FORMS
from nascast.stages.snap_runs import recipe_settings

TASKS = {"tasks": ["cells-discs"]}


def test_presets_and_forms_are_those_that_there_are() -> None:
    assert get_args(SnapRecipe.model_fields["preset"].annotation) == tuple(PRESETS)
    assert get_args(Form) == FORMS


def test_a_recipe_changes_settings_that_there_are() -> None:
    changed = SnapRecipe(
        target="rank", adjacency="both", normalised=False, loops=False, readout="sum", layers=2,
        width=8, batch_size=4, weight_decay=0, loss="pairwise", epochs=3, cells=5, length="long",
    )  # fmt: skip
    names = {field.name for field in fields(SnapSettings)}
    assert names - set(changed.changes) == {"learning_rate", "decay_share", "decay"}
    settings = recipe_settings("paper", changed.changes)
    assert all(getattr(settings, name) == value for name, value in changed.changes.items())


def test_a_study_gives_what_a_recipe_leaves_out() -> None:
    study = SnapStudy(
        **TASKS,
        recipes={"a": SnapRecipe(), "b": SnapRecipe(encoder="one_hot", epochs=2, cells=7)},
        watched=["b"],
        cells="all",
    )
    assert study.training("a") == {
        "preset": "paper", "form": "op_graph", "changes": {"epochs": 40}, "cells": None,
        "held_out": 10_000, "watched": False, "text": "minilm-short",
    }  # fmt: skip
    own = study.training("b")
    assert (own["changes"], own["cells"], own["watched"]) == ({"epochs": 2}, 7, True)
    assert own["text"] == "one_hot-short"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"watched": ["b"]}, "watched names 'b', which is not among a"),
        ({"tasks": ["x-y", "x-y"]}, "tasks names something twice"),
        ({"source": "cells-discs"}, "tasks names the source cells-discs"),
        ({"recipes": {}}, "at least 1 item"),
        ({"recipes": {"a": {"readout": "max"}}}, "Input should be 'global', 'mean'"),
        ({"recipes": {"a": {"checkpoint": "m", "layers": 2}}}, "take out layers"),
        ({"recipes": {"a": {"checkpoint": "m", "cells": 2}}}, "take out cells"),
        (
            {"recipes": {"a": {"checkpoint": "m"}}, "watched": ["a"]},
            "watched names 'a', which is not trained here",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SnapStudy(**{**TASKS, "recipes": {"a": {}}} | wrong)
