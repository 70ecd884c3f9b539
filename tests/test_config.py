"""The configuration: what is refused and with which words, round trips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from nascast.config import Config, ConfigError, load, to_yaml, validate

SMALL: dict[str, Any] = {
    "tier": "small",
    "protocols": {"sgd": {"steps": 40, "interval": 10}},
    "minibench": {"cells": {"images": ["discs"], "recipe": {"steps": 20, "epochs": 4}}},
    "tasks": {
        "cells-discs": {"space": "cells", "images": "discs", "labels": "minibench"},
        "cells-rings": {"space": "cells", "labels": "missing: the rings"},
    },
    "experiments": {
        "main": {
            "protocol": "sgd",
            "tasks": ["cells-discs", "cells-rings"],
            "budgets": [10, 40],
            "predictors": ["params", "NAP2"],
            "transfer": ["NAP2"],
        }
    },
    "tables": {
        "discs": {"experiment": "main", "task": "cells-discs", "title": "discs"},
        "pairs": {"experiment": "main", "layout": "transfer", "show": [40], "title": "pairs"},
    },
    "reports": {"report": ["discs", "pairs"]},
}
MAIN = ("experiments", "main")


def changed(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return a copy of the small configuration with one setting replaced or added."""
    values: dict[str, Any] = yaml.safe_load(yaml.safe_dump(SMALL))
    section = values
    for name in place[:-1]:
        section = section[name]
    section[place[-1]] = value
    return values


