"""The studies of the tiers: what is fixed beforehand, and that it can be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from nascast.predictors.snap.model import Snap
from nascast.predictors.snap.settings import PAPER
from nascast.snap_tiers import CELLS_101, choices, mini_studies, tabular_studies
from nascast.spaces.nasbench101_enumeration import CELLS
from nascast.stages.snap_runs import recipe_settings
from nascast.tiers import mini, tabular

MODELS = Path(__file__).parents[1] / "resources" / "models"


def test_the_papers_model_is_trained_at_full_size() -> None:
    study = tabular().snap["snap_paper"]
    told = study.training("paper")
    assert recipe_settings(told["preset"], told["changes"]) == PAPER
    assert (told["cells"], study.seeds, told["watched"]) == (None, 3, True)
    assert CELLS_101 == CELLS


def test_choices_differ_from_the_preset_in_one_thing() -> None:
    for name, recipe in choices().items():
        changed = recipe.model_dump(exclude_defaults=True)
        combined = name.startswith("rank_")
        assert len(changed) == 0 if name == "paper" else combined or len(changed) == 1, name


@pytest.mark.parametrize("tier", [mini, tabular])
def test_no_study_learns_from_what_it_ranks(tier: type) -> None:
    config = tier()
    for study in config.snap.values():
        source = config.tasks[study.source].space
        assert source == "nasbench101"
        assert all(config.tasks[task].space != source for task in study.tasks)


def test_the_screening_scale_is_the_same_everywhere_but_where_said() -> None:
    studies = tabular_studies(["a-b"])
    for name in ("snap_choices", "snap_controls", "snap_sentences", "snap_settings"):
        assert (studies[name].cells, studies[name].epochs) == (42_362, 40)
    assert studies["snap_choices"].seeds == 10
    cells = [recipe.cells for recipe in studies["snap_fractions"].recipes.values()]
    assert cells[0] == int(0.9 * CELLS)
    assert cells[-1] == CELLS // 100


def test_the_mini_tier_ranks_with_what_ships() -> None:
    studies = mini_studies([*mini().tasks])
    shipped = studies["snap_shipped"]
    for recipe in shipped.recipes.values():
        for seed in range(shipped.seeds):
            model, card = Snap.load(MODELS / f"{recipe.checkpoint}-seed={seed}.safetensors")
            assert card["spaces"] == ["nasbench101"]
            assert card["text"] == f"{shipped.encoder}-{shipped.length}"
            assert (model.settings.target == "rank") == (recipe.checkpoint == "snap-rank")
    jobs = sum(study.seeds * len(study.recipes) for study in studies.values())
    assert jobs <= 8
