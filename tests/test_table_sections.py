"""What is shown: a table says by its settings what fills it."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from nascast.table_sections import (
    AnyFigure,
    AnyTable,
    GridFigure,
    GridTable,
    ProxyFigure,
    ProxyTable,
    Table,
)

ANY: TypeAdapter[Table | ProxyTable | GridTable] = TypeAdapter(AnyTable)
FIGURES: TypeAdapter[ProxyFigure | GridFigure] = TypeAdapter(AnyFigure)
OF_PROXIES = {"proxies": ["quick"], "layout": "snap_table5", "title": "t"}
OF_GRIDS = {"grids": ["white"], "show": [[10, 1], [0, 12]], "title": "t"}
FIGURE = {"proxies": [], "layout": "bars", "tasks": ["cells-discs"], "rows": ["snip"], "title": "t"}


def test_tables_of_experiments_of_proxies_and_of_grids_are_told_apart() -> None:
    of_experiment = ANY.validate_python({"experiment": "main", "task": "cells-discs", "title": "t"})
    assert isinstance(of_experiment, Table)
    assert of_experiment.layout == "budgets"
    of_proxies = ANY.validate_python(OF_PROXIES)
    assert isinstance(of_proxies, ProxyTable)
    assert not of_proxies.comparable
    of_grids = ANY.validate_python(OF_GRIDS)
    assert isinstance(of_grids, GridTable)
    assert (of_grids.metric, of_grids.layout, of_grids.rows) == ("kendall_tau", "metric", [])
    for table in (of_experiment, of_proxies, of_grids):
        assert ANY.validate_python(table) is table
        assert ANY.validate_json(ANY.dump_json(table)) == table


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (OF_PROXIES | {"layout": "budgets"}, "Input should be 'suite_zero'"),
        (OF_PROXIES | {"experiment": "main"}, "Extra inputs are not permitted"),
        (OF_PROXIES | {"proxies": ["a", "b", "a"]}, "proxies names something twice"),
        ({"title": "t"}, "experiment"),
        (OF_GRIDS | {"grids": []}, "at least 1 item"),
        (OF_GRIDS | {"grids": ["a", "a"]}, "grids names something twice"),
        (OF_GRIDS | {"proxies": ["a"]}, "Extra inputs are not permitted"),
        (OF_GRIDS | {"metric": "mae"}, "Input should be 'kendall_tau'"),
        (OF_GRIDS | {"show": [[10]]}, "at least 2 items"),
        (OF_GRIDS | {"show": [[10, -1]]}, "greater than or equal to 0"),
        (OF_GRIDS | {"show": [[10, 1], [10, 1]]}, "show names something twice"),
        (OF_GRIDS | {"rows": ["GP", "GP"]}, "rows names something twice"),
        (OF_GRIDS | {"layout": "ablation", "rows": ["GP"]}, "has rows of its own"),
        (OF_GRIDS | {"layout": "ablation", "metric": "pearson"}, "tests kendall_tau"),
        (OF_GRIDS | {"layout": "costs", "show": []}, "a `costs` table needs the cells"),
        (OF_GRIDS | {"layout": "settings", "show": []}, "a `settings` table needs the cells"),
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


def test_figures_of_proxies_and_of_grids_are_told_apart() -> None:
    of_proxies = FIGURES.validate_python(FIGURE)
    of_grids = FIGURES.validate_python({"grids": ["white"], "title": "t"})
    assert isinstance(of_proxies, ProxyFigure)
    assert isinstance(of_grids, GridFigure)
    for figure in (of_proxies, of_grids):
        assert FIGURES.validate_python(figure) is figure
        assert FIGURES.validate_json(FIGURES.dump_json(figure)) == figure
    with pytest.raises(ValidationError, match="proxies"):
        FIGURES.validate_python({"title": "t"})
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        FIGURES.validate_python({"grids": ["white"], "title": "t", "show": [[1, 1]]})
