"""The sections of a configuration: what each setting means, its default and its range."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nascast.errors import NascastError

Name = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
ImagesName = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
TaskName = Annotated[str, Field(pattern=r"^[a-z0-9_]+-[a-z0-9_-]+$")]
Count = Annotated[int, Field(ge=1)]
CLASSIFICATION = "classification"


class ConfigError(NascastError):
    """The configuration is wrong; the message names each setting and what it may be."""


class Settings(BaseModel):
    """Base of all sections: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Scale(Settings):
    """How large networks are built."""

    channels: Count = Field(8, description="width of the stem (C)")
    repeats: Count = Field(1, description="cells in each stage (N)")
    stem_stride: Count = Field(2, description="stride of the first convolution")


class Sharded(Settings):
    """The first networks of a pool, in shards of equal size."""

    networks: Count = Field(150, description="how many architectures of the pool, from its start")
    networks_per_shard: Count = Field(10, description="architectures in one job")

    @property
    def shards(self) -> range:
        """Numbers of the shards."""
        return range(-(-self.networks // self.networks_per_shard))

    def bounds(self, shard: int) -> list[int]:
        """Return first and last (exclusive) place in the pool of one shard.

        Raises:
            ConfigError: there is no such shard.
        """
        if shard not in self.shards:
            raise ConfigError(
                f"shard {shard} does not exist: {self.networks} networks make the shards "
                f"0..{self.shards[-1]}"
            )
        first = shard * self.networks_per_shard
        return [first, min(first + self.networks_per_shard, self.networks)]


class TraceSettings(Sharded):
    """A protocol of partial training, and which networks go through it."""

    scale: Scale = Field(default=Scale(), description="size of the networks")
    image_size: Count = Field(16, description="side of the images in pixels")
    steps: Count = Field(230, description="mini-batches of partial training")
    interval: Count = Field(10, description="mini-batches between snapshots")
    batch_size: Count = Field(64, description="images in a mini-batch")
    learning_rate: float = Field(0.1, gt=0, description="constant learning rate of SGD")
    momentum: float = Field(0.9, ge=0, lt=1, description="Nesterov momentum")
    weight_decay: float = Field(5e-4, ge=0, description="L2 penalty")
    validation_images: Count = Field(1000, description="images an evaluation looks at")


class ProxySettings(Sharded):
    """Which zero-cost proxies are measured, and of which networks."""

    scale: Scale = Field(default=Scale(), description="size of the networks")
    image_size: Count = Field(16, description="side of the images in pixels")
    batch_size: Count = Field(64, description="images in the one mini-batch")
    seeds: Count = Field(1, description="initialisations, each with a mini-batch of its own")
    isomorphic: bool = Field(
        False,
        description="whether isomorphic architectures may both be measured, as in a random sample "
        "of a whole space",
    )
    literal: bool = Field(
        True,
        description="whether networks compute what the original code computes, edges without any "
        "influence included",
    )
    proxies: list[str] = Field(min_length=1, description="proxies by name")
    tasks: list[TaskName] = Field(min_length=1, description="tasks, in the order of the tables")
    bootstrap: Count = Field(1000, description="resamples of the intervals")

    @model_validator(mode="after")
    def _nothing_twice(self) -> ProxySettings:
        for section in ("proxies", "tasks"):
            names = getattr(self, section)
            for name in names:
                if names.count(name) > 1:
                    raise ValueError(f"{section} names {name!r} twice")
        return self


class Recipe(Settings):
    """How the label trainer trains one network; an epoch is a fixed number of mini-batches."""

    steps: Count = Field(240, description="mini-batches in all")
    epochs: Count = Field(12, description="points on a learning curve; divides steps")
    batch_size: Count = Field(64, description="images in a mini-batch")
    lr: float = Field(0.03, gt=0, description="peak learning rate of the cosine schedule")
    validation: Count = Field(1024, description="validation images at the end of each epoch")
    test: Count = Field(4096, description="test images at the end")
    norm_momentum: float | None = Field(
        0.1,
        gt=0,
        le=1,
        description="share of a mini-batch in the statistics of every batch norm, which have to "
        "settle within the few steps; null keeps the family's own",
    )

    @model_validator(mode="after")
    def _epochs_divide_steps(self) -> Recipe:
        if self.steps % self.epochs:
            raise ValueError(f"steps {self.steps} must be a multiple of epochs {self.epochs}")
        return self


class PartRecipe(Settings):
    """How networks are trained for one part of a family, where it is not as for the others."""

    seeds: Count = Field(description="trainings of each architecture")
    recipe: Recipe = Field(description="training recipe")


class MiniBenchmark(Sharded):
    """What the label trainer makes for ``resources/minibench``."""

    space: Name = Field("nasbench201", description="search space")
    images: list[ImagesName] = Field(description="image sets")
    seeds: Count = Field(3, description="trainings of each architecture, averaged in the label")
    scale: Scale = Field(default=Scale(), description="size of the labelled networks")
    image_size: Count = Field(16, description="side of the images in pixels")
    recipe: Recipe = Field(default=Recipe(), description="training recipe")
    tasks: list[Name] = Field(
        default=[CLASSIFICATION],
        min_length=1,
        description="what networks are trained for on every image set: classification (its own "
        "labels), or class_object, class_scene, jigsaw, autoencoder, room_layout, normal or "
        "segmentsemantic of TransNAS-Bench-101",
    )
    task_settings: dict[Name, dict[str, int]] = Field(
        default={}, description="settings of tasks that differ from the default, by task"
    )

    part_recipes: dict[str, PartRecipe] = Field(
        default={},
        description="parts, <image set> or <image set>-<task>, that are trained in another way or "
        "more often than the others, because one training would say too little about a network",
    )

    @property
    def parts(self) -> dict[str, tuple[str, str]]:
        """Image set and task of every folder of shards, by its name."""
        return {
            label_folder(images, task): (images, task)
            for images in self.images
            for task in self.tasks
        }

    def part(self, folder: str) -> tuple[str, str]:
        """Return image set and task of one folder; ConfigError if there is no such folder."""
        if folder not in self.parts:
            raise ConfigError(
                f"the mini benchmark of {self.space} has no part {folder!r}, only "
                f"{', '.join(self.parts)}"
            )
        return self.parts[folder]

    @model_validator(mode="after")
    def _settings_have_a_task(self) -> MiniBenchmark:
        for task in self.task_settings:
            check(task, self.tasks, "task_settings")
        for part in self.part_recipes:
            check(part, self.parts, "part_recipes")
        return self

    def training(self, part: str) -> tuple[int, Recipe]:
        """Return how often and how networks are trained for a part."""
        own = self.part_recipes.get(part)
        return (self.seeds, self.recipe) if own is None else (own.seeds, own.recipe)


def label_folder(images: str, task: str) -> str:
    """Return the folder of the labels of a task on an image set, below that of the space."""
    return images if task == CLASSIFICATION else f"{images}-{task}"


class Task(Settings):
    """Search space x image set x label source."""

    space: Name = Field("nasbench201", description="search space")
    images: ImagesName | None = Field(None, description="image set on which networks are traced")
    labels: str = Field(
        description="where the labels come from: 'real', 'minibench', or 'missing: <what is "
        "needed>'",
        pattern=r"^(real|minibench|missing: .+)$",
    )
    label_images: ImagesName | None = Field(
        None, description="image set whose labels are used; the task's images if left out"
    )
    label_task: Name = Field(
        CLASSIFICATION,
        description="what the labelled networks were trained for: classification, or a task of "
        "TransNAS-Bench-101",
    )
    label_column: Literal["test_acc", "val_acc", "test_metric", "test_score"] = Field(
        "test_acc",
        description="label: an accuracy in [0, 1]; test_metric, the task's metric where it is no "
        "accuracy; or test_score, exp(-test_loss), of classifications the geometric mean "
        "probability of the right class",
    )
    stands_for: str = Field("", description="the paper's task in whose place this one stands")
    substitute: str = Field("", description="what was put in the place of missing images")
    note: str = Field("", description="what a reader must know; printed under each table")

    @property
    def missing(self) -> str:
        """What is needed before this task can be computed; empty if nothing."""
        return self.labels.removeprefix("missing: ") if self.labels.startswith("missing") else ""

    @property
    def label_name(self) -> str | None:
        """What the labels carry as ``images``: the image set, or the task if it is another."""
        own = self.label_images or self.images
        return own if self.label_task == CLASSIFICATION else self.label_task

    @property
    def label_folder(self) -> str | None:
        """Folder of the shipped labels, below that of the space."""
        images = self.label_images or self.images
        return None if images is None else label_folder(images, self.label_task)

    @model_validator(mode="after")
    def _has_images(self) -> Task:
        if not self.missing and self.images is None:
            raise ValueError("a task with labels needs `images`")
        return self


class Experiment(Settings):
    """One evaluation: predictors x tasks x folds x seeds x budgets."""

    protocol: Name = Field(description="trace protocol")
    tasks: list[TaskName] = Field(description="tasks, each as source and as target", min_length=1)
    budgets: list[Count] = Field(description="query budgets in mini-batches", min_length=1)
    folds: int = Field(4, ge=2, description="folds of the cross-validation")
    run_folds: list[int] | None = Field(None, description="folds that are run; all if left out")
    seeds: Count = Field(3, description="training seeds and subsets")
    train_size: Count = Field(300, description="labelled networks, a fifth for validation")
    predictors: list[str] = Field(description="predictors by their names in the tables")
    transfer: list[str] = Field(
        default=[], description="those that are also applied to every other task, unchanged"
    )
    settings: str = Field(
        "published",
        description="name of the predictor settings in the tables: published, quick (fewer "
        "epochs) or narrow (narrower auto-encoders, and fewer "
        "epochs as well)",
    )
    encoder: dict[str, int | float] = Field(
        default={}, description="auto-encoder settings that differ from the published ones"
    )
    regressor: dict[str, int | float] = Field(
        default={}, description="settings of the recurrent regressor that differ likewise"
    )
    bootstrap: Count = Field(1000, description="resamples of the intervals")

    @model_validator(mode="after")
    def _folds_exist(self) -> Experiment:
        beyond = [fold for fold in self.run_folds or [] if not 0 <= fold < self.folds]
        if beyond or self.run_folds == []:
            raise ValueError(f"run_folds {self.run_folds} must be among 0..{self.folds - 1}")
        return self

    @model_validator(mode="after")
    def _nothing_twice(self) -> Experiment:
        for name in ("tasks", "budgets", "run_folds", "predictors", "transfer"):
            values = getattr(self, name) or []
            if len(set(values)) < len(values):
                raise ValueError(f"{name} names something twice: {values}")
        return self


def seeds_by_job(seeds: int, per_job: int) -> dict[int, range]:
    """Return the seeds of every job, by its number."""
    starts = range(0, seeds, per_job)
    return {job: range(start, min(start + per_job, seeds)) for job, start in enumerate(starts)}


def check(name: str | int, known: Collection[str | int], where: str) -> None:
    """Raise ValueError unless a name is among those that are known."""
    if name not in known:
        listed = ", ".join(str(other) for other in known)
        raise ValueError(f"{where} names {name!r}, which is not among {listed}")
