"""The tables and figures of White et al., by name, whatever grids fill them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nascast.config import Config
from nascast.io.parquet import read_provenance
from nascast.io.provenance import config_hash
from nascast.predictors import registry
from nascast.tiers import mini, tabular
from nascast.white_tiers import (
    CHEAP_MODELS,
    MODEL_BASED,
    NEWER_MODELS,
    SLOW_MODELS,
    cost_table,
    grid_figures,
    grid_tables,
    mutation_tables,
)

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


def test_costs_are_shown_in_cells() -> None:
    (table,) = cost_table(["a"], SHOW).values()
    assert (table.layout, table.show) == ("costs", [[10, 1], [100, 12]])


def test_cheap_and_slow_models_are_all_there_are() -> None:
    assert sorted([*CHEAP_MODELS, *SLOW_MODELS]) == sorted([*MODEL_BASED, *NEWER_MODELS])


@pytest.mark.parametrize("config", [mini(), tabular()], ids=["mini", "tabular"])
def test_every_predictor_takes_its_settings(config: Config) -> None:
    for grid in config.grids.values():
        for name in grid.predictors:
            quick = registry.get(name).quick if grid.settings == "quick" else {}
            options = {"seed": 0, "steps_per_epoch": 10, "horizon": 200}
            settings = {**quick, **grid.changes.get(name, {})}
            assert registry.create(name, **options, settings=settings).name == name


def test_shipped_traces_are_those_of_the_protocol() -> None:
    config = tabular()
    for grid in (grid for grid in config.grids.values() if grid.shipped):
        protocol = config.protocols[str(grid.protocol)]
        settings = protocol.model_dump(exclude={"networks", "networks_per_shard"})
        folder = Path(__file__).parents[1] / "resources" / "measured"
        for task in grid.tasks:
            steps = folder / f"{task}-{grid.protocol}" / "steps"
            assert len(list(steps.iterdir())) == len(protocol.shards)
            for shard in protocol.shards:
                origin = read_provenance(steps / f"shard={shard}.parquet")
                wanted = settings | {"bounds": protocol.bounds(shard)}
                assert origin.config_hash == config_hash(wanted)
        needed = grid.test_networks + max(grid.train_sizes)
        assert needed <= config.proxies[str(grid.proxies)].networks <= protocol.networks
