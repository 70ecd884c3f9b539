"""The section of a configuration that declares studies of SNAP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from nascast.sections import Count, Name, Settings, TaskName, check

EncoderName = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
ModelName = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
Cells = Count | Literal["all"]
Form = Literal["op_graph", "op_graph_pruned", "op_graph_contracted"]


class SnapRecipe(Settings):
    """A preset, and what is changed of it; or a model that ships, which is not trained again."""

    preset: Literal["paper", "tg_nas"] = Field(
        "paper", description="what the paper states, or what its predecessor's public code does"
    )
    checkpoint: ModelName | None = Field(
        None,
        description="model of resources/models that is used as it is: <name>-seed=<k>.safetensors",
    )
    form: Form = Field(
        "op_graph", description="graphs with `none` as a node, pruned, or without skips as well"
    )
    encoder: EncoderName | None = Field(None, description="text encoder, if not the study's")
    length: Literal["short", "medium", "long"] | None = Field(
        None, description="sentences, if not the study's"
    )
    cells: Cells | None = Field(None, description="training cells, if not the study's")
    epochs: Count | None = Field(None, description="passes over them, if not the study's")
    target: Literal["accuracy", "rank"] | None = Field(None, description="what is learned")
    adjacency: Literal["forward", "backward", "undirected", "both"] | None = Field(
        None, description="whom a node reads"
    )
    normalised: bool | None = Field(None, description="whether Equation 2 weighs the edges")
    loops: bool | None = Field(None, description="whether a node reads itself")
    readout: Literal["global", "mean", "sum", "mean_sum"] | None = Field(
        None, description="an added node that reads all others, or what is taken over nodes"
    )
    layers: Count | None = Field(None, description="graph convolutions")
    width: Count | None = Field(None, description="of each")
    batch_size: Count | None = Field(None, description="cells in a batch")
    weight_decay: float | None = Field(None, ge=0, description="of AdamW")
    loss: Literal["mse", "pairwise"] | None = Field(None, description="of cells or of pairs")

    @property
    def changes(self) -> dict[str, Any]:
        """Changed settings of the network and its training, by name."""
        others = {"preset", "checkpoint", "form", "encoder", "length", "cells"}
        return self.model_dump(exclude=others, exclude_none=True)

    @model_validator(mode="after")
    def _what_ships_stays_as_it_is(self) -> SnapRecipe:
        trained = {*self.changes, *(["cells"] if self.cells else [])}
        if self.checkpoint is not None and (trained or self.preset != "paper"):
            raise ValueError(
                f"checkpoint {self.checkpoint!r} is not trained again, so the recipe may only say "
                f"how graphs and operations are read; take out {', '.join(sorted(trained))}"
            )
        return self


class SnapStudy(Settings):
    """Recipes of SNAP, each trained on one space with several seeds and applied to others."""

    source: TaskName = Field("nasbench101-cifar10", description="task whose labels are learned")
    tasks: list[TaskName] = Field(min_length=1, description="tasks whose networks are ranked")
    recipes: dict[Name, SnapRecipe] = Field(min_length=1, description="recipes by name")
    seeds: Count = Field(5, description="trainings, each on cells of its own draw")
    cells: Cells = Field(
        42_362,
        description="training cells, as many of each size as the space has in proportion, or all",
    )
    epochs: Count = Field(40, description="passes over the training cells")
    held_out: Count = Field(
        10_000,
        description="cells of the source that are ranked as well: such as were not trained on, as "
        "far as there are any",
    )
    encoder: EncoderName = Field("minilm", description="text encoder")
    length: Literal["short", "medium", "long"] = Field("short", description="sentences")
    watched: list[Name] = Field(
        default=[],
        description="recipes whose every epoch ranks the targets, to show afterwards what choosing "
        "an epoch by the target would have given",
    )
    bootstrap: Count = Field(1000, description="resamples of the intervals")

    def text(self, recipe: str) -> str:
        """Return encoder and sentences of a recipe as ``<encoder>-<length>``."""
        own = self.recipes[recipe]
        return f"{own.encoder or self.encoder}-{own.length or self.length}"

    def training(self, recipe: str) -> dict[str, Any]:
        """Return what a run of a recipe is told."""
        own = self.recipes[recipe]
        cells = own.cells or self.cells
        return {
            "preset": own.preset,
            "form": own.form,
            "changes": {"epochs": self.epochs} | own.changes,
            "cells": None if cells == "all" else cells,
            "held_out": self.held_out,
            "watched": recipe in self.watched,
            "text": self.text(recipe),
        }

    @model_validator(mode="after")
    def _watches_what_is_trained(self) -> SnapStudy:
        for recipe in self.watched:
            check(recipe, self.recipes, "watched")
            if self.recipes[recipe].checkpoint is not None:
                raise ValueError(f"watched names {recipe!r}, which is not trained here")
        if len(set(self.tasks)) < len(self.tasks):
            raise ValueError(f"tasks names something twice: {self.tasks}")
        if self.source in self.tasks:
            raise ValueError(
                f"tasks names the source {self.source}, whose held-out cells are ranked anyway"
            )
        return self
