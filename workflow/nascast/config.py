"""Every setting of a run: one model gives defaults, checks, the YAML files and their schema."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from nascast.gennape_sections import GennapeSettings
from nascast.graph_search_sections import GraphSearch
from nascast.grid_sections import Grid
from nascast.search_sections import Search
from nascast.sections import (
    ConfigError,
    Experiment,
    MiniBenchmark,
    Name,
    ProxySettings,
    Settings,
    Sharded,
    Task,
    TaskName,
    TraceSettings,
    check,
)
from nascast.snap_r_sections import SnapRSettings
from nascast.snap_sections import SnapStudy
from nascast.supernet_sections import SupernetSettings
from nascast.table_sections import (
    KINDS,
    AnyFigure,
    AnyTable,
    GridFigure,
    GridTable,
    ProxyFigure,
    ProxyTable,
    Table,
)
from nascast.text_sections import TextSettings


class Config(Settings):
    """A tier."""

    tier: Name = Field("mini", description="names the folder results/<tier>")
    comparable: bool = Field(
        False, description="whether networks, batch size and budgets are the paper's own"
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="where networks run")
    protocols: dict[Name, TraceSettings] = Field(description="trace protocols by name")
    minibench: dict[Name, MiniBenchmark] = Field(
        default={}, description="parts of the mini benchmark that can be rebuilt"
    )
    tasks: dict[TaskName, Task] = Field(description="tasks by name, <space>-<image set>")
    proxies: dict[Name, ProxySettings] = Field(
        default={}, description="which zero-cost proxies are measured on which tasks, by name"
    )
    supernets: dict[Literal["nasbench201"], SupernetSettings] = Field(
        default={}, description="supernets whose weights architectures inherit, by search space"
    )
    text: TextSettings = Field(default=TextSettings(), description="operations as text")
    experiments: dict[Name, Experiment] = Field(description="experiments by name")
    grids: dict[Name, Grid] = Field(
        default={},
        description="predictors on grids of initialisation and query budgets, by name",
    )
    gennape: GennapeSettings = Field(
        default=GennapeSettings(),
        description="GENNAPE: sets of computation graphs, and the encoders trained on them",
    )
    searches: dict[Name, Search] = Field(
        default={},
        description="architecture searches by name; each makes a table and a figure of that name",
    )
    graph_searches: dict[Name, GraphSearch] = Field(
        default={}, description="searches on computation graphs by name"
    )
    snap: dict[Name, SnapStudy] = Field(
        default={},
        description="studies of SNAP by name: trained on one space, applied to others",
    )
    snap_r: dict[Literal["nasbench101"], SnapRSettings] = Field(
        default={}, description="SNAP-R by the space that it is chosen and trained on"
    )
    tables: dict[Name, AnyTable] = Field(
        description="tables by name, of an experiment, of measured proxies or of grids"
    )
    figures: dict[Name, AnyFigure] = Field(
        default={}, description="figures by name, of measured proxies or of grids"
    )
    reports: dict[Name, list[Name]] = Field(description="reports by name: their tables")

    @model_validator(mode="after")
    def _names_exist(self) -> Config:
        for name, experiment in self.experiments.items():
            where = f"experiments.{name}"
            check(experiment.protocol, self.protocols, f"{where}.protocol")
            for task in experiment.tasks:
                check(task, self.tasks, f"{where}.tasks")
            protocol = self.protocols[experiment.protocol]
            late = [b for b in experiment.budgets if b > protocol.steps or b % protocol.interval]
            if late:
                raise ValueError(
                    f"{where}.budgets {late} must be multiples of the interval "
                    f"{protocol.interval} up to {protocol.steps} mini-batches"
                )
            for predictor in experiment.transfer:
                check(predictor, experiment.predictors, f"{where}.transfer")
        for name, measured in self.proxies.items():
            for task in measured.tasks:
                check(task, self.tasks, f"proxies.{name}.tasks")
        for name, grid in self.grids.items():
            for task in grid.tasks:
                check(task, self.tasks, f"grids.{name}.tasks")
            if grid.protocol is not None:
                check(grid.protocol, self.protocols, f"grids.{name}.protocol")
            if grid.proxies is not None:
                check(grid.proxies, self.proxies, f"grids.{name}.proxies")
        for name, supernet in self.supernets.items():
            if supernet.networks is None and name not in self.minibench:
                raise ValueError(
                    f"supernets.{name}.networks is needed: there is no minibench.{name} that says "
                    "which networks are labelled"
                )
        for name, learned in self.snap_r.items():
            for task in learned.tasks:
                check(task, self.tasks, f"snap_r.{name}.tasks")
        for name, search in self.searches.items():
            for task in search.tasks:
                check(task, self.tasks, f"searches.{name}.tasks")
            if name in self.tables or name in self.figures:
                raise ValueError(f"{name} is the name of a search and of a table or figure")
        for name, graph_search in self.graph_searches.items():
            for task in graph_search.tasks:
                check(task, self.tasks, f"graph_searches.{name}.tasks")
            if any(name in others for others in (self.tables, self.figures, self.searches)):
                raise ValueError(
                    f"{name} is the name of a graph search and of a table, figure or search"
                )
        for name, study in self.snap.items():
            for task in (study.source, *study.tasks):
                check(task, self.tasks, f"snap.{name}.tasks")
            if self.tasks[study.source].missing:
                raise ValueError(f"snap.{name}.source {study.source} has no labels to learn from")
        for name, described in self.tasks.items():
            if not name.startswith(f"{described.space}-"):
                raise ValueError(f"tasks.{name} must be called {described.space}-<image set>")
        for name, table in self.experiment_tables.items():
            check(table.experiment, self.experiments, f"tables.{name}.experiment")
            shown = self.experiments[table.experiment]
            if table.task is not None:
                check(table.task, shown.tasks, f"tables.{name}.task")
            for budget in table.show:
                check(budget, shown.budgets, f"tables.{name}.show")
        for name, of_proxies in [*self.proxy_tables.items(), *self.proxy_figures.items()]:
            for wanted in of_proxies.proxies:
                check(wanted, self.proxies, f"{name}.proxies")
        for name, of_grids in [*self.grid_tables.items(), *self.grid_figures.items()]:
            for wanted in of_grids.grids:
                check(wanted, self.grids, f"{name}.grids")
        for name, grid_table in self.grid_tables.items():
            known = {cell for grid in grid_table.grids for cell in self.grids[grid].cells}
            unknown = [cell for cell in grid_table.show if tuple(cell) not in known]
            if unknown:
                raise ValueError(
                    f"tables.{name}.show {unknown} must be cells of {', '.join(grid_table.grids)}: "
                    "one of the train_sizes and one of the budgets, 0 without such an axis"
                )
        for name in self.figures:
            if name in self.tables:
                raise ValueError(f"{name} is the name of a table and of a figure")
        for name, tables in self.reports.items():
            for wanted in tables:
                check(wanted, self.experiment_tables, f"reports.{name}")
        return self

    @model_validator(mode="after")
    def _nothing_is_mixed(self) -> Config:
        for name, experiment in self.experiments.items():
            where = f"experiments.{name}.tasks"
            _check_one({self.tasks[task].space for task in experiment.tasks}, "space", where)
            if all(self.tasks[task].missing for task in experiment.tasks):
                raise ValueError(f"{where} are all missing; leave the experiment out")
        for name, of_grids in [*self.grid_tables.items(), *self.grid_figures.items()]:
            where = f"{name}.grids"
            shown = [self.grids[grid] for grid in of_grids.grids]
            _check_one({grid.sampling for grid in shown}, "sampling", where)
            if isinstance(of_grids, GridTable) and of_grids.layout == "settings":
                settings = sorted({grid.settings for grid in shown})
                if settings != ["published", "quick"]:
                    raise ValueError(
                        f"{where} must have published and quick settings, found "
                        f"{', '.join(settings)} alone"
                    )
        for name, tables in self.reports.items():
            found = {self.experiment_tables[table].experiment for table in tables}
            _check_one(found, "experiment", f"reports.{name}")
        return self

    @property
    def experiment_tables(self) -> dict[str, Table]:
        """Tables that are filled from an experiment."""
        return {name: table for name, table in self.tables.items() if isinstance(table, Table)}

    @property
    def proxy_tables(self) -> dict[str, ProxyTable]:
        """Tables that are filled from measured proxies."""
        return {name: table for name, table in self.tables.items() if isinstance(table, ProxyTable)}

    @property
    def proxy_figures(self) -> dict[str, ProxyFigure]:
        """Figures that are drawn from measured proxies."""
        return {name: fig for name, fig in self.figures.items() if isinstance(fig, ProxyFigure)}

    @property
    def grid_tables(self) -> dict[str, GridTable]:
        """Tables that are filled from grids."""
        return {name: table for name, table in self.tables.items() if isinstance(table, GridTable)}

    @property
    def grid_figures(self) -> dict[str, GridFigure]:
        """Figures that are drawn from grids."""
        return {name: fig for name, fig in self.figures.items() if isinstance(fig, GridFigure)}

    def measured_networks(self, proxies: str, task: str) -> Sharded:
        """Return which networks of a task are measured: no more than are labelled, if we label."""
        wanted, described = self.proxies[proxies], self.tasks[task]
        labelled = self.minibench.get(described.space)
        if described.labels != "minibench" or labelled is None:
            return wanted
        networks = min(wanted.networks, labelled.networks)
        return Sharded(networks=networks, networks_per_shard=wanted.networks_per_shard)

    def inheriting_networks(self, space: Literal["nasbench201"]) -> int:
        """Return how many architectures of the pool inherit weights of a space's supernets."""
        wanted = self.supernets[space].networks
        return self.minibench[space].networks if wanted is None else wanted

    def evaluation_steps(self, protocol: str) -> list[int]:
        """Return the mini-batches at which a protocol evaluates: all budgets that use it."""
        budgets = {
            budget
            for experiment in self.experiments.values()
            if experiment.protocol == protocol
            for budget in experiment.budgets
        }
        return sorted(budgets)


