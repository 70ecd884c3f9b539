"""A scored grid is read with what its settings say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.tables.scored import C10, MINI, scores_of

from nascast.stages.scored_grids import scored_run

GRID: dict[str, Any] = {"tasks": [C10, MINI], "predictors": ["RF", "SoTL"], "train_sizes": [10, 20]}
GRID |= {"budgets": [1, 2], "curves": "labels", "settings": "quick"}
ALL = {"curves", "losses", "proxies", "supernets"}
TASK: dict[str, Any] = {"labels": "real", "stands_for": "", "substitute": ""}


@pytest.mark.parametrize(
    ("changes", "sees", "unit"),
    [
        ({}, {"curves", "losses"}, "epoch"),
        ({"curves": "none", "budgets": []}, set(), "epoch"),
        ({"curves": "traces", "protocol": "sgd"}, {"curves", "losses"}, "mini-batch"),
        ({"curves": "published"}, {"curves"}, "epoch"),
        ({"proxies": "p", "supernets": True}, ALL, "epoch"),
    ],
)
def test_a_run_knows_its_grids_and_tasks(
    changes: dict[str, Any], sees: set[str], unit: str, tmp_path: Path
) -> None:
    scores, seeds = scores_of({"RF": lambda s, b: s / 100}, (C10,), (10, 20), (1, 2), seeds=2)
    scores.to_csv(tmp_path / "scores.csv", index=False)
    seeds.to_csv(tmp_path / "seeds.csv", index=False)
    tasks = {C10: TASK, MINI: TASK | {"stands_for": C10, "substitute": "other images"}}
    run = scored_run(
        [tmp_path / "scores.csv"], [tmp_path / "seeds.csv"], {"white": GRID | changes}, tasks
    )
    (grid,) = run.grids
    assert (grid.name, grid.unit, grid.settings) == ("white", unit, "quick")
    assert (grid.test_networks, grid.sampling) == (200, "random")
    assert grid.sees == sees
    assert grid.cells[0] == (10, 0 if changes.get("curves") == "none" else 1)
    assert grid.numbers(C10, "kendall_tau")["value"].tolist() == [0.1, 0.2]
    assert grid.seed_numbers(C10)["seed"].tolist() == [0, 1, 0, 1]
    assert run.sources == {C10: "real", MINI: "real"}
    assert run.stands_for == {MINI: C10}
    assert run.substitutes == {MINI: "other images"}


def test_every_grid_has_its_two_files(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        scored_run([], [], {"white": GRID}, {C10: TASK})


def test_grids_draw_alike_unless_something_leaves_networks_out(tmp_path: Path) -> None:
    scores, seeds = scores_of({"RF": lambda s, b: 0.1}, (C10,), (10, 20), (1, 2))
    scores.to_csv(tmp_path / "scores.csv", index=False)
    seeds.to_csv(tmp_path / "seeds.csv", index=False)
    none = {"curves": "none", "budgets": []}
    grids = {
        "labels": GRID,
        "none": GRID | none,
        "slow": GRID | none | {"predictors": ["GP"], "seeds": 3, "changes": {"GP": {"steps": 1}}},
        "published": GRID | {"curves": "published"},
        "proxies": GRID | none | {"proxies": "p"},
        "fewer": GRID | {"test_networks": 20},
    }
    files = [tmp_path / "scores.csv"] * len(grids), [tmp_path / "seeds.csv"] * len(grids)
    run = scored_run(*files, grids, {C10: TASK, MINI: TASK})
    drawn = {grid.name: grid.drawn for grid in run.grids}
    assert drawn["labels"] == drawn["none"] == drawn["slow"]
    assert len(set(drawn.values())) == 4
    assert run.grids[2].changes == {"GP": {"steps": 1}}
