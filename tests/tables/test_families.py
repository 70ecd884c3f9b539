"""The overview counts what is labelled and what is not, and says which."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nascast.tables.families import MISSING, family_name, family_table, lay_out_families
from nascast.tables.render import to_html, to_markdown


def networks(space: str, accuracy: list[float], images: str = "scenes10") -> pd.DataFrame:
    count = len(accuracy)
    return pd.DataFrame(
        {
            "space": space,
            "images": images,
            "accuracy": accuracy,
            "macs": [1_000_000 * (number + 1) for number in range(count)],
            "params": [1_500 * (number + 1) for number in range(count)],
            "nodes": [40 + number for number in range(count)],
        }
    )


def three() -> pd.DataFrame:
    return pd.concat(
        [
            networks("nasbench101", [0.2, 0.4, np.nan]),
            networks("hiaml", [np.nan] * 2, images=""),
            networks("two_path", [0.5, 0.51]),
        ],
        ignore_index=True,
    )


def test_a_row_worked_out_by_hand() -> None:
    table = family_table(three()).set_index("space")
    assert list(table.index) == ["nasbench101", "hiaml", "two_path"]
    row = table.loc["nasbench101"]
    assert (row["networks"], row["labelled"], row["source"]) == (3, 2, "minibench")
    found = row[["acc_min", "acc_mean", "acc_std", "acc_max"]].astype(float).tolist()
    assert found == pytest.approx([0.2, 0.3, 0.1, 0.4])
    assert row[["macs_min", "macs_max", "params_max", "nodes_min", "nodes_max"]].tolist() == [
        1_000_000, 3_000_000, 4_500, 40, 42,
    ]  # fmt: skip


def test_a_family_without_labels_says_so_and_keeps_its_sizes() -> None:
    row = family_table(three()).set_index("space").loc["hiaml"]
    assert row["source"] == MISSING == "missing: labels"
    assert np.isnan(row["acc_mean"])
    assert row["macs_max"] == 2_000_000


def test_the_layout_prints_each_column_in_its_unit() -> None:
    text = to_markdown(lay_out_families(family_table(three())))
    rows = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]]
        for line in text.splitlines()
        if line.startswith("| ")
    }
    dagger = "<sup>†</sup>"
    assert rows["NAS-Bench-101"] == [
        "3", "2", f"20.0 {dagger}", f"30.0 {dagger}", f"10.0 {dagger}", f"40.0 {dagger}",
        "1.00", "3.00", "1.5", "4.5", "40", "42",
    ]  # fmt: skip
    assert rows["HiAML"][2:6] == ["– <sup>1</sup>"] * 4
    assert rows["HiAML"][6:8] == ["1.00", "2.00"]
    assert "missing: labels" in text
    assert "NAS-Bench-101 spans 20.0 percentage points of accuracy, Two-Path only 1.0." in text
    assert "all labelled families" in text


def test_families_on_other_images_are_named() -> None:
    both = pd.concat([networks("hiaml", [0.1]), networks("darts", [0.2], images="rooms10")])
    notes = [text for _, text in lay_out_families(family_table(both)).notes]
    assert any("rooms10" in text and "DARTS / NAS-Bench-301" in text for text in notes)
    assert any("scenes10" in text and "HiAML" in text for text in notes)
    assert MISSING not in notes


def test_nothing_labelled_is_a_table_as_well() -> None:
    layout = lay_out_families(family_table(networks("hiaml", [np.nan, np.nan], images="")))
    assert layout.takeaway == "No family is labelled yet."
    assert "nan" not in to_html(layout, "families").lower()


def test_a_single_labelled_family_is_compared_with_none() -> None:
    layout = lay_out_families(family_table(networks("hiaml", [0.25, 0.5])))
    assert layout.takeaway == "HiAML spans 25.0 percentage points of accuracy."


def test_unknown_families_keep_their_name() -> None:
    assert family_name("ofa_mbv3") == "OFA-MobileNetV3"
    assert family_name("my_space") == "my_space"
