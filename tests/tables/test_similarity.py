"""Table 8: the paper's six pairs and unseen operators, before and after, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nascast.tables import tidy
from nascast.tables.render import to_html, to_latex, to_markdown
from nascast.tables.similarity import (
    AFTER,
    BEFORE,
    HELD_OUT,
    METRIC,
    MOVED,
    NOT_TUNED,
    PAIRS,
    RISES,
    TABLE,
    build_table,
    lay_out_table,
    similarity_rows,
)

TEXTS: dict[float | None, list[tuple[str, str]]] = {
    None: list(PAIRS),
    1.0: [("gru", "gated unit"), ("mish", "mish activation")],
    0.7: [("gru", "rnn")],
    0.0: [("gru", "mish")],
}
BEFORE_VALUES = [0.2277, 0.60517, 0.4629, 0.0584, 0.2907, 0.2277, 0.5, 0.7, 0.6, 0.4]
AFTER_VALUES = [
    [0.02, 0.90, 0.0, 0.95, 0.6, 0.02, 0.9, 0.6, 0.7, 0.1],
    [0.04, 0.80, 0.2, 0.85, 0.2, 0.04, 0.8, 0.9, 0.7, 0.5],
]


def rows(seeds: int = 2) -> pd.DataFrame:
    frames = [similarity_rows(TEXTS, NOT_TUNED, BEFORE_VALUES)]
    frames += [similarity_rows(TEXTS, seed, AFTER_VALUES[seed]) for seed in range(seeds)]
    return pd.concat(frames, ignore_index=True)


def cell(table: pd.DataFrame, column: str, metric: str, context: str) -> pd.Series:
    found = table[
        (table["column"] == column) & (table["metric"] == metric) & (table["context"] == context)
    ]
    assert len(found) == 1
    return found.iloc[0]


def test_published_values_go_where_our_directions_say() -> None:
    published = tidy.load_published(TABLE)
    assert len(published) == 2 * len(PAIRS)
    assert published["where"].notna().all()
    grid = published.pivot(index="column", columns="context", values="value")
    assert [f"{a} / {b}" in grid.index for a, b in PAIRS] == [True] * 6
    rises = [bool(grid.loc[f"{a} / {b}", AFTER] > grid.loc[f"{a} / {b}", BEFORE]) for a, b in PAIRS]
    assert rises == list(RISES)
    assert grid.loc["skip connection / residual"].to_dict() == {BEFORE: 0.0584, AFTER: 0.9113}


def test_a_pair_worked_out_by_hand() -> None:
    table = build_table(rows())
    name = "conv2x2 / A 2D conv layer with a 2x2 kernel."
    before = cell(table, name, METRIC, BEFORE)
    assert (before["value"], before["published"], before["verdict"]) == (0.6052, 0.6052, "match")
    after = cell(table, name, METRIC, AFTER)
    assert after[["value", "ci_low", "ci_high"]].tolist() == pytest.approx([0.85, 0.8, 0.9])
    assert (after["published"], after["verdict"], after["seeds"]) == (0.8847, "match", 2)
    assert cell(table, name, MOVED, AFTER)["value"] == 1.0


def test_the_first_pair_cannot_be_met() -> None:
    found = cell(build_table(rows()), "conv2x2 / maxpool", METRIC, BEFORE)
    assert (found["value"], found["published"], found["verdict"]) == (0.2277, 0.2102, "above")


def test_pairs_that_move_the_wrong_way_are_counted() -> None:
    table = build_table(rows())
    assert cell(table, "maxpool / avgpool", MOVED, AFTER)["value"] == 0.5
    shares = [cell(table, name, MOVED, AFTER)["value"] for name in HELD_OUT.values()]
    assert shares == [0.75, 1.0, 0.5]
    same = cell(table, HELD_OUT[1.0], METRIC, AFTER)
    assert same[["value", "ci_low", "ci_high"]].tolist() == pytest.approx([0.8, 0.75, 0.85])
    assert same["n"] == 2
    assert cell(table, HELD_OUT[1.0], METRIC, BEFORE)["value"] == 0.6


def test_one_seed_has_no_range() -> None:
    found = cell(build_table(rows(1)), "maxpool / avgpool", METRIC, AFTER)
    assert np.isnan(found["ci_low"])
    assert found["verdict"] == "not comparable"


def test_both_sides_are_needed() -> None:
    with pytest.raises(tidy.TableError, match="needs similarities before and after"):
        build_table(similarity_rows(TEXTS, NOT_TUNED, BEFORE_VALUES))


def test_the_layout_puts_ours_beside_the_papers() -> None:
    layout = lay_out_table(build_table(rows()), "Table 8")
    text = to_markdown(layout)
    line = next(line for line in text.splitlines() if line.startswith("| skip connection"))
    cells = [part.strip() for part in line.split("|")[2:-1]]
    assert cells == ["0.0584", "0.0584", "0.9113", "0.9000 <sub>±0.0500</sub>", "1.00"]
    unseen = next(line for line in text.splitlines() if "two operators of one category" in line)
    assert "–" in unseen
    assert "5 of 6 pairs move the paper's way with every seed" in text
    assert "75% of one operator and 100% of one category come nearer, 50% of two" in text
    assert "half the range over 2 seeds" in text
    assert "nan" not in to_html(layout, TABLE).lower() + to_latex(layout, TABLE).lower()
