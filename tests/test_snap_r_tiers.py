"""SNAP-R's settings in the tabular tier fit what there is to read, and look at one space only."""

from __future__ import annotations

import pytest

from nascast.predictors.snap_r.columns import choose
from nascast.predictors.snap_r.ensemble import KINDS
from nascast.snap_r_tiers import tabular_snap_r
from nascast.stages.snap_r_features import ALL_COLUMNS
from nascast.stages.snap_r_runs import recipes

SETTINGS = tabular_snap_r()
CANDIDATES = SETTINGS.selection.every_candidate


@pytest.mark.parametrize("name", sorted(CANDIDATES))
def test_candidates_read_what_there_is_and_nothing_of_their_company(name: str) -> None:
    candidate = CANDIDATES[name]
    columns = [ALL_COLUMNS[place] for place in choose(ALL_COLUMNS, candidate.keep, candidate.drop)]
    assert "size:population" not in columns
    for member in candidate.members:
        KINDS[member.kind](member.settings)
        assert choose(columns, member.reads or [".*"], [])


def test_only_the_row_that_says_so_looks_at_the_population() -> None:
    for base in CANDIDATES.values():
        for name, row in recipes(SETTINGS, base).items():
            columns = [ALL_COLUMNS[place] for place in choose(ALL_COLUMNS, row.keep, row.drop)]
            assert "size:population" not in columns or name == "SNAP-R (population)"
            for member in row.members:
                assert choose(columns, member.reads or [".*"], [])


def test_the_row_without_size_has_none() -> None:
    row = recipes(SETTINGS, CANDIDATES["300_and_size_20"])["SNAP-R (no size)"]
    columns = [ALL_COLUMNS[place] for place in choose(ALL_COLUMNS, row.keep, row.drop)]
    assert not [name for name in columns if "size" in name or "weights" in name]
    assert [member.kind for member in row.members] == ["trees"], "the sum of size is gone"


def test_shifts_are_along_features() -> None:
    assert {shift.column for shift in SETTINGS.selection.shifts.values()} <= set(ALL_COLUMNS)
