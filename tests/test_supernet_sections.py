from __future__ import annotations

import dataclasses

import pytest
from pydantic import ValidationError

from nascast.labels.supernet_trainer import SupernetRecipe as Trained
from nascast.supernet_sections import SupernetRecipe, SupernetSettings
from nascast.tiers import MINI_SETS, mini


def test_a_recipe_is_what_the_trainer_takes_with_its_defaults() -> None:
    values = SupernetRecipe().model_dump()
    assert set(values) == {field.name for field in dataclasses.fields(Trained)}
    epochs = {name: values[name] for name in ("one_shot_epochs", "rs_ws_epochs")}
    assert Trained(**values) == Trained(**epochs)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"images": []}, "at least 1 item"),
        ({"images": ["a", "b", "a"]}, r"images names something twice: \['a', 'b', 'a'\]"),
        ({"images": ["a"], "networks": 0}, "greater than or equal to 1"),
        ({"images": ["a"], "recipe": {"lr": 0}}, "greater than 0"),
        ({"images": ["a"], "epochs": 3}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_settings_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SupernetSettings.model_validate(values)


def test_the_mini_tier_scores_what_it_labels() -> None:
    config = mini()
    supernet, labelled = config.supernets["nasbench201"], config.minibench["nasbench201"]
    assert supernet.images == list(MINI_SETS)
    assert config.inheriting_networks("nasbench201") == labelled.networks == 250
    assert supernet.scale == labelled.scale
    assert supernet.image_size == labelled.image_size
