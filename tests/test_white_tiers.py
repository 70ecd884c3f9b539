"""The tables and figures of White et al., by name, whatever grids fill them."""

from __future__ import annotations

from typing import Any

import pytest

from nascast.config import Config
from nascast.white_tiers import grid_figures, grid_tables, mutation_tables

GRID: dict[str, Any] = {"tasks": ["cells-discs"], "predictors": ["params"], "curves": "labels"}
GRID |= {"train_sizes": [10, 100], "budgets": [1, 12]}
SHOW = [(10, 1), (100, 12)]


def test_each_metric_has_a_table_and_omni_its_ablation() -> None:
    tables = grid_tables(["a", "b"], SHOW)
    metrics = {name: table.metric for name, table in tables.items() if table.layout == "metric"}
    assert metrics == {
        "white_kendall": "kendall_tau",
        "white_sparse": "sparse_kendall_tau",
        "white_pearson": "pearson",
        "white_spearman": "spearman",
    }
    assert {name for name, t in tables.items() if t.layout == "ablation"} == {"white_omni_ablation"}
    assert set(mutation_tables(["a"], SHOW)) == {"white_mutation"}
    for table in (*tables.values(), *mutation_tables(["a", "b"], SHOW).values()):
        assert table.grids == ["a", "b"]
        assert table.show == [[10, 1], [100, 12]]


@pytest.mark.parametrize("sampling", ["random", "mutation"])
def test_a_tier_can_hold_them(sampling: str) -> None:
    figures = grid_figures(["white"])
    assert set(figures) == {"white_tau_surface"}
    config = Config.model_validate(
        {
            "protocols": {},
            "tasks": {"cells-discs": {"space": "cells", "images": "discs", "labels": "minibench"}},
            "experiments": {},
            "grids": {"white": GRID | {"sampling": sampling}},
            "tables": grid_tables(["white"], SHOW) | mutation_tables(["white"], SHOW),
            "figures": figures,
            "reports": {},
        }
    )
    assert len(config.grid_tables) == 6
    assert set(config.grid_figures) == {"white_tau_surface"}
