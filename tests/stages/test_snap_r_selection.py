"""The choice of a recipe: what decides it, and what it writes down."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.stages.snap_r_problem import SELECTION, training

from nascast.evaluation.metrics import kendall_tau
from nascast.predictors.snap_r.ensemble import SnapR
from nascast.predictors.snap_r.shifts import split
from nascast.snap_r_sections import Candidate
from nascast.stages.snap_r_features import ALL_COLUMNS
from nascast.stages.snap_r_selection import chosen, recipe_of, select, shifts_of

CELLS, LABELS = training()


def test_the_candidate_that_stands_the_worst_shift_best_is_chosen() -> None:
    log = select(SELECTION, CELLS, LABELS, {})
    assert log["candidate"].tolist()[-1] == "pools"
    assert log["chosen"].tolist() == [True, False, False]
    assert chosen(log, SELECTION) == SELECTION.candidates[log.loc[0, "candidate"]]
    taus = log[["spatial:up", "spatial:down"]]
    np.testing.assert_allclose(log["worst"], taus.min(axis=1))
    np.testing.assert_allclose(log["mean"], taus.mean(axis=1))
    np.testing.assert_allclose(log["criterion"], log["worst"])


def test_a_shift_is_scored_by_tau_on_its_test_part() -> None:
    log = select(SELECTION, CELLS, LABELS, {}).set_index("candidate")
    rich = CELLS.features[:, ALL_COLUMNS.index("count:spatial")] >= 2
    score = CELLS.features[:, ALL_COLUMNS.index("walk:spatial")]
    expected = kendall_tau(score[rich], LABELS[rich])
    assert log.loc["spatial", "spatial:up"] == pytest.approx(expected, abs=1e-6)


def test_other_labels_of_the_same_cells_have_their_share() -> None:
    other = np.full(len(LABELS), np.nan)
    other[::3] = CELLS.features[::3, ALL_COLUMNS.index("walk:pool")]
    settings = SELECTION.model_copy(update={"concept": ["other"], "concept_weight": 1.0})
    log = select(settings, CELLS, LABELS, {"other": other})
    assert log.loc[0, "candidate"] == "pools"
    assert log.loc[0, "concept:other"] == pytest.approx(1, abs=0.01)
    half = SELECTION.model_copy(update={"concept_weight": 0.5})
    mixed = select(half, CELLS, LABELS, {"other": other})
    np.testing.assert_allclose(mixed["criterion"], (mixed["worst"] + mixed["concept"]) / 2)


def test_every_shift_is_taken_in_its_directions() -> None:
    assert [shift.direction for shift in shifts_of(SELECTION)] == ["up", "down"]


def test_settings_become_a_recipe() -> None:
    recipe = recipe_of(SELECTION.candidates["pools"])
    assert (recipe.members[0].kind, recipe.members[0].reads) == ("sum", ("walk:pool",))
    assert recipe.keep == ("count:.*", "walk:.*")


@pytest.mark.parametrize("marks", [[False, False], [True, True]])
def test_a_log_must_choose_one(marks: list[bool]) -> None:
    log = pd.DataFrame({"candidate": ["ridge", "pools"], "chosen": marks})
    with pytest.raises(ValueError, match="expected one candidate"):
        chosen(log, SELECTION)


def test_a_shared_member_gives_what_it_gives_alone() -> None:
    ridge, spatial = (SELECTION.candidates[name].members[0] for name in ("ridge", "spatial"))
    mixed = Candidate(
        members=[ridge, spatial.model_copy(update={"weight": 0.25})], keep=["count:.*", "walk:.*"]
    )
    settings = SELECTION.model_copy(update={"candidates": {**SELECTION.candidates, "m": mixed}})
    log = select(settings, CELLS, LABELS, {}).set_index("candidate")
    shift = shifts_of(SELECTION)[0]
    train, test = split(shift, CELLS.features, ALL_COLUMNS, 8000, 2000)
    model = SnapR(recipe_of(mixed), ALL_COLUMNS)
    model.fit(CELLS.features[train], LABELS[train])
    expected = kendall_tau(model.score(CELLS.features[test]), LABELS[test])
    assert log.loc["m", "spatial:up"] == pytest.approx(expected)
