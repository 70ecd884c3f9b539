"""The sections of a configuration that declare what is shown: tables and figures."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from nascast.sections import Count, Name, Settings, TaskName


class Table(Settings):
    """One table of a paper, filled from an experiment."""

    experiment: Name = Field(description="experiment whose predictions fill the table")
    layout: Literal["budgets", "transfer"] = Field(
        "budgets", description="methods against budgets, or sources against targets"
    )
    task: TaskName | None = Field(None, description="the task of a `budgets` table")
    show: list[Count] = Field(
        default=[], description="budgets of a `transfer` table that are rendered; all if empty"
    )
    title: str = Field(description="caption")

    @model_validator(mode="after")
    def _has_task(self) -> Table:
        if (self.layout == "budgets") != (self.task is not None):
            raise ValueError("a `budgets` table needs a task, a `transfer` table has none")
        return self


class OfProxies(Settings):
    """Something that shows measured zero-cost proxies."""

    proxies: list[Name] = Field(
        description="sets of measured proxies; where several have a number, the first one's counts"
    )
    title: str = Field(description="caption")

    @model_validator(mode="after")
    def _no_set_twice(self) -> OfProxies:
        if len(set(self.proxies)) < len(self.proxies):
            raise ValueError(f"proxies names something twice: {self.proxies}")
        return self


class ProxyTable(OfProxies):
    """One table of a paper, filled from measured zero-cost proxies."""

    layout: Literal["suite_zero", "gennape_table1", "snap_table3", "snap_table5"] = Field(
        description="which paper's rows and columns: all proxies on all tasks as in "
        "NAS-Bench-Suite-Zero, GENNAPE's Table 1, or SNAP's Tables 3 or 5"
    )
    comparable: bool = Field(
        False, description="whether networks, images and batch size are the published ones"
    )


class ProxyFigure(OfProxies):
    """One figure of a paper, drawn from measured zero-cost proxies."""

    layout: Literal["bars", "benchmarks", "pairs"] = Field(
        description="bars of all proxies for each task, a panel of points for each task, or a heat "
        "map of the correlations between proxies for each task"
    )
    tasks: list[TaskName] = Field(
        min_length=1, description="the paper's tasks; each is shown by what stands for it"
    )
    rows: list[str] = Field(min_length=1, description="proxies in their order")


GridMetric = Literal[
    "kendall_tau",
    "spearman",
    "pearson",
    "sparse_kendall_tau",
    "sparse_kendall_tau_fine",
    "precision_at_10",
    "precision_at_20",
]
"""Metrics of a scored grid that rank predictors: higher is better."""
GridCell = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]
"""Labelled networks and query budget."""


class OfGrids(Settings):
    """Something that shows scored grids."""

    grids: list[Name] = Field(
        min_length=1,
        description="grids; every predictor and cell of a task is shown from the first one that "
        "has it",
    )
    metric: GridMetric = Field("kendall_tau", description="what is shown")
    title: str = Field(description="caption")

    @model_validator(mode="after")
    def _no_grid_twice(self) -> OfGrids:
        if len(set(self.grids)) < len(self.grids):
            raise ValueError(f"grids names something twice: {self.grids}")
        return self


class GridTable(OfGrids):
    """One table of White et al. 2021, filled from grids."""

    layout: Literal["metric", "ablation", "costs", "settings"] = Field(
        "metric",
        description="all predictors by task and cell; OMNI and its ablations beside the best "
        "single predictor and the best of each cell; tau beside the seconds that it costs; or "
        "quick beside published settings",
    )
    rows: list[str] = Field(
        default=[],
        description="predictors in their order, unless it is an `ablation`; all if empty",
    )
    show: list[GridCell] = Field(
        default=[],
        description="cells that are rendered, [labelled networks, query budget], 0 where a grid "
        "has no such axis; all if empty",
    )

    @model_validator(mode="after")
    def _fits_its_layout(self) -> GridTable:
        for name in ("rows", "show"):
            values = getattr(self, name)
            if len({str(value) for value in values}) < len(values):
                raise ValueError(f"{name} names something twice: {values}")
        if self.layout == "ablation" and self.rows:
            raise ValueError("an `ablation` table has rows of its own: leave `rows` out")
        if self.layout == "ablation" and self.metric != "kendall_tau":
            raise ValueError("an `ablation` table tests kendall_tau, the only metric by seed")
        if self.layout in ("costs", "settings") and not self.show:
            raise ValueError(f"a `{self.layout}` table needs the cells that it shows")
        return self


class GridFigure(OfGrids):
    """A heat map a task over initialisation and query budget: the best predictor of each cell."""


# With a space in it, no tag can be taken for a setting's name in the place of an error.
OF_EXPERIMENT, OF_PROXIES, OF_GRIDS = "of an experiment", "of proxies", "of grids"
KINDS = (OF_EXPERIMENT, OF_PROXIES, OF_GRIDS)


def _kind(value: Any) -> str:
    """Return what fills a table: it says so by the setting that names its numbers."""
    if isinstance(value, dict):
        return OF_GRIDS if "grids" in value else OF_PROXIES if "proxies" in value else OF_EXPERIMENT
    if isinstance(value, OfGrids):
        return OF_GRIDS
    return OF_PROXIES if isinstance(value, OfProxies) else OF_EXPERIMENT


def _kind_of_figure(value: Any) -> str:
    """Return what fills a figure; without a word on it, proxies."""
    return OF_GRIDS if _kind(value) == OF_GRIDS else OF_PROXIES


AnyTable = Annotated[
    Annotated[Table, Tag(OF_EXPERIMENT)]
    | Annotated[ProxyTable, Tag(OF_PROXIES)]
    | Annotated[GridTable, Tag(OF_GRIDS)],
    Discriminator(_kind),
]
"""A table of an experiment, of measured proxies, or of grids."""
AnyFigure = Annotated[
    Annotated[ProxyFigure, Tag(OF_PROXIES)] | Annotated[GridFigure, Tag(OF_GRIDS)],
    Discriminator(_kind_of_figure),
]
"""A figure of measured proxies, or of grids."""