def test_the_small_configuration_is_valid() -> None:
    config = validate(SMALL)
    assert config.tier == "small"
    assert config.experiments["main"].run_folds is None
    assert config.protocols["sgd"].batch_size == 64


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("teir",), "mini", r"teir: Extra inputs are not permitted"),
        ((*MAIN, "fold"), 3, r"experiments\.main\.fold: Extra inputs are not permitted"),
        (("protocols", "sgd", "steps"), "many", r"protocols\.sgd\.steps: .* valid integer"),
        (("protocols", "sgd", "steps"), 12.5, r"protocols\.sgd\.steps: .* valid integer"),
        (("protocols", "sgd", "steps"), 0, r"protocols\.sgd\.steps: .* greater than or equal to 1"),
        (("protocols", "sgd", "momentum"), 1, r"protocols\.sgd\.momentum: .* less than 1"),
        (("protocols", "sgd", "learning_rate"), 0, r"learning_rate: .* greater than 0"),
        (("device",), "tpu", r"device: Input should be 'auto', 'cpu' or 'cuda'"),
        ((*MAIN, "budgets"), [10, 25], r"main\.budgets \[25\] must be multiples .* 10 up to 40"),
        ((*MAIN, "budgets"), [50], r"main\.budgets \[50\] must be multiples .* up to 40"),
        ((*MAIN, "budgets"), [], r"experiments\.main\.budgets: .* at least 1 item"),
        ((*MAIN, "budgets"), [10, 10], r"budgets names something twice: \[10, 10\]"),
        ((*MAIN, "predictors"), ["NAP2", "NAP2"], r"predictors names something twice"),
        ((*MAIN, "protocol"), "adam", r"main\.protocol names 'adam', .* not among sgd"),
        ((*MAIN, "tasks"), ["cells-none"], r"main\.tasks names 'cells-none', .* cells-discs, cel"),
        ((*MAIN, "transfer"), ["SoTL"], r"main\.transfer names 'SoTL', .* among params, NAP2"),
        ((*MAIN, "folds"), 1, r"experiments\.main\.folds: .* greater than or equal to 2"),
        ((*MAIN, "run_folds"), [0, 4], r"main: .* run_folds \[0, 4\] must be among 0\.\.3"),
        ((*MAIN, "run_folds"), [-1], r"run_folds \[-1\] must be among 0\.\.3"),
        ((*MAIN, "run_folds"), [], r"run_folds \[\] must be among 0\.\.3"),
        (("tables", "discs", "experiment"), "x", r"tables\.discs\.experiment names 'x'"),
        (("tables", "discs", "task"), "cells-squares", r"discs\.task names 'cells-squares'"),
        (("tables", "discs", "task"), None, r"tables\.discs: .* a `budgets` table needs a task"),
        (("tables", "pairs", "task"), "cells-discs", r"pairs: .* `transfer` table has none"),
        (("tables", "pairs", "show"), [20], r"tables\.pairs\.show names 20, .* among 10, 40"),
        (("reports", "report"), ["disks"], r"reports\.report names 'disks', .* among discs, pairs"),
        (("tasks", "cells-discs", "images"), None, r"cells-discs: .* needs `images`"),
        (("tasks", "cells-discs", "labels"), "guessed", r"cells-discs\.labels: .* match pattern"),
        (("tasks", "cells-discs", "labels"), "missing: ", r"cells-discs\.labels: .* match pattern"),
        (("tasks", "cells-discs", "space"), "graphs", r"cells-discs must be called graphs-<image"),
        (("tasks", "discs"), {"labels": "real"}, r"tasks\.discs\.\[key\]: .* match pattern"),
        (("minibench", "cells", "recipe", "epochs"), 3, r"steps 20 must be a multiple of epochs 3"),
        (("minibench", "cells", "tasks"), [], r"minibench\.cells\.tasks: .* at least 1 item"),
        (("minibench", "cells", "task_settings"), {"jigsaw": {}}, r"task_settings names 'jigsaw'"),
        (("protocols",), None, r"protocols: Input should be a valid dictionary"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(place: tuple[str, ...], value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        validate(changed(place, value), "small.yaml")
    assert str(refused.value).startswith("small.yaml is not valid:\n")


OF_PROXIES = {"proxies": ["quick"], "layout": "snap_table5", "title": "t"}
FIGURE = {"layout": "bars", "proxies": [], "tasks": ["any-task"], "rows": ["snip"], "title": "t"}


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("tables", "pairs"), OF_PROXIES, r"pairs\.proxies names 'quick', which is not among $"),
        (("tables", "pairs"), OF_PROXIES | {"show": [1]}, r"  tables\.pairs\.show: Extra inputs"),
        (("figures",), {"bars": FIGURE | {"proxies": ["quick"]}}, r"bars\.proxies names 'quick'"),
        (("figures",), {"pairs": FIGURE}, r"pairs is the name of a table and of a figure"),
        (("tables", "pairs"), OF_PROXIES | {"proxies": []}, r"report names 'pairs'"),
    ],
)  # fmt: skip
def test_a_wrong_table_or_figure_of_proxies_is_named(
    place: tuple[str, ...], value: Any, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        validate(changed(place, value))


OF_GRIDS = {"grids": ["white"], "show": [[10, 12]], "title": "t"}
GRID = {"tasks": ["cells-discs"], "predictors": ["params"], "train_sizes": [10, 100]}
GRID |= {"budgets": [1, 12], "curves": "labels"}


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("tables", "white"), OF_GRIDS | {"grids": ["x"]}, r"white\.grids names 'x', .* white"),
        (("tables", "white"), OF_GRIDS | {"title": 1}, r"  tables\.white\.title: "),
        (("tables", "white"), OF_GRIDS | {"show": [[10, 2]]}, r"white\.show \[\[10, 2\]\] must be"),
        (("tables", "white"), OF_GRIDS | {"show": [[10, 0]]}, r"must be cells of white"),
        (("figures",), {"map": {"grids": ["x"], "title": "t"}}, r"map\.grids names 'x'"),
        (("figures",), {"map": {"grids": [], "title": "t"}}, r"  figures\.map\.grids: "),
        (("figures",), {"pairs": {"grids": ["white"], "title": "t"}}, r"of a table and of a fig"),
    ],
)
def test_a_wrong_table_or_figure_of_grids_is_named(
    place: tuple[str, ...], value: Any, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        validate(changed(place, value) | {"grids": {"white": GRID}})


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"grids": ["white", "mutated"]}, "white.grids must belong to one sampling, found"),
        ({"layout": "settings"}, "must have published and quick settings, found published alone"),
    ],
)
def test_grids_that_cannot_share_a_table_are_refused(table: dict[str, Any], message: str) -> None:
    values = changed(("tables", "white"), OF_GRIDS | table)
    grids = {"white": GRID, "mutated": GRID | {"sampling": "mutation"}}
    with pytest.raises(ConfigError, match=message):
        validate(values | {"grids": grids})


