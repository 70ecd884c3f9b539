"""A ranking as a table for a terminal, as CSV and as JSON.

The JSON and the CSV are read by programs: columns and keys of a schema never change; a new schema
gets a new number. ``docs/rank.md`` says what they mean.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any, Final

import nascast
from nascast.io.text_table import aligned, shortened
from nascast.ranking.base import Failure
from nascast.ranking.scoring import Place, Ranking, or_none

SCHEMA: Final = "nascast.rank/1"
COLUMNS: Final = (
    "rank", "name", "score", "uncertainty", "seconds", "params", "macs", "space", "spec", "reason",
    "error",
)  # fmt: skip
"""Columns of the CSV, and of :func:`nascast.rank`."""


def rows(ranking: Ranking) -> list[dict[str, Any]]:
    """Return one row a candidate with :data:`COLUMNS`: ranked ones first, None where empty."""
    found = [_place_row(place) | {"error": None} for place in ranking.places]
    empty = dict.fromkeys(COLUMNS)
    return [*found, *(empty | _failure_row(failure) for failure in ranking.failures)]


def to_csv(ranking: Ranking) -> str:
    """Return the rows as CSV; those that could not be ranked have an ``error`` and no rank."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(ranking))
    return text.getvalue()


def to_json(ranking: Ranking) -> str:
    """Return the ranking as JSON of schema :data:`SCHEMA`."""
    content: Mapping[str, Any] = {
        "schema": SCHEMA,
        "nascast": nascast.__version__,
        "requested": ranking.requested,
        "predictor": ranking.predictor,
        "reason": ranking.note,
        "images": ranking.images,
        "spaces_seen": list(ranking.spaces_seen),
        "budget": ranking.budget,
        "seconds": ranking.seconds,
        "ranking": [_place_row(place) for place in ranking.places],
        "failed": [_failure_row(f) | {"place": f.place} for f in ranking.failures],
    }
    return json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def to_table(ranking: Ranking) -> str:
    """Return the ranking for a reader: the predictor, the places, a line for each failure."""
    header = ("rank", "name", "score", "±", "seconds", "params", "MACs")
    cells = [
        (
            str(place.rank),
            shortened(place.network.name),
            f"{place.score:.6g}",
            "" if or_none(place.uncertainty) is None else f"{place.uncertainty:.2g}",
            f"{place.seconds:.2f}",
            f"{place.network.params:,}",
            f"{place.network.macs:,}",
        )
        for place in ranking.places
    ]
    parts = []
    if cells:
        parts.append(aligned(header, cells))
    if ranking.note:
        parts.append(f"{ranking.predictor}: {ranking.note}\n")
        parts += [f"{reason}: {count}\n" for reason, count in _reasons(ranking).items()]
    parts += [f"not ranked: {f.name}: {f.error} ({f.place})\n" for f in ranking.failures]
    return "".join(parts)


FORMATS: Final = {"table": to_table, "csv": to_csv, "json": to_json}


def _reasons(ranking: Ranking) -> dict[str, str]:
    """Return each reason with the names that it holds for."""
    names: dict[str, list[str]] = {}
    for place in ranking.places:
        names.setdefault(place.reason, []).append(shortened(place.network.name))
    every = len(ranking.places)
    return {
        reason: "all" if len(found) == every else ", ".join(found)
        for reason, found in names.items()
    }


def _place_row(place: Place) -> dict[str, Any]:
    arch = place.network.candidate.arch
    return {
        "rank": place.rank,
        "name": place.network.name,
        "score": place.score,
        "uncertainty": or_none(place.uncertainty),
        "seconds": place.seconds,
        "params": place.network.params,
        "macs": place.network.macs,
        "space": arch.space if arch else None,
        "spec": arch.spec if arch else None,
        "reason": place.reason,
    }


def _failure_row(failure: Failure) -> dict[str, Any]:
    return {"name": failure.name, "error": f"{failure.error}"}
