"""SNAP's Table 8: how alike an encoder finds operators, before and after its fine-tuning.

Below the paper's six pairs stand pairs with operators that the fine-tuning has never seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.tables import tidy
from nascast.tables.layout import Cell, Layout, Line

TABLE: Final = "snap_table8"
MODEL: Final = "MiniLM-L6-v2"
METRIC: Final = "cosine_similarity"
MOVED: Final = "share_moved"
BEFORE: Final = "before fine-tuning"
AFTER: Final = "after fine-tuning"
NOT_TUNED: Final = -1
"""Stands for the seed of a similarity before fine-tuning."""

PAIRS: Final = (
    ("conv2x2", "maxpool"),
    ("conv2x2", "A 2D conv layer with a 2x2 kernel."),
    ("nn_Dropout", "nn_BatchNorm2d"),
    ("skip connection", "residual"),
    ("maxpool", "avgpool"),
    ("maxpool", "conv2x2"),
)
"""The texts that the paper compares."""
RISES: Final = (False, True, False, True, True, False)
"""Whether the paper's fine-tuning brings each pair nearer."""
HELD_OUT: Final[Mapping[float, str]] = {
    1.0: "held out: two descriptions of one operator",
    0.7: "held out: two operators of one category",
    0.0: "held out: operators of two categories",
}
"""Groups of pairs with an unseen operator, by the similarity that pairs of their kind train for."""

_DECIMALS: Final = 4
_COLUMNS: Final = ("first", "second", "target", "seed", "similarity")


def similarity_rows(
    pairs: Mapping[float | None, list[tuple[str, str]]], seed: int, similarities: Any
) -> pd.DataFrame:
    """Return one model's similarities as rows for :func:`build_table`.

    Args:
        pairs: texts by the similarity that they should have; None are the paper's.
        seed: of the fine-tuning, or :data:`NOT_TUNED`.
        similarities: a number a pair, in their order.
    """
    listed = [(*pair, target) for target, found in pairs.items() for pair in found]
    rows = pd.DataFrame(listed, columns=list(_COLUMNS[:3])).astype({"target": "float64"})
    return rows.assign(seed=seed, similarity=np.asarray(similarities, dtype=np.float64))


def build_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return all numbers of the table, tidy.

    Similarities before fine-tuning have the digits that the paper prints, and since nothing varies,
    the number itself is their interval. Those after it are means over seeds, with the range over
    seeds in the place of an interval. ``share_moved`` is the share of pairs and seeds that moved as
    they should: one operator and one category up, two categories down; for the paper's pairs, as
    in the paper.

    Args:
        rows: of :func:`similarity_rows`, of the model before and after fine-tuning.
    """
    cells: list[dict[str, Any]] = []
    for (first, second), rises in zip(PAIRS, RISES, strict=True):
        of_pair = rows["target"].isna() & (rows["first"] == first) & (rows["second"] == second)
        cells += _cells(f"{first} / {second}", rows[of_pair], rises)
    for target, name in HELD_OUT.items():
        cells += _cells(name, rows[rows["target"] == target], target > 0)
    place = {"row": MODEL, "budget": 0, "train_size": 0, "settings": "", "source": tidy.REAL}
    table = tidy.tidy_table(pd.DataFrame([place | cell for cell in cells]))
    return tidy.merge_published(table, tidy.load_published(TABLE), comparable=True)


def _cells(column: str, rows: pd.DataFrame, rises: bool) -> list[dict[str, Any]]:
    tuned = rows[rows["seed"] != NOT_TUNED]
    untuned = rows[rows["seed"] == NOT_TUNED].set_index(["first", "second"])["similarity"]
    if untuned.empty or tuned.empty:
        raise tidy.TableError(f"{column} needs similarities before and after fine-tuning")
    means = tuned.groupby("seed")["similarity"].mean()
    change = tuned.set_index(["first", "second"])["similarity"]
    change = change - untuned.reindex(change.index)
    before = round(float(untuned.mean()), _DECIMALS)
    several = len(means) > 1
    place: dict[str, Any] = {"column": column, "n": len(untuned), "metric": METRIC}
    return [
        place | {"context": BEFORE, "value": before, "ci_low": before, "ci_high": before},
        place
        | {"context": AFTER, "value": means.mean(), "seeds": len(means)}
        | ({"ci_low": means.min(), "ci_high": means.max()} if several else {}),
        place
        | {"context": AFTER, "metric": MOVED, "seeds": len(means)}
        | {"value": float(((change > 0) if rises else (change < 0)).mean())},
    ]


def lay_out_table(table: pd.DataFrame, title: str) -> Layout:
    """Return the paper's layout with our numbers beside the published ones.

    Args:
        table: of :func:`build_table`.
        title: caption.
    """
    records = {
        (record["column"], record["metric"], record["context"]): record
        for record in table.to_dict("records")
    }
    names = [f"{first} / {second}" for first, second in PAIRS]
    lines = [
        Line((name,), "as in the paper" if name in names else "never seen", _line(records, name))
        for name in [*names, *HELD_OUT.values()]
    ]
    counts = ", ".join(
        f"{records[name, METRIC, BEFORE]['n']} pairs of {name.removeprefix('held out: ')}"
        for name in HELD_OUT.values()
    )
    seeds = int(table["seeds"].max())
    return Layout(
        title=title,
        takeaway=_takeaway(records, names),
        corner=("texts",),
        columns=(
            ("before", "published"),
            ("before", "here"),
            ("after", "published"),
            ("after", "here"),
            ("moved right", "share"),
        ),
        lines=tuple(lines),
        notes=(
            ("", "Cosine similarity of the vectors of all-MiniLM-L6-v2, before and after."),
            ("", f"± is half the range over {seeds} seeds of the fine-tuning."),
            ("", f"Never seen: classes of torch.nn left out of the fine-tuning; {counts}."),
            ("", "The first row and the last compare the same two texts."),
        ),
        decimals=_DECIMALS,
    )


def _line(records: Mapping[tuple[str, str, str], Mapping[Any, Any]], name: str) -> tuple[Cell, ...]:
    cells = []
    for context in (BEFORE, AFTER):
        record = records[name, METRIC, context]
        published = float(record["published"])
        cells.append(Cell(published, np.nan, np.nan, cited=not np.isnan(published)))
        low, high = (np.nan, np.nan) if context == BEFORE else (record["ci_low"], record["ci_high"])
        cells.append(Cell(float(record["value"]), float(low), float(high)))
    share = float(records[name, MOVED, AFTER]["value"])
    return (*cells, Cell(share, np.nan, np.nan, decimals=2))


def _takeaway(records: Mapping[tuple[str, str, str], Mapping[Any, Any]], names: list[str]) -> str:
    """Say how many pairs moved the paper's way, and how unseen operators moved."""
    share = {name: float(records[name, MOVED, AFTER]["value"]) for name, _, _ in records}
    always = sum(share[name] == 1 for name in names)
    same, related, unrelated = (100 * share[name] for name in HELD_OUT.values())
    return (
        f"{always} of {len(names)} pairs move the paper's way with every seed. Of pairs with an "
        f"unseen operator, {same:.0f}% of one operator and {related:.0f}% of one category come "
        f"nearer, {unrelated:.0f}% of two categories part."
    )