def test_tables_and_figures_of_grids_are_found_by_kind() -> None:
    values = changed(("tables", "white"), OF_GRIDS) | {"grids": {"white": GRID}}
    values["figures"] = {"map": {"grids": ["white"], "title": "t"}, "bars": FIGURE}
    config = validate(values)
    assert set(config.grid_tables) == {"white"}
    assert set(config.grid_figures) == {"map"}
    assert set(config.proxy_figures) == {"bars"}
    assert set(config.experiment_tables) == {"discs", "pairs"}
    assert yaml.safe_load(to_yaml(config, "h"))["tables"]["white"]["show"] == [[10, 12]]


SEARCH = {"title": "t", "tasks": ["cells-rings"], "algorithms": ["random search"], "show": [9]}


@pytest.mark.parametrize(
    ("searches", "message"),
    [
        ({"found": SEARCH | {"tasks": ["cells-none"]}}, r"found\.tasks names 'cells-none', which"),
        ({"pairs": SEARCH}, r"pairs is the name of a search and of a table or figure"),
        ({"found": SEARCH | {"queries": 8}}, r"searches\.found: .* show must grow up to the 8"),
    ],
)
def test_a_wrong_search_is_named(searches: dict[str, Any], message: str) -> None:
    assert validate(changed(("searches",), {"found": SEARCH})).searches["found"].queries == 150
    with pytest.raises(ConfigError, match=message):
        validate(changed(("searches",), searches))


GRAPH_SEARCH = {"tasks": ["cells-discs"], "scorer": "any"}


@pytest.mark.parametrize(
    ("graph_searches", "message"),
    [
        ({"found": GRAPH_SEARCH | {"tasks": ["a-b"]}}, r"graph_searches\.found\.tasks names 'a-b'"),
        ({"discs": GRAPH_SEARCH}, "discs is the name of a graph search and of a table"),
    ],
)
def test_a_wrong_search_on_graphs_is_named(graph_searches: dict[str, Any], message: str) -> None:
    read = validate(changed(("graph_searches",), {"found": GRAPH_SEARCH}))
    assert read.graph_searches["found"].keep == 10
    with pytest.raises(ConfigError, match=message):
        validate(changed(("graph_searches",), graph_searches))


def test_tables_of_experiments_and_of_proxies_are_told_apart() -> None:
    config = validate(changed(("tables", "proxies"), OF_PROXIES | {"proxies": []}))
    assert set(config.experiment_tables) == {"discs", "pairs"}
    assert set(config.proxy_tables) == {"proxies"}


def test_a_task_of_an_experiment_may_not_be_tabled_by_another() -> None:
    values = changed((*MAIN, "tasks"), ["cells-rings"])
    with pytest.raises(ConfigError, match=r"tables\.discs\.task names 'cells-discs'"):
        validate(values)


def test_an_experiment_has_one_space() -> None:
    values = changed(("tasks", "graphs-discs"), {"space": "graphs", "labels": "missing: all"})
    values["experiments"]["main"]["tasks"].append("graphs-discs")
    with pytest.raises(ConfigError, match=r"main\.tasks must belong to one space, found cells, gr"):
        validate(values)


def test_an_experiment_has_something_to_compute() -> None:
    values = changed(("tasks", "cells-discs"), {"space": "cells", "labels": "missing: the discs"})
    with pytest.raises(ConfigError, match=r"main\.tasks are all missing; leave the experiment out"):
        validate(values)


@pytest.mark.parametrize(("tables", "found"), [(["discs", "others"], "main, other"), ([], "none")])
def test_a_report_has_one_experiment(tables: list[str], found: str) -> None:
    values = changed(("experiments", "other"), SMALL["experiments"]["main"])
    values["tables"]["others"] = SMALL["tables"]["pairs"] | {"experiment": "other"}
    values["reports"]["report"] = tables
    with pytest.raises(ConfigError, match=rf"report must belong to one experiment, found {found}"):
        validate(values)


