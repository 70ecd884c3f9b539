"""Assembles what predictors see from the files of earlier stages."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from safetensors import safe_open

from nascast.evaluation.observations import NEVER, FeatureTable
from nascast.io.parquet import read_parquet
from nascast.labels.schema import complete, seed_means
from nascast.spaces.shortcuts import COLUMNS as SIZE_COLUMNS
from nascast.stages.schemas import VECTORS_SCHEMA


def networks_of(table: pa.Table) -> list[str]:
    """Return the distinct arch_ids of a table in the order of their first row."""
    names = pc.unique(table["arch_id"].cast(pa.string()))
    return [str(name) for name in names.to_pylist()]


def vectors_table(
    arch_ids: Sequence[str], steps: NDArray[np.int32], values: NDArray[np.float32]
) -> pa.Table:
    """Return ``values`` of shape ``(networks, snapshots, width)`` as a vectors table."""
    networks, snapshots, width = values.shape
    offsets = np.arange(networks * snapshots + 1, dtype=np.int32) * width
    return pa.table(
        [
            pa.array(np.repeat(np.array(arch_ids, dtype=object), snapshots), pa.string()),
            pa.array(np.tile(steps, networks), pa.int32()),
            pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.reshape(-1))),
        ],
        schema=VECTORS_SCHEMA,
    )


def vectors_array(table: pa.Table, arch_ids: Sequence[str]) -> NDArray[np.float32]:
    """Return the vectors of some architectures as ``(networks, snapshots, width)``.

    Raises:
        ValueError: an architecture is missing, or the rows of one are not together and at the same
            mini-batches as those of the others.
    """
    names = networks_of(table)
    position = {name: i for i, name in enumerate(names)}
    _require(arch_ids, position, "vectors")
    snapshots = table.num_rows // len(names)
    steps = table["step"].to_numpy()[:snapshots]
    found = table["arch_id"].cast(pa.string()).to_pylist()
    if found != [name for name in names for _ in range(snapshots)] or not np.array_equal(
        table["step"].to_numpy(), np.tile(steps, len(names))
    ):
        raise ValueError("the vectors of the networks are not at the same mini-batches")
    flat = table["values"].combine_chunks().flatten().to_numpy()
    values = flat.reshape(len(names), snapshots, -1)
    return np.asarray(values[[position[arch_id] for arch_id in arch_ids]])


def read_task(
    steps: Iterable[Path | str],
    sizes: pd.DataFrame,
    vectors: Mapping[str, NDArray[np.float32]],
    snapshot_steps: NDArray[np.int32],
) -> FeatureTable:
    """Return the features of one image set's partial trainings.

    Args:
        steps: shards of the losses of every mini-batch.
        sizes: size features and anything else, indexed by arch_id; its order is the order of the
            architectures.
        vectors: trace features by name, in the same order.
        snapshot_steps: mini-batches of the trace features' second axis.

    Raises:
        ValueError: an architecture was not trained.
    """
    frame = read_parquet(list(steps))
    arch_ids = tuple(str(name) for name in sizes.index)
    _require(arch_ids, set(frame["arch_id"].astype(str)), "partial training")
    ordered = {name: _pivot(frame, name, arch_ids) for name in ("train_loss", "seconds")}
    evaluated = frame[frame["val_loss"].notna() | frame["val_acc"].notna()]
    evaluation_steps = np.sort(evaluated["step"].unique()).astype(np.int32)
    validation = {
        name: _pivot(frame, name, arch_ids)[:, evaluation_steps - 1].astype(np.float32)
        for name in ("val_loss", "val_acc")
    }
    status = frame.drop_duplicates("arch_id").set_index("arch_id")["status"].astype(str)
    return FeatureTable(
        arch_ids=arch_ids,
        arrays={
            # Specs and ids ride along in the file; a predictor of size is not to see them.
            "size": sizes[list(SIZE_COLUMNS)],
            "step_losses": ordered["train_loss"].astype(np.float32),
            **validation,
            **vectors,
        },
        snapshot_steps=snapshot_steps,
        evaluation_steps=evaluation_steps,
        failed_after=_failed_after(
            ordered["train_loss"], status.reindex(list(arch_ids)), snapshot_steps
        ),
        seconds=ordered["seconds"],
    )


def _failed_after(
    losses: NDArray[np.float64], status: pd.Series[str], snapshot_steps: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the mini-batch that showed each network's failure, ``NEVER`` if there is none."""
    lost = ~np.isfinite(losses)
    diverged = np.where(lost.any(axis=1), lost.argmax(axis=1) + 1, NEVER)
    # Whether a gradient reaches the first layer is looked up in the first snapshot.
    dead = np.where(status == "dead", snapshot_steps[0], NEVER)
    return np.minimum(diverged, dead).astype(np.int32)


def _require(arch_ids: Sequence[str], known: Container[str], what: str) -> None:
    missing = [arch_id for arch_id in arch_ids if arch_id not in known]
    if missing:
        raise ValueError(
            f"no {what} of {len(missing)} of {len(arch_ids)} networks, for example {missing[0]}"
        )


def _pivot(frame: pd.DataFrame, column: str, arch_ids: Sequence[str]) -> NDArray[np.float64]:
    """Return one column as ``(networks, steps)``."""
    wide = frame.assign(arch_id=frame["arch_id"].astype(str)).pivot(
        index="arch_id", columns="step", values=column
    )
    return wide.loc[list(arch_ids)].to_numpy(np.float64)


def read_label_shards(paths: Iterable[Path | str]) -> pd.DataFrame:
    """Return the rows of label files, whether from before or after other metrics were recorded."""
    return pd.concat([complete(read_parquet(path)) for path in paths], ignore_index=True)


def all_labels(path: Path | str, images: str, column: str) -> dict[str, float]:
    """Return the label of every labelled architecture, higher for better: the mean over its seeds.

    Args:
        path: a labels file.
        images: image set or task of the labels.
        column: ``val_acc`` or ``test_acc`` in [0, 1]; ``test_metric`` in the range of the task's
            metric; or ``test_score`` in (0, 1], which is ``exp(-test_loss)``: of classifications
            the geometric mean probability of the right class.
    """
    frame = read_parquet(path, filters=[("images", "==", images)])
    means = seed_means(frame).set_index("arch_id")
    values = np.exp(-means["test_loss"]) if column == "test_score" else means[column]
    return {str(arch_id): float(value) for arch_id, value in values.dropna().items()}


def read_labels(
    path: Path | str, images: str, column: str, arch_ids: Sequence[str]
) -> dict[str, float]:
    """Return some of :func:`all_labels`.

    Raises:
        ValueError: an architecture has no label, or the source does not give this column.
    """
    known = all_labels(path, images, column)
    _require(arch_ids, known, f"{column} on {images} in {path}")
    return {arch_id: known[arch_id] for arch_id in arch_ids}


def steps_per_epoch(images: Path | str, batch_size: int) -> int:
    """Return how many mini-batches make one pass over the training images.

    Args:
        images: a prepared image set; only its header is read, which needs no torch.
        batch_size: images in a mini-batch.
    """
    with safe_open(images, framework="np") as content:
        count = content.get_slice("train_labels").get_shape()[0]
        validation = json.loads(content.metadata()["image_set"])["validation"]
    return -(-(int(count) - int(validation)) // batch_size)


def trace_of(path: Path | str) -> str:
    """Return the ``<space>-<images>-<protocol>`` folder of a trace file."""
    parts = Path(path).parts
    return parts[parts.index("traces") + 1]
