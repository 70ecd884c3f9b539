"""The report's standing sections: summary, how to read it, what is missing, provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from nascast.report.html import Command, PlainTable, Prose, Section, Terms
from nascast.tables.marks import MINIBENCH_MARK
from nascast.tables.tidy import MISSING, is_missing

_HASH_LENGTH: Final = 12
_MOST_NAMES: Final = 6


def summary(
    *,
    tier: str,
    tasks: Sequence[str],
    networks: str,
    budgets: Sequence[int],
    labels: str,
    seeds: str,
    commands: Sequence[str],
) -> tuple[Terms, Command]:
    """Return the box at the top of the report: what was run, and how to run it again.

    Args:
        tier: which configuration, and on what it ran.
        tasks: task ids.
        networks: how many, from which space, at which scale.
        budgets: in mini-batches.
        labels: what the label of a network is, and how reliable.
        seeds: which repetitions the numbers are means of.
        commands: what reproduces the report, one line each.
    """
    facts = (
        ("Tier", tier),
        ("Tasks", ", ".join(tasks)),
        ("Networks", networks),
        ("Budgets", f"{', '.join(f'{budget:,}' for budget in budgets)} mini-batches of training"),
        ("Labels", labels),
        ("Seeds", seeds),
    )
    return Terms(facts, boxed=True), Command("To reproduce this page:", tuple(commands))


def how_to_read(*, interval: str = "95%", notes: Sequence[str] = ()) -> Section:
    """Return the section that explains numbers, marks and figures to a first reader.

    Args:
        interval: coverage of the intervals.
        notes: further sentences, e.g. on this run's stand-ins.
    """
    items = (
        (
            "Kendall tau",
            "Agreement between predicted and true ranking of networks that the predictor has not "
            "seen: 1 is the same order, 0 is no relation, −1 the opposite order. At 0.6, four of "
            "five pairs of networks are in the right order.",
        ),
        (
            "Budget",
            "How many mini-batches each new network was trained for before its rank was "
            "predicted. Methods without training, such as the number of parameters, are the same "
            "at every budget.",
        ),
        (
            "± and bands",
            f"Half the width of the {interval} bootstrap interval over test networks and seeds "
            "together. Two methods whose intervals overlap widely are not told apart.",
        ),
        (
            "Bold and underlined",
            "The best and the second best number of a column; numbers that print alike share the "
            "place.",
        ),
        (
            f"{MINIBENCH_MARK} and other marks",
            f"{MINIBENCH_MARK} means that labels come from the shipped mini benchmark, so that the "
            "number is not comparable with a paper's. Other signs and numbers are explained below "
            "their table. A dash is a number that this run cannot have; its note says what is "
            "needed.",
        ),
    )
    further = (Prose(tuple(notes)),) if notes else ()
    return Section("How to read this", (Terms(items), *further))


def missing_cells(tables: Mapping[str, pd.DataFrame]) -> Section | None:
    """Return a section on what the tables lack and what it would take, None if nothing is missing.

    Args:
        tables: tidy tables by their name.
    """
    lacking = [table[is_missing(table)].assign(table=name) for name, table in tables.items()]
    cells = pd.concat(lacking) if lacking else pd.DataFrame()
    if cells.empty:
        return None
    rows = [
        (str(need), f"{len(part):,}", _listed(part["table"]), _listed(part["row"]))
        for need, part in cells.groupby(cells["source"].str.removeprefix(MISSING), sort=False)
    ]
    header = ("What is needed", "Cells", "Tables", "Rows")
    caption = "Cells without a number, by what they need"
    return Section("Missing cells", (PlainTable("missing", caption, header, tuple(rows)),))


def _listed(names: pd.Series[str]) -> str:
    """Name each once, the first few in full."""
    distinct = list(dict.fromkeys(names.astype(str)))
    hidden = len(distinct) - _MOST_NAMES
    return ", ".join(distinct[:_MOST_NAMES]) + (f" and {hidden} more" if hidden > 0 else "")


def provenance(records: Sequence[Mapping[str, Any]]) -> Section:
    """Return the section on code, settings, versions and device of every stage.

    Args:
        records: one a file: stage, code_fingerprint, config_hash, versions (by name), device,
            seed (None where nothing is drawn). Equal ones, e.g. of shards, are listed once.
    """
    stages = {
        (
            str(record["stage"]),
            str(record["code_fingerprint"])[:_HASH_LENGTH],
            str(record["config_hash"])[:_HASH_LENGTH],
            str(record["device"]),
            "–" if record["seed"] is None else str(record["seed"]),
            ", ".join(f"{name} {value}" for name, value in sorted(record["versions"].items())),
        ): None
        for record in records
    }
    text = (
        "The first digits of the fingerprint of each stage's code and of the hash of its "
        "settings. The files themselves hold both in full, with the hashes of their inputs."
    )
    header = ("Stage", "Code", "Settings", "Device", "Seed", "Versions")
    table = PlainTable("stages", "Stages that made this page", header, tuple(stages))
    return Section("Provenance", (Prose((text,)), table))
