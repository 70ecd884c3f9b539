from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from nascast.graph_search_sections import GraphSearch

SMALL: dict[str, Any] = {"tasks": ["cells-discs"], "scorer": "any"}


def test_the_paper_gives_the_rounds() -> None:
    search = GraphSearch(**SMALL)
    assert (search.iterations, search.cost, search.model) == (6, 1.0, None)
    assert search.trainings == 0, "trainings are asked for"


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"tasks": []}, "tasks"),
        ({"tasks": ["a-b", "a-b"]}, "names something twice"),
        ({"cost": 0}, "cost"),
        ({"trainings": -1}, "trainings"),
        ({"edits": 0}, "edits"),
        ({"rounds": 3}, "rounds"),
    ],
)
def test_wrong_settings_are_named(changed: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError, match=place):
        GraphSearch(**(SMALL | changed))
