"""Published values as data: complete grids, spot checks, and a note wherever a value needs one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nascast.tables import tidy

C10, C100, IN16 = (f"nasbench201-{name}" for name in ("cifar10", "cifar100", "imagenet16-120"))


def published(paper: str, table: str) -> pd.DataFrame:
    values = tidy.load_published(paper)
    return values[values["table"] == table]


@pytest.mark.parametrize("paper", ["nas_bench_suite_zero", "gennape", "snap"])
def test_every_value_says_where_it_stands_and_is_zero_shot(paper: str) -> None:
    values = tidy.load_published(paper)
    assert values["where"].notna().all()
    assert set(values["context"]) == {"zero-shot"}
    assert (values["budget"] == 0).all()
    assert values.loc[values["value"].isna(), "note"].notna().all()


def test_suite_zero_is_a_full_grid_of_correlations() -> None:
    grid = published("nas_bench_suite_zero", "proxies_table").pivot(
        index="row", columns="column", values="value"
    )
    assert grid.shape == (13, 19)
    assert grid.notna().all(axis=None)
    assert (grid.abs() < 1).all(axis=None)
    assert grid.loc["nwot", [C10, C100, IN16]].tolist() == [0.77, 0.80, 0.77]
    assert grid.loc["jacov", "nasbench101-cifar10"] == -0.29
    assert grid.loc["flops", "transnas_macro-class_scene"] == 0.85
    assert grid.loc["synflow", "transnas_micro-class_scene"] == 0.72
    assert grid.loc["plain", "darts-cifar10"] == -0.32
    assert grid.loc["zen", "transnas_macro-segmentsemantic"] == 0.27


def test_zeros_that_look_undefined_carry_a_note() -> None:
    values = published("nas_bench_suite_zero", "proxies_table")
    noted = values[values["note"].notna()]
    assert (noted["value"] == 0).all()
    assert noted.groupby("row").size().to_dict() == {"epe_nas": 10, "synflow": 6}
    rounded = values[(values["value"] == 0) & values["note"].isna()]
    assert set(rounded["row"]) == {"grasp", "params", "plain"}


def test_gennape_has_eight_families_and_five_methods() -> None:
    grid = published("gennape", "gennape_table1").pivot(
        index="column", columns="row", values="value"
    )
    assert grid.shape == (8, 5)
    assert grid.loc[C10].to_dict() == {
        "synflow": 0.823, "jacov": 0.859, "fisher": 0.687, "snip": 0.718, "flops": 0.001,
    }  # fmt: skip
    assert grid.loc["ofa_resnet-imagenet", "flops"] == 0.785
    assert grid.loc["two_path-cifar10", "jacov"] == -0.071


def test_snap_prints_searches_and_two_correlations() -> None:
    searches = published("snap", "snap_table3").set_index(["row", "column", "metric"])["value"]
    assert len(searches) == 8 * 6
    assert searches["TE-NAS", C10, "macs"] == 188_660_000
    assert searches["TE-NAS", C10, "params"] == 1_317_000
    assert searches["NASWOT", C10, "search_hours"] == 0.09
    assert searches["KNAS", C100, "test_acc"] == 0.7105
    assert searches["Ground Truth", IN16, "test_acc"] == 0.4671
    assert np.isnan(searches["Ground Truth", C10, "search_hours"])
    ranks = published("snap", "snap_table5").pivot(index="row", columns="metric", values="value")
    assert ranks.loc["SNAP"].to_dict() == {"kendall_tau": 0.60, "spearman": 0.80}
    assert ranks.loc["fisher"].to_dict() == {"kendall_tau": 0.22, "spearman": 0.36}
    assert len(ranks) == 8


@pytest.mark.parametrize("figure", ["snap_fig1", "snap_fig3", "snap_fig4", "snap_fig8"])
def test_what_snap_only_draws_has_no_number(figure: str) -> None:
    drawn = published("snap", figure)
    assert len(drawn)
    assert drawn["value"].isna().all()
    assert drawn["note"].str.startswith("only drawn").all()


def test_white_has_anchors_of_xgboost_at_two_training_sizes() -> None:
    values = tidy.load_published("white")
    assert tuple(values.columns) == tidy.SIZED_COLUMNS
    assert set(values["row"]) == {"XGBoost"}
    assert set(values["metric"]) == {"spearman"}
    assert values[["note", "where"]].nunique().tolist() == [1, 1]
    grid = values.pivot(index="column", columns="train_size", values="value")
    assert grid.loc[C10].tolist() == [0.622, 0.890]
    assert grid.loc[C100].tolist() == [0.640, 0.906]
    assert grid.loc[IN16].tolist() == [0.683, 0.922]
    assert grid.loc["nasbench101-cifar10"].tolist() == [0.546, 0.748]
    assert grid.loc["darts-cifar10"].tolist() == [0.314, 0.678]
    assert (grid[100] < grid[1000]).all()
