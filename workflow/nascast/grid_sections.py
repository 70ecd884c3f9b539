"""The section of a configuration that declares grids of initialisation and query budgets."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from nascast.sections import Count, Name, Settings, TaskName, check, seeds_by_job

EARLY_EPOCH = 12
"""The one epoch of `curves: epoch12`."""


class Grid(Settings):
    """Predictors under the protocol of White et al. 2021.

    Networks take part that have everything the grid names: labels, curves, proxies and supernet
    scores. So all its predictors are tested on the same ones.
    """

    tasks: list[TaskName] = Field(min_length=1, description="tasks, each by itself")
    predictors: list[str] = Field(min_length=1, description="predictors by name")
    train_sizes: list[Count] = Field(
        default=[], description="labelled networks, the initialisation budgets"
    )
    budgets: list[Count] = Field(
        default=[],
        description="query budgets: points of the curves, so epochs, or mini-batches of traces",
    )
    test_networks: Count = Field(200, description="networks in each seed's test set")
    seeds: Count = Field(10, description="draws of test and training networks")
    seeds_per_job: Count = Field(1, description="how many of them one job evaluates")
    sampling: Literal["random", "mutation"] = Field(
        "random", description="how test and training networks are drawn"
    )
    curves: Literal["none", "labels", "published", "epoch12", "traces"] = Field(
        "none",
        description="whose learning curves are seen: those of the labels' first trainings, the 200 "
        "published ones of NAS-Bench-201, the accuracy of all its cells at epoch 12, or partial "
        "trainings of `protocol`",
    )
    protocol: Name | None = Field(None, description="trace protocol of `curves: traces`")
    shipped: bool = Field(
        False, description="whether those traces are read from resources/measured, not made"
    )
    proxies: Name | None = Field(None, description="set of measured proxies")
    supernets: bool = Field(False, description="whether weights inherited from supernets are seen")
    settings: Literal["published", "quick"] = Field(
        "published", description="settings of all predictors"
    )
    changes: dict[str, dict[str, float]] = Field(
        default={},
        description="settings of single predictors that differ from those; the tables name them",
    )
    bootstrap: Count = Field(1000, description="resamples of the intervals")

    @property
    def parts(self) -> dict[int, range]:
        """The seeds of every job, by its number."""
        return seeds_by_job(self.seeds, self.seeds_per_job)

    @property
    def cells(self) -> list[tuple[int, int]]:
        """Labelled networks and query budget of every cell, 0 along an axis that is not there."""
        return [
            (size, budget) for size in self.train_sizes or [0] for budget in self.budgets or [0]
        ]

    @model_validator(mode="after")
    def _axes_are_in_order(self) -> Grid:
        for name in ("train_sizes", "budgets"):
            values = getattr(self, name)
            if values != sorted(set(values)):
                raise ValueError(f"{name} must grow and repeat nothing, got {values}")
        return self

    @model_validator(mode="after")
    def _nothing_twice(self) -> Grid:
        for name in ("tasks", "predictors"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"{name} names something twice: {values}")
        return self

    @model_validator(mode="after")
    def _curves_have_budgets(self) -> Grid:
        if (self.curves == "none") != (not self.budgets):
            raise ValueError("budgets are points of curves: give both or neither")
        if (self.curves == "traces") != (self.protocol is not None):
            raise ValueError("`protocol` belongs to `curves: traces`, and to nothing else")
        if self.shipped and self.curves != "traces":
            raise ValueError("`shipped` belongs to `curves: traces`, and to nothing else")
        if self.curves == "epoch12" and self.budgets != [EARLY_EPOCH]:
            raise ValueError(f"`curves: epoch12` has the one budget {EARLY_EPOCH}")
        return self

    @model_validator(mode="after")
    def _changes_have_a_predictor(self) -> Grid:
        for name in self.changes:
            check(name, self.predictors, "changes")
        return self
