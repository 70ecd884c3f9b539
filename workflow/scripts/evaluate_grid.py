"""Evaluate some predictors on one task for a few seeds, in every cell of the grid."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nascast.evaluation.grid import Axes, Draw, draw_at_random, evaluate_on_grid
from nascast.evaluation.mutations import draw_by_mutation
from nascast.evaluation.observations import FeatureTable
from nascast.evaluation.protocol import TaskData
from nascast.grid_sections import EARLY_EPOCH
from nascast.io.parquet import read_parquet, write_parquet
from nascast.io.unpickle import load_pickle
from nascast.labels.readers import read_mini_bench, read_nasbench201_curves
from nascast.predictors import registry
from nascast.seeds import derive_seed
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.spaces.shortcuts import CLASSES, size_features
from nascast.stages.features import all_labels, read_task, steps_per_epoch
from nascast.stages.files import fetched
from nascast.stages.grids import (
    curves_of_labels,
    feature_table,
    proxy_frame,
    settings_called,
    structure,
    supernet_frame,
    taking_part,
)
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import PREDICTIONS_SCHEMA


def read_sources(job: Any) -> dict[str, pd.DataFrame]:
    """Return what is known of networks beside their labels: one frame a source, by arch_id."""
    sources = {}
    for name in ("proxies", "supernets"):
        if job.input.get(name):
            sources[name] = read_parquet(list(job.input[name]))
    if job.input.get("curves"):
        sources["curves"] = read_curves(*fetched(job.input.curves), job.params.task["label_images"])
    if job.input.get("sizes"):
        sources["traces"] = read_parquet(job.input.sizes)
    return sources


def read_curves(source: str, path: Path, images: str) -> pd.DataFrame:
    """Return the published curves of one image set, or the accuracies of its cells at epoch 12."""
    if source == "nasbench201_epoch12":
        frame = read_mini_bench(load_pickle(path))
    else:
        frame = read_nasbench201_curves(pd.read_csv(path))
    return frame[frame["images"] == images]


def draw(job: Any, specs: dict[str, str], labels: dict[str, float], seed: int) -> Draw:
    """Return the networks of one seed."""
    grid = job.params.grid
    test, train = grid["test_networks"], max(grid["train_sizes"], default=0)
    if grid["sampling"] == "random":
        return draw_at_random(labels, test, train, seed)
    space = spaces.create(job.params.task["space"])

    def neighbours(arch_id: str) -> list[str]:
        return [arch.arch_id for arch in space.neighbours(space.parse(specs[arch_id]))]

    return draw_by_mutation(labels, neighbours, test, train, seed)


def observe(
    job: Any, names: list[str], labelled: pd.DataFrame, sources: dict[str, pd.DataFrame]
) -> FeatureTable:
    """Return all features that the job's predictors need of some networks."""
    grid = job.params.grid
    space = spaces.create(job.params.task["space"])
    needs = set().union(*(registry.get(name).needs for name in job.params.predictors))
    by_name = labelled.drop_duplicates("arch_id").set_index("arch_id")
    archs = [space.parse(spec) for spec in by_name.loc[names, "spec"]]
    arrays: dict[str, Any] = structure(space, archs, needs)
    if "size" in needs:
        scale, side = NetworkScale(**job.params.size["scale"]), job.params.size["image_size"]
        arrays["size"] = size_features(space, archs, scale, side, CLASSES)
    if "proxies" in sources and "proxies" in needs:
        arrays["proxies"] = proxy_frame(sources["proxies"], names)
    if "supernets" in sources and "supernet" in needs:
        arrays["supernet"] = supernet_frame(sources["supernets"], names)
    if grid["curves"] == "traces":
        sizes = sources["traces"].set_index("arch_id").loc[names]
        interval = np.array([job.params.protocol["interval"]], dtype=np.int32)
        traced = read_task(job.input.steps, sizes, {}, interval)
        return replace(traced, arrays={**traced.arrays, **arrays})
    if grid["curves"] == "none":
        return feature_table(names, arrays)
    if grid["curves"] == "epoch12":
        known = sources["curves"].set_index("arch_id").loc[names, "val_acc"]
        arrays["val_acc"] = known.to_numpy(np.float32)[:, None]
        return feature_table(names, arrays, evaluated=[EARLY_EPOCH])
    curves = labelled if grid["curves"] == "labels" else sources["curves"]
    arrays |= curves_of_labels(curves, names)
    first = curves.sort_values("seed").drop_duplicates("arch_id").set_index("arch_id").loc[names]
    epochs = int(first["epochs"].iloc[0])
    share = np.arange(1, epochs + 1) / epochs
    seconds = first["train_seconds"].to_numpy(np.float64, na_value=np.nan)
    return feature_table(names, arrays, seconds[:, None] * share)


def options(job: Any, name: str, seed: int, features: FeatureTable) -> dict[str, Any]:
    """Return what a predictor's constructor may take."""
    grid = job.params.grid
    traced = grid["curves"] == "traces"
    batch = job.params.protocol["batch_size"] if traced else 0
    quick = registry.get(name).quick if grid["settings"] == "quick" else {}
    return {
        "seed": derive_seed("predictor", name, job.wildcards.task, seed),
        "settings": {**quick, **job.params.changes.get(name, {})},
        "steps_per_epoch": steps_per_epoch(job.input.images, batch) if traced else 1,
        "horizon": features.seconds.shape[1],
    }


def main(job: Any) -> None:
    """Write one row a (predictor, train_size, budget, seed, architecture)."""
    grid, task = job.params.grid, job.params.task
    labels = all_labels(job.input.labels, task["label_images"], task["label_column"])
    rows = read_parquet(job.input.labels, filters=[("images", "==", task["label_images"])])
    sources = read_sources(job)
    known = taking_part(labels, *(set(frame["arch_id"]) for frame in sources.values()))
    labels = {arch_id: labels[arch_id] for arch_id in known}
    specs = dict(zip(rows["arch_id"].astype(str), rows["spec"].astype(str), strict=True))
    draws = {seed: draw(job, specs, labels, seed) for seed in job.params.seeds}
    most = max(grid["train_sizes"], default=0)
    names = sorted({n for d in draws.values() for n in (*d.test, *d.train, *d.rest[:most])})
    features = observe(job, names, rows, sources)
    data = TaskData(job.wildcards.task, features, labels)
    first = rows.sort_values("seed").drop_duplicates("arch_id").dropna(subset=["train_seconds"])
    seconds = dict(zip(first["arch_id"].astype(str), first["train_seconds"], strict=True))
    axes = Axes(tuple(grid["train_sizes"]), tuple(grid["budgets"]))
    frames = []
    for seed, drawn in draws.items():
        drawn = replace(drawn, rest=drawn.rest[:most])
        for name in job.params.predictors:
            make = partial(registry.create, name, **options(job, name, seed, features))
            found = evaluate_on_grid(registry.get(name), make, data, drawn, axes, seconds)
            called = settings_called(grid["settings"], job.params.changes.get(name, {}))
            frames.append(found.assign(fold=0, seed=seed, settings=called))
            spent = found.drop_duplicates(["train_size", "budget"])["fit_seconds"].sum()
            print(f"seed {seed} {name}: {len(found)} predictions, {spent:.1f} s of fitting")
    result = pd.concat(frames, ignore_index=True)
    settings = grid | {"changes": job.params.changes, "part": job.wildcards.part}
    origin = provenance(job, settings, seed=0)
    write_parquet(result, Path(job.output[0]), PREDICTIONS_SCHEMA, origin)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
