"""Settings of SNAP-R: its candidates, the criterion that chooses among them, and its experiments.

Everything that decides the choice is written here before a label of any other space is read.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from nascast.sections import Count, ImagesName, Name, Settings, TaskName

STRUCTURE = ["count:.*", "path:.*", "walk:.*", "shape:.*"]


class MemberChoice(Settings):
    """One member."""

    kind: Literal["trees", "ranker", "forest", "ridge", "network", "sum"] = Field(
        description="its kind"
    )
    settings: dict[str, float] = Field({}, description="changes of its settings, by name")
    reads: list[str] = Field(
        [], description="patterns of the features it reads out of the recipe's; all if left out"
    )
    weight: float = Field(1.0, gt=0, description="of its standardised score in the mean")


class Candidate(Settings):
    """A recipe that may be chosen, or that stands beside the chosen one."""

    members: list[MemberChoice] = Field(min_length=1, description="what is averaged")
    keep: list[str] = Field(
        [*STRUCTURE, "size:relative"], description="patterns of the features that are read"
    )
    drop: list[str] = Field([], description="patterns of those that are left out of them")
    target: Literal["rank", "raw"] = Field("rank", description="ranks, or raw accuracies")


class Variation(Settings):
    """The chosen recipe with something changed; what is left out stays as chosen."""

    drop: list[str] = Field([], description="patterns of further features that are left out")
    population: bool = Field(
        False, description="whether size is a rank among the networks that are ranked"
    )
    target: Literal["rank", "raw"] | None = Field(None, description="another target")
    members: list[MemberChoice] = Field([], description="members that join")
    without: list[str] = Field([], description="kinds of members that are left out")
    settings: dict[str, float] = Field(
        {}, description="changes of the settings of all members that are boosted trees"
    )


class InternalShift(Settings):
    """A feature along which NAS-Bench-101 is taken apart."""

    column: str = Field(description="the feature")
    low: float = Field(description="the low part has at most this much")
    high: float = Field(description="the high part has at least this much, or more than low")
    directions: list[Literal["up", "down"]] = Field(
        ["up", "down"], description="up trains on the low part and tests on the high one"
    )


class Mixtures(Settings):
    """Candidates that add sums of features, which learn no label, to learned members."""

    learned: dict[Name, list[MemberChoice]] = Field(description="learned members by name")
    sums: dict[Name, list[str]] = Field(description="features that are added up, by name")
    shares: list[float] = Field(description="weights of a sum, the learned members' being 1")

    @property
    def candidates(self) -> dict[str, Candidate]:
        """Every sum alone, then every mixture: ``<learned>_and_<sum>_<share in percent>``."""
        found = {f"sum_{name}": Candidate(members=[self._sum(name, 1.0)]) for name in self.sums}
        for learned, members in self.learned.items():
            for name in self.sums:
                for share in self.shares:
                    mixed = [*members, self._sum(name, share * len(members))]
                    key = f"{learned}_and_{name}_{round(100 * share)}"
                    found[key] = Candidate(members=mixed)
        return found

    def _sum(self, name: str, weight: float) -> MemberChoice:
        return MemberChoice(kind="sum", reads=["|".join(self.sums[name])], weight=weight)


class SnapRSelection(Settings):
    """How a recipe is chosen, on NAS-Bench-101 alone."""

    candidates: dict[Name, Candidate] = Field(min_length=1, description="recipes by name")
    mixtures: Mixtures = Field(
        default=Mixtures(learned={}, sums={}, shares=[]), description="further candidates"
    )
    shifts: dict[Name, InternalShift] = Field(min_length=1, description="internal shifts by name")
    train_cells: Count = Field(8_000, description="cells that a shift trains on, at most")
    test_cells: Count = Field(2_000, description="cells that it tests on, at most")
    worst: Count = Field(
        5, description="the criterion counts the mean tau of so many shifts, the worst ones"
    )
    concept: list[ImagesName] = Field(
        [],
        description="parts of the mini benchmark's NAS-Bench-101, other images and recipes for the "
        "same cells, whose mean tau counts beside it",
    )
    concept_weight: float = Field(
        0.5, ge=0, le=1, description="share of that in the criterion, if there are any"
    )

    @property
    def every_candidate(self) -> dict[str, Candidate]:
        """All candidates by name, those of the mixtures last."""
        return self.candidates | self.mixtures.candidates

    @model_validator(mode="after")
    def _enough_shifts(self) -> SnapRSelection:
        count = sum(len(shift.directions) for shift in self.shifts.values())
        if self.worst > count:
            raise ValueError(f"worst is {self.worst}, but there are {count} shifts")
        return self


class SnapRSettings(Settings):
    """SNAP-R: trained on NAS-Bench-101, tested where none of its choices has looked."""

    selection: SnapRSelection = Field(description="how the recipe is chosen")
    variations: dict[str, Variation] = Field(description="ablations by the name of their row")
    baselines: dict[str, Candidate] = Field(
        description="other regressions on the same training cells by the name of their row"
    )
    cells: Count = Field(42_362, description="training cells, stratified by size")
    seeds: Count = Field(10, description="training sets of that many cells")
    full_seeds: int = Field(3, ge=0, description="runs of the chosen recipe on all cells")
    tasks: list[TaskName] = Field(description="tasks with labels of their tables")
    minibench: dict[Name, list[ImagesName]] = Field(
        {}, description="parts of the mini benchmark that are ranked too, by search space"
    )
