"""The section of a configuration that declares searches on computation graphs."""

from __future__ import annotations

from pydantic import Field, model_validator

from nascast.sections import Count, Settings, TaskName


class GraphSearch(Settings):
    """Searches that edit the graph of a task's best network, and trainings of what they find."""

    tasks: list[TaskName] = Field(
        min_length=1, description="tasks, each by itself; a search starts at its best network"
    )
    scorer: str = Field(description="what predicts how good a graph is, by name")
    model: str | None = Field(None, description="file that the scorer reads; none if left out")
    seeds: Count = Field(3, description="searches on each task")
    iterations: Count = Field(6, description="rounds of mutations")
    keep: Count = Field(10, description="best graphs that mutate in a round")
    mutants: Count = Field(20, description="mutations of each of them in a round")
    queries: Count | None = Field(
        None, description="graphs that a search scores, at most; no limit if left out"
    )
    cost: float = Field(
        1.0, gt=0, description="FLOPs of what is found, at most, as a part of those of the start"
    )
    edits: Count = Field(1, description="sequences that a mutation replaces, one after the other")
    longest: Count = Field(3, description="convolutions and pools in a sequence, at most")
    trainings: int = Field(
        0,
        ge=0,
        description="trainings of the start and of each found graph, where the labels of a task "
        "are the mini benchmark's",
    )

    @model_validator(mode="after")
    def _nothing_twice(self) -> GraphSearch:
        if len(set(self.tasks)) < len(self.tasks):
            raise ValueError(f"tasks names something twice: {self.tasks}")
        return self