def _check_one(found: Collection[str], what: str, where: str) -> None:
    if len(found) != 1:
        listed = ", ".join(sorted(found)) or "none"
        raise ValueError(f"{where} must belong to one {what}, found {listed}")


def validate(values: dict[str, Any], where: str = "the configuration") -> Config:
    """Return checked settings; ConfigError lists every setting that is wrong."""
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            parts = [str(part) for part in problem["loc"]]
            location = ".".join(part for part in parts if part not in KINDS) or "settings"
            lines.append(f"  {location}: {problem['msg']}")
        raise ConfigError(f"{where} is not valid:\n" + "\n".join(lines)) from error


def load(path: Path) -> Config:
    """Read and check a YAML file; ConfigError if it is not there, not YAML or not valid."""
    try:
        values = yaml.safe_load(path.read_text())
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not YAML: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold settings by name, not {type(values).__name__}")
    return validate(values, str(path))


def to_yaml(config: Config, heading: str) -> str:
    """Return the YAML text of a configuration, each section under its own description."""
    blocks = [f"# {line}".rstrip() for line in heading.splitlines()]
    for name, value in config.model_dump(exclude_none=True).items():
        description = Config.model_fields[name].description
        text = yaml.safe_dump({name: value}, sort_keys=False, width=96, allow_unicode=True)
        blocks.append(f"\n# {description}\n{text.rstrip()}")
    return "\n".join(blocks) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema of the YAML files."""
    return Config.model_json_schema()
