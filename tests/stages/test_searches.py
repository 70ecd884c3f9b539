"""A search takes the network that its proxy ranks first."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from nascast.stages.searches import proxy_searches

ACCURACIES = {"a": 0.5, "b": 0.9, "c": 0.7}


def measured(proxy: str, values: list[float], seed: int = 0, seconds: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "task": "cells-discs",
            "arch_id": ["a", "b", "c"],
            "spec": ["|a|", "|b|", "|c|"],
            "seed": seed,
            "proxy": proxy,
            "value": values,
            "status": "ok",
            "seconds": seconds,
            "together_seconds": 9.0,
        }
    )


def found(*frames: pd.DataFrame, accuracies: dict[str, float] | None = None) -> pd.DataFrame:
    table = pd.concat(frames, ignore_index=True)
    return proxy_searches(table, ACCURACIES if accuracies is None else accuracies)


def test_each_initialisation_is_a_search() -> None:
    table = found(
        measured("nwot", [1, 2, 3]),
        measured("nwot", [5, 2, 3], seed=1, seconds=2.0),
        measured("params", [10, 20, 30]),
        measured("flops", [100, 200, 300]),
    )
    rows = table.set_index(["row", "seed"])
    assert rows.loc[("NASWOT", 0), ["arch_id", "spec"]].tolist() == ["c", "|c|"]
    assert rows.loc[("NASWOT", 1), "arch_id"] == "a"
    assert rows.loc[("NASWOT", 0), ["seconds", "n", "params", "macs"]].tolist() == [3, 3, 30, 150]
    assert rows.loc[("NASWOT", 1), "seconds"] == 6.0
    assert rows.loc[("Ground Truth", 0), "arch_id"] == "b"
    assert math.isnan(rows.loc[("Ground Truth", 0), "seconds"])
    assert set(table["row"]) == {"NASWOT", "Ground Truth"}


def test_te_nas_adds_ranks_and_prefers_small_condition_numbers() -> None:
    """Ranks of -ntk are a 2, b 3, c 1; of regions a 3, b 1, c 2: sums 5, 4, 3."""
    table = found(
        measured("te_nas_ntk", [20, 10, np.inf]), measured("te_nas_regions", [30, 10, 20])
    )
    row = table.set_index("row").loc["TE-NAS"]
    assert (row["arch_id"], row["seconds"]) == ("a", 6.0)


def test_half_a_method_is_none() -> None:
    assert found(measured("te_nas_ntk", [20, 10, 5])).empty


def test_what_is_not_finite_ranks_last_and_the_first_of_equals_wins() -> None:
    table = found(measured("nwot", [np.nan, -4, -np.inf]), measured("knas", [1, 1, np.inf]))
    rows = table.set_index("row")["arch_id"]
    assert (rows["NASWOT"], rows["KNAS"]) == ("b", "a")


def test_networks_without_label_are_not_searched_and_doubles_count_once() -> None:
    frame = measured("nwot", [1, 2, 3])
    table = found(frame, frame, accuracies={"a": 0.5, "b": 0.4}).set_index("row")
    assert table.loc["NASWOT", ["arch_id", "n", "seconds"]].tolist() == ["b", 2, 2.0]
    assert table.loc["Ground Truth", "arch_id"] == "a"


def test_nothing_measured_finds_nothing() -> None:
    columns = list(measured("nwot", [1, 2, 3]))
    empty = proxy_searches(pd.DataFrame(columns=columns), {})
    assert empty.empty
    assert {"row", "arch_id", "spec", "macs", "params", "seconds", "n"} <= set(empty)
