"""Train SNAP on the cells of one space, or load a model that ships, and rank other networks.

No label of a target is read before the last prediction is made.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.io.parquet import write_parquet
from nascast.predictors.snap.arrays import OperatorGraphs, Vectors
from nascast.predictors.snap.model import Snap
from nascast.seeds import derive_seed
from nascast.spaces import registry as spaces
from nascast.stages.devices import choose_device
from nascast.stages.features import all_labels
from nascast.stages.runner import provenance, stage
from nascast.stages.snap_graphs import read_operator_graphs, without_none
from nascast.stages.snap_runs import (
    HELD_OUT,
    SEEN,
    SNAP_RUNS_SCHEMA,
    TARGET,
    held_out_cells,
    read_vectors,
    recipe_settings,
    run_rows,
    training_cells,
)

Floats = NDArray[np.float64]


class Run:
    """What one job knows: its files by space, its recipe, and the vectors of the operations."""

    def __init__(self, job: Any) -> None:
        self.job, self.recipe = job, job.params.recipe
        self.seed = int(job.wildcards.seed)
        names = dict.fromkeys(task["space"] for task in job.params.tasks.values())
        self.spaces = {name: spaces.create(name) for name in names}
        self.vectors: Vectors = read_vectors(job.input.text)

    def graphs(self, space: str) -> tuple[list[str], OperatorGraphs]:
        """Return arch_ids and graphs of a space in the recipe's form."""
        path = self.job.input[f"graphs_{space}"]
        return read_operator_graphs(path, self.spaces[space], self.recipe["form"])

    def labels(self, task: str) -> dict[str, float]:
        """Return the labels of a task."""
        told = self.job.params.tasks[task]
        path = self.job.input[f"labels_{told['space']}"]
        return all_labels(path, told["label_images"], told["label_column"])

    def fit(
        self, targets: dict[str, OperatorGraphs]
    ) -> tuple[Snap, float, dict[str, NDArray[np.float32]], pd.DataFrame]:
        """Train a model.

        Returns:
            Model, seconds, predictions of the targets after each epoch if the recipe is watched,
            and rows of cells of the source.
        """
        source = self.job.params.source
        labels = self.labels(source)
        ids, graphs = self.graphs(self.job.params.tasks[source]["space"])
        rows = np.flatnonzero([arch_id in labels for arch_id in ids])
        values = np.array([labels[ids[row]] for row in rows])
        graphs = graphs.take(rows)
        trained = training_cells(graphs.sizes, self.recipe["cells"], self.seed)
        shown = held_out_cells(graphs.sizes, trained, self.recipe["held_out"], self.seed)
        settings = recipe_settings(self.recipe["preset"], self.recipe["changes"])
        model = Snap(settings, derive_seed("snap", self.seed))
        seen: dict[str, list[NDArray[np.float32]]] = {space: [] for space in targets}

        def watch(_: int) -> None:
            for space, target in targets.items():
                seen[space].append(model.predict(target, self.vectors).astype(np.float32))

        begun = time.perf_counter()
        watched = watch if self.recipe["watched"] else None
        model.fit(graphs.take(trained), values[trained], self.vectors, watched)
        seconds = time.perf_counter() - begun
        print(f"{len(trained)} cells x {settings.epochs} epochs in {seconds:.0f} s")
        names = [ids[rows[row]] for row in shown]
        part = SEEN if np.isin(shown, trained).any() else HELD_OUT
        frame = run_rows(
            names,
            model.predict(graphs.take(shown), self.vectors),
            labels,
            task=source,
            part=part,
            none_free=True,
            query_seconds=0.0,
        )
        epochs = {space: np.stack(found) for space, found in seen.items() if found}
        return model, seconds, epochs, frame


def main(job: Any) -> None:
    """Write one row a (task, architecture), and the model."""
    choose_device("cpu")
    run = Run(job)
    targets = {job.params.tasks[task]["space"]: None for task in job.params.targets}
    read = {space: run.graphs(space) for space in targets}
    epochs: dict[str, NDArray[np.float32]] = {}
    frames, seconds = [], 0.0
    card = {"spaces": [job.params.tasks[job.params.source]["space"]], "text": run.recipe["text"]}
    if job.input.get("shipped"):
        model, card = Snap.load(Path(job.input.shipped))
    else:
        model, seconds, epochs, frame = run.fit({space: read[space][1] for space in targets})
        frames.append(frame)
        card |= {"recipe": run.recipe, "seed": run.seed}
    model.save(Path(job.output.model), card)
    predicted: dict[str, tuple[Floats, float]] = {}
    for space, (_, graphs) in read.items():
        begun = time.perf_counter()
        predicted[space] = model.predict(graphs, run.vectors), time.perf_counter() - begun
        print(f"ranked {len(graphs)} networks of {space} in {predicted[space][1]:.2f} s")
    for task in job.params.targets:
        space = job.params.tasks[task]["space"]
        frames.append(
            run_rows(
                read[space][0],
                predicted[space][0],
                run.labels(task),
                epochs.pop(space, None),
                task=task,
                part=SEEN if space in card["spaces"] else TARGET,
                none_free=without_none(job.input[f"graphs_{space}"], run.spaces[space]),
                query_seconds=predicted[space][1],
            )
        )
    result = pd.concat(frames, ignore_index=True).assign(
        recipe=job.wildcards.recipe, seed=np.int32(run.seed), fit_seconds=seconds
    )
    origin = provenance(job, run.recipe, seed=run.seed)
    write_parquet(result, Path(job.output.predictions), SNAP_RUNS_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
