from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest
from tests.ranking.shown import looked_at, mlp

from nascast.ranking.base import Failure
from nascast.ranking.formats import COLUMNS, FORMATS, SCHEMA, to_csv, to_json, to_table
from nascast.ranking.scoring import Place, Ranking

DOCUMENT = Path(__file__).parents[2] / "docs" / "rank.md"


@pytest.fixture
def ranking() -> Ranking:
    """Two places, one of them with an uncertainty, and a failure."""
    large, small = looked_at({"large, wide": mlp(20), "small": mlp(2)})
    return Ranking(
        requested="auto",
        predictor="snip",
        note="a note",
        images="random images",
        spaces_seen=(),
        places=[
            Place(1, large, 2.5, 0.25, 1.5, "why"),
            Place(2, small, 1.0, math.nan, 0.5, "why"),
        ],
        failures=[Failure("broken", "models, entry 3", 'raises "no"')],
        budget=None,
        seconds=2.0,
    )


def test_json_is_exactly_this(ranking: Ranking) -> None:
    content = json.loads(to_json(ranking))
    assert content.pop("nascast").count(".") == 2
    empty = {"space": None, "spec": None, "reason": "why"}
    assert content == {
        "schema": "nascast.rank/1",
        "requested": "auto",
        "predictor": "snip",
        "reason": "a note",
        "images": "random images",
        "spaces_seen": [],
        "budget": None,
        "seconds": 2.0,
        "ranking": [
            {"rank": 1, "name": "large, wide", "score": 2.5, "uncertainty": 0.25, "seconds": 1.5}
            | {"params": 3944, "macs": 3920}
            | empty,
            {"rank": 2, "name": "small", "score": 1.0, "uncertainty": None, "seconds": 0.5}
            | {"params": 398, "macs": 392}
            | empty,
        ],
        "failed": [{"name": "broken", "error": 'raises "no"', "place": "models, entry 3"}],
    }


def test_json_keys_are_those_of_the_document(ranking: Ranking) -> None:
    section = DOCUMENT.read_text().split("## JSON and CSV")[1].split("## Python")[0]
    content = json.loads(to_json(ranking))
    assert SCHEMA in section
    for name in (*content, *content["ranking"][0], *content["failed"][0], *COLUMNS):
        assert f"`{name}`" in section, name


def test_csv_has_a_row_a_candidate(ranking: Ranking) -> None:
    header, *rows = csv.reader(io.StringIO(to_csv(ranking)))
    assert tuple(header) == COLUMNS
    assert rows == [
        ["1", "large, wide", "2.5", "0.25", "1.5", "3944", "3920", "", "", "why", ""],
        ["2", "small", "1.0", "", "0.5", "398", "392", "", "", "why", ""],
        ["", "broken", "", "", "", "", "", "", "", "", 'raises "no"'],
    ]


def test_the_table_has_a_line_for_each_failure(ranking: Ranking) -> None:
    assert to_table(ranking).splitlines() == [
        "rank  name         score  ±     seconds  params  MACs",
        "1     large, wide  2.5    0.25  1.50     3,944   3,920",
        "2     small        1            0.50     398     392",
        "snip: a note",
        "why: all",
        'not ranked: broken: raises "no" (models, entry 3)',
    ]
    assert list(FORMATS) == ["table", "csv", "json"]
