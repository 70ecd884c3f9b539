"""The section of a configuration that declares architecture searches."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

from pydantic import Field, model_validator

from nascast.sections import Count, Settings, TaskName, seeds_by_job

Algorithm = Literal[
    "random search", "regularised evolution", "guided evolution", "Bayesian optimisation"
]
GUIDED = ("guided evolution", "Bayesian optimisation")


class Search(Settings):
    """Searches for the best of the labelled networks, and a table and a figure of their regret."""

    title: str = Field(description="caption of the table")
    tasks: list[TaskName] = Field(min_length=1, description="tasks, each by itself")
    algorithms: list[Algorithm] = Field(min_length=1, description="searches by name")
    predictors: list[str] = Field(
        default=[], description="predictors by name; each guides each of the guided searches"
    )
    queries: Count = Field(150, description="networks that a search trains")
    show: list[Count] = Field(
        min_length=1, description="numbers of trained networks after which the table shows regret"
    )
    seeds: Count = Field(10, description="searches of each method on each task")
    seeds_per_job: Count = Field(10, description="how many of them one job runs")
    neighbours: Count | None = Field(
        None,
        description="where the labelled networks are a sample of a space: how many of the nearest "
        "ones lie beside each; if left out, those that one mutation makes",
    )
    population: Count = Field(30, description="living networks of the regularised evolution")
    sample: Count = Field(10, description="networks it draws to find a parent")
    initial: Count = Field(20, description="random networks that a guided search trains first")
    batch: Count = Field(20, description="networks it trains between two fits")
    candidates: Count = Field(200, description="mutations among which it chooses a batch")
    parents: Count = Field(5, description="best networks that mutate for them")
    ensemble: Count = Field(3, description="predictors in Bayesian optimisation's ensemble")
    settings: Literal["published", "quick"] = Field(
        "published", description="settings of all predictors"
    )
    bootstrap: Count = Field(1000, description="resamples of the intervals")

    @property
    def parts(self) -> dict[int, range]:
        """The seeds of every job, by its number."""
        return seeds_by_job(self.seeds, self.seeds_per_job)

    @property
    def methods(self) -> dict[str, tuple[str, str]]:
        """Algorithm and predictor ("" without one) of every method, by its name in files."""
        pairs = [
            (algorithm, predictor)
            for algorithm in self.algorithms
            for predictor in (self.predictors if algorithm in GUIDED else [""])
        ]
        return {_file_name(*pair): pair for pair in pairs}

    @model_validator(mode="after")
    def _nothing_twice(self) -> Search:
        for name in ("tasks", "algorithms", "predictors"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"{name} names something twice: {values}")
        names = Counter(_file_name("", predictor) for predictor in self.predictors)
        alike = [p for p in self.predictors if names[_file_name("", p)] > 1]
        if alike:
            raise ValueError(f"the files of these predictors would have the same name: {alike}")
        return self

    @model_validator(mode="after")
    def _predictors_guide(self) -> Search:
        guided = [name for name in self.algorithms if name in GUIDED]
        if bool(guided) != bool(self.predictors):
            raise ValueError(f"predictors guide {', '.join(GUIDED)}: give both or neither")
        return self

    @model_validator(mode="after")
    def _shows_what_is_trained(self) -> Search:
        if self.show != sorted(set(self.show)) or self.show[-1] > self.queries:
            raise ValueError(
                f"show must grow up to the {self.queries} queries and repeat nothing, got "
                f"{self.show}"
            )
        return self


def _file_name(algorithm: str, predictor: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{algorithm} {predictor}".lower()).strip("-")
