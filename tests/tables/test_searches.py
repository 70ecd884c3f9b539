"""SNAP's Table 3: sizes and accuracies of what was found, the paper's on lines of their own."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from nascast.tables import searches

C10, C100, IN16 = (f"nasbench201-{name}" for name in ("cifar10", "cifar100", "imagenet16-120"))
PLACES = [(C10, "real"), (C100, "real"), (IN16, "missing: the labels")]
ACCURACIES = {C10: {"x": 0.9, "y": 0.8}, C100: {"x": 0.7, "y": 0.5}}
FOUND = pd.DataFrame(
    [
        ("NASWOT", 0, "x", "|x|", 2e6, 1e5, 36.0, 10),
        ("NASWOT", 1, "y", "|y|", 4e6, 3e5, 72.0, 10),
        ("Ground Truth", 0, "x", "|x|", 2e6, 1e5, np.nan, 10),
    ],
    columns=["row", "seed", "arch_id", "spec", "macs", "params", "seconds", "n"],
)


def build() -> pd.DataFrame:
    return searches.build_table(FOUND, ACCURACIES, PLACES, {})


def test_what_was_found_is_averaged_over_searches() -> None:
    cells = build().set_index(["row", "metric", "column"])
    assert cells.loc[("NASWOT", "test_acc", C10), "value"] == pytest.approx(0.85)
    assert cells.loc[("NASWOT", "test_acc", C100), "value"] == pytest.approx(0.6)
    assert cells.loc[("NASWOT", "macs", C10), "value"] == 3e6
    assert cells.loc[("NASWOT", "params", C10), "value"] == 2e5
    assert cells.loc[("NASWOT", "search_hours", C10), "value"] == pytest.approx(0.015)
    assert cells.loc[("NASWOT", "test_acc", C10), ["n", "seeds"]].tolist() == [10, 2]
    assert cells.loc[("NASWOT", "test_acc", C10), "published"] == 0.9296
    assert cells.loc[("Ground Truth", "test_acc", C10), "value"] == 0.9
    assert ("Ground Truth", "search_hours", C10) not in cells.index


def test_gaps_say_what_is_needed_and_nothing_is_compared() -> None:
    table = build()
    cells = table.set_index(["row", "metric", "column"])["source"]
    assert cells["TE-NAS", "macs", C10] == (
        "missing: te_nas_ntk and te_nas_regions measured on these networks"
    )
    assert cells["SNAP", "test_acc", C10] == "missing: the SNAP predictor"
    assert cells["GDAS", "test_acc", C100] == "missing: a search with this method"
    assert cells["NASWOT", "test_acc", IN16] == "missing: the labels"
    assert set(table["verdict"].dropna()) <= {"not comparable", "missing"}


def test_every_method_has_the_papers_line_and_ours() -> None:
    layout = searches.lay_out_table(build(), "T", {}, searches.search_notes(FOUND))
    assert [line.headers for line in layout.lines[::2]] == [
        (row, "published") for row in searches.ROWS
    ]
    lines = {line.headers: line.cells for line in layout.lines}
    assert [cell.value for cell in lines["TE-NAS", "published"]] == pytest.approx(
        [188.66, 1.317, 0.43, 93.78, 70.44, 41.40]
    )
    assert all(cell.cited for cell in lines["TE-NAS", "published"])
    ours = [cell.value for cell in lines["NASWOT", "here"]]
    assert ours[:5] == pytest.approx([3.0, 0.2, 0.015, 85.0, 60.0])
    assert math.isnan(ours[5])
    notes = [text for _, text in layout.notes]
    assert "NASWOT: |x|, best of 10 networks, 36.0 s of computing." in notes
    assert "Means over 2 initialisations." in notes
    assert layout.takeaway == (
        f"NASWOT finds 85.00% on {C10}; the best of these networks has 90.00%."
    )
    assert layout.columns[3] == ("accuracy (%)", "cifar10")


def test_a_stand_in_is_never_taken_for_the_papers_image_set() -> None:
    mini = "nasbench201-scenes10"
    places, stands_for = [(mini, "minibench"), *PLACES[1:]], {mini: C10}
    table = searches.build_table(FOUND, ACCURACIES | {mini: {"x": 0.6}}, places, stands_for)
    layout = searches.lay_out_table(table, "T", stands_for)
    assert layout.columns[3:5] == (
        ("accuracy (%)", "scenes10 for cifar10"),
        ("accuracy (%)", "cifar100"),
    )
    lines = {line.headers: line.cells for line in layout.lines}
    assert lines["NASWOT", "published"][3].value == pytest.approx(92.96)
    assert lines["NASWOT", "here"][3].marks == ("†",)
    assert lines["NASWOT", "here"][4].marks == ()


def test_without_a_search_the_published_lines_remain() -> None:
    table = searches.build_table(FOUND.iloc[:0], {}, PLACES, {})
    assert table["value"].isna().all()
    layout = searches.lay_out_table(table, "T", {})
    assert layout.takeaway == "No search was run yet."
    assert len(layout.lines) == 16
