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


# With a space in it, no tag can be taken for a setting's name in the place of an error.
OF_EXPERIMENT, OF_PROXIES = "of an experiment", "of proxies"


def _kind(value: Any) -> str:
    """Return what fills a table: it says so by the setting that names its numbers."""
    if isinstance(value, dict):
        return OF_PROXIES if "proxies" in value else OF_EXPERIMENT
    return OF_PROXIES if isinstance(value, ProxyTable) else OF_EXPERIMENT


AnyTable = Annotated[
    Annotated[Table, Tag(OF_EXPERIMENT)] | Annotated[ProxyTable, Tag(OF_PROXIES)],
    Discriminator(_kind),
]
"""A table of an experiment, or of measured proxies."""
