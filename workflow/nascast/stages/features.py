"""Assembles what predictors see from the files of earlier stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nascast.evaluation.observations import FeatureTable
from nascast.io.parquet import read_parquet, read_table
from nascast.labels.schema import seed_means
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
    """Return the vectors of some architectures as ``(networks, snapshots, width)``."""
    names = networks_of(table)
    flat = table["values"].combine_chunks().flatten().to_numpy()
    values = flat.reshape(len(names), table.num_rows // len(names), -1)
    position = {name: i for i, name in enumerate(names)}
    return values[[position[arch_id] for arch_id in arch_ids]]


def read_task(
    steps: Iterable[Path | str],
    sizes: pd.DataFrame,
    vectors: Mapping[str, NDArray[np.float32]],
    snapshot_steps: NDArray[np.int32],
) -> FeatureTable:
    """Return the features of one image set's partial trainings.

    Args:
        steps: shards of the losses of every mini-batch.
        sizes: size features indexed by arch_id; its order is the order of the architectures.
        vectors: trace features by name, in the same order.
        snapshot_steps: mini-batches of the trace features' second axis.
    """
    frame = read_parquet(list(steps))
    arch_ids = tuple(str(name) for name in sizes.index)
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
            "size": sizes,
            "step_losses": ordered["train_loss"].astype(np.float32),
            **validation,
            **vectors,
        },
        snapshot_steps=snapshot_steps,
        evaluation_steps=evaluation_steps,
        status=status.reindex(list(arch_ids)).to_numpy(dtype=str),
        seconds=ordered["seconds"],
    )


def _pivot(frame: pd.DataFrame, column: str, arch_ids: Sequence[str]) -> NDArray[np.float64]:
    """Return one column as ``(networks, steps)``."""
    wide = frame.assign(arch_id=frame["arch_id"].astype(str)).pivot(
        index="arch_id", columns="step", values=column
    )
    return wide.loc[list(arch_ids)].to_numpy(np.float64)


def read_labels(
    path: Path | str, images: str, column: str, arch_ids: Sequence[str]
) -> dict[str, float]:
    """Return the label of each architecture in [0, 1]: the mean over its seeds.

    Args:
        path: a labels file.
        images: image set of the labels.
        column: ``val_acc``, ``test_acc``, or ``test_score``, which is ``exp(-test_loss)``: the
            geometric mean probability of the right class.
        arch_ids: the architectures wanted.

    Raises:
        ValueError: an architecture has no label.
    """
    frame = read_parquet(path, filters=[("images", "==", images)])
    means = seed_means(frame).set_index("arch_id")
    missing = [arch_id for arch_id in arch_ids if arch_id not in means.index]
    if missing:
        raise ValueError(
            f"{path} has no label on {images} for {len(missing)} of {len(arch_ids)} networks, for "
            f"example {missing[0]}"
        )
    values = np.exp(-means["test_loss"]) if column == "test_score" else means[column]
    return {arch_id: float(values[arch_id]) for arch_id in arch_ids}


def trace_of(path: Path | str) -> str:
    """Return the ``<space>-<images>-<protocol>`` folder of a trace file."""
    parts = Path(path).parts
    return parts[parts.index("traces") + 1]
