"""What is shown: a table says by its settings what fills it."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from nascast.table_sections import AnyTable, ProxyFigure, ProxyTable, Table

ANY: TypeAdapter[Table | ProxyTable] = TypeAdapter(AnyTable)
OF_PROXIES = {"proxies": ["quick"], "layout": "snap_table5", "title": "t"}
FIGURE = {"proxies": [], "layout": "bars", "tasks": ["cells-discs"], "rows": ["snip"], "title": "t"}


def test_a_table_of_an_experiment_and_one_of_proxies_are_told_apart() -> None:
    of_experiment = ANY.validate_python({"experiment": "main", "task": "cells-discs", "title": "t"})
    assert isinstance(of_experiment, Table)
    assert of_experiment.layout == "budgets"
    of_proxies = ANY.validate_python(OF_PROXIES)
    assert isinstance(of_proxies, ProxyTable)
    assert not of_proxies.comparable
    for table in (of_experiment, of_proxies):
        assert ANY.validate_python(table) is table
        assert ANY.validate_json(ANY.dump_json(table)) == table


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (OF_PROXIES | {"layout": "budgets"}, "Input should be 'suite_zero'"),
        (OF_PROXIES | {"experiment": "main"}, "Extra inputs are not permitted"),
        (OF_PROXIES | {"proxies": ["a", "b", "a"]}, "proxies names something twice"),
        ({"title": "t"}, "experiment"),
    ],
)
def test_a_wrong_table_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ANY.validate_python(values)


@pytest.mark.parametrize("empty", ["tasks", "rows"])
def test_a_figure_shows_something(empty: str) -> None:
    assert ProxyFigure.model_validate(FIGURE).tasks == ["cells-discs"]
    with pytest.raises(ValidationError, match="at least 1 item"):
        ProxyFigure.model_validate(FIGURE | {empty: []})