def test_all_wrong_settings_are_listed_at_once() -> None:
    values = changed(("device",), "tpu") | {"teir": "mini"}
    values["protocols"]["sgd"]["steps"] = "many"
    with pytest.raises(ConfigError) as refused:
        validate(values)
    assert [line.split(":")[0].strip() for line in str(refused.value).splitlines()[1:]] == [
        "device",
        "protocols.sgd.steps",
        "teir",
    ]


def test_whole_numbers_of_free_settings_stay_whole() -> None:
    values = changed((*MAIN, "regressor"), {"epochs": 40, "learning_rate": 3e-3})
    regressor = validate(values).experiments["main"].regressor
    assert regressor == {"epochs": 40, "learning_rate": 3e-3}
    assert isinstance(regressor["epochs"], int)


def test_evaluation_steps_are_the_budgets_of_all_experiments_of_a_protocol() -> None:
    values = changed(("experiments", "other"), SMALL["experiments"]["main"] | {"budgets": [20, 10]})
    values["protocols"]["unused"] = {}
    config = validate(values)
    assert config.evaluation_steps("sgd") == [10, 20, 40]
    assert config.evaluation_steps("unused") == []


def test_yaml_comes_back_the_same(tmp_path: Path) -> None:
    config = validate(changed(("tasks", "cells-discs", "note"), "τ: a note, with 'marks' # here"))
    path = tmp_path / "config.yaml"
    path.write_text(to_yaml(config, "A heading\n\nof two parts"))
    assert load(path) == config


def test_yaml_explains_every_section() -> None:
    lines = to_yaml(validate(SMALL), "A heading").splitlines()
    assert lines[0] == "# A heading"
    for name, field in Config.model_fields.items():
        place = next(i for i, line in enumerate(lines) if line.startswith(f"{name}:"))
        assert lines[place - 1] == f"# {field.description}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"tier: [mini", "small.yaml is not YAML: "),
        (b"\xff\xfe\x00", "small.yaml is not YAML: "),
        (b"- mini", "small.yaml must hold settings by name, not list"),
        (b"", "small.yaml must hold settings by name, not NoneType"),
        (b"tier: mini", "small.yaml is not valid:\n  protocols: Field required"),
        (None, "cannot read .*small.yaml: No such file or directory"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(
    content: bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "small.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load(path)


def test_inheriting_networks_are_those_that_are_labelled_unless_said_otherwise() -> None:
    values = changed(("supernets",), {"nasbench201": {"images": ["discs"]}})
    with pytest.raises(
        ConfigError, match=r"supernets\.nasbench201\.networks is needed: there is no"
    ):
        validate(values)
    values["minibench"]["nasbench201"] = {"images": ["discs"], "networks": 70}
    assert validate(values).inheriting_networks("nasbench201") == 70
    values["supernets"]["nasbench201"]["networks"] = 90
    assert validate(values).inheriting_networks("nasbench201") == 90


def test_supernets_are_of_a_space_that_has_one() -> None:
    values = changed(("supernets",), {"cells": {"images": ["discs"]}})
    with pytest.raises(
        ConfigError, match=r"supernets\.cells\.\[key\]: Input should be 'nasbench201'"
    ):
        validate(values)


@pytest.mark.parametrize(
    ("labels", "wanted", "expected"),
    [("minibench", 200, 150), ("minibench", 40, 40), ("real", 200, 200)],
)
def test_no_more_networks_are_measured_than_we_label(
    labels: str, wanted: int, expected: int
) -> None:
    values = changed(("tasks", "cells-discs", "labels"), labels)
    values["proxies"] = {
        "quick": {
            "networks": wanted,
            "networks_per_shard": 30,
            "proxies": ["snip"],
            "tasks": ["cells-discs"],
        }
    }
    measured = validate(values).measured_networks("quick", "cells-discs")
    assert measured.networks == expected
    assert measured.bounds(1) == [30, min(60, expected)]
