"""Traces as Arrow tables and back: ragged lists on disk, dense arrays in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nascast.traces.collector import RecordedTensor
from nascast.traces.protocol import NetworkTrace
from nascast.traces.statistics import STATISTICS, WIDTH, statistic_length

TENSORS = ("weight", "gradient")
_NAME = pa.dictionary(pa.int32(), pa.string())

STATISTICS_SCHEMA = pa.schema(
    [
        pa.field("arch_id", _NAME, nullable=False),
        pa.field("step", pa.int32(), nullable=False),
        pa.field("layer", pa.int16(), nullable=False),
        pa.field("name", _NAME, nullable=False),
        pa.field("kind", _NAME, nullable=False),
        pa.field("shape", pa.list_(pa.int32()), nullable=False),
        pa.field("tensor", _NAME, nullable=False),
        *(pa.field(name, pa.list_(pa.float32()), nullable=False) for name in STATISTICS),
    ]
)

STEPS_SCHEMA = pa.schema(
    [
        pa.field("arch_id", _NAME, nullable=False),
        pa.field("step", pa.int32(), nullable=False),
        pa.field("train_loss", pa.float32()),
        pa.field("train_acc", pa.float32()),
        pa.field("val_loss", pa.float32()),
        pa.field("val_acc", pa.float32()),
        pa.field("seconds", pa.float64(), nullable=False),
        pa.field("status", _NAME, nullable=False),
    ]
)


def statistics_table(traces: Mapping[str, NetworkTrace]) -> pa.Table:
    """Return one row an (arch_id, step, layer, tensor), in that order of nesting."""
    parts = [_network_table(arch_id, trace) for arch_id, trace in traces.items()]
    return pa.concat_tables(parts).unify_dictionaries().cast(STATISTICS_SCHEMA)


def steps_table(traces: Mapping[str, NetworkTrace]) -> pa.Table:
    """Return one row an (arch_id, step) with losses, accuracies, seconds and the status."""
    parts = []
    for arch_id, trace in traces.items():
        count = len(trace.train_loss)
        columns: dict[str, pa.Array] = {
            "arch_id": _constant(arch_id, count),
            "step": pa.array(np.arange(1, count + 1, dtype=np.int32)),
            "status": _constant(trace.status, count),
            "seconds": pa.array(trace.seconds),
        }
        for name in ("train_loss", "train_acc", "val_loss", "val_acc"):
            values = getattr(trace, name)
            columns[name] = pa.array(values, mask=~np.isfinite(values))
        parts.append(pa.table([columns[name] for name in STEPS_SCHEMA.names], STEPS_SCHEMA.names))
    return pa.concat_tables(parts).unify_dictionaries().cast(STEPS_SCHEMA)


def _network_table(arch_id: str, trace: NetworkTrace) -> pa.Table:
    steps, tensors = len(trace.snapshot_steps), trace.tensors
    # Rows nest step, layer, tensor, while the array nests step, tensor, layer.
    values = trace.statistics.transpose(0, 2, 1, 3, 4).reshape(-1, len(STATISTICS), WIDTH)
    rows = len(values)
    layer_of_row = np.tile(np.repeat(np.arange(len(tensors)), 2), steps)
    columns: list[pa.Array] = [
        _constant(arch_id, rows),
        pa.array(np.repeat(trace.snapshot_steps, 2 * len(tensors))),
        pa.array(layer_of_row.astype(np.int16)),
        _dictionary([tensor.name for tensor in tensors], layer_of_row),
        _dictionary([tensor.kind for tensor in tensors], layer_of_row),
        pa.array([tensor.shape for tensor in tensors], pa.list_(pa.int32())).take(
            pa.array(layer_of_row)
        ),
        _dictionary(TENSORS, np.tile(np.arange(2), steps * len(tensors))),
    ]
    for position, statistic in enumerate(STATISTICS):
        lengths = np.array([statistic_length(statistic, tensor.shape) for tensor in tensors])
        columns.append(_ragged(values[:, position], lengths[layer_of_row]))
    return pa.table(columns, STATISTICS_SCHEMA.names)


def _ragged(values: NDArray[np.float32], lengths: NDArray[np.int64]) -> pa.Array:
    """Return the first ``lengths[i]`` numbers of each row ``values[i]`` as a list array."""
    kept = np.arange(values.shape[1]) < lengths[:, None]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values[kept]))


def _constant(value: str, count: int) -> pa.Array:
    return _dictionary([value], np.zeros(count, dtype=np.int64))


def _dictionary(names: Sequence[str], index: NDArray[np.int64]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(index.astype(np.int32)), pa.array(list(names), pa.string())
    )


@dataclass(frozen=True)
class TraceArrays:
    """The statistics of many networks in one array, padded to the deepest network's layers.

    Attributes:
        arch_ids: the networks, in the order of the first axis.
        steps: int, ``(snapshots,)``.
        values: float32, ``(networks, snapshots, 2, layers, 12, 100)``; zero behind a network's
            last layer, or behind ``layers`` where a cut was asked for.
        layers: int, ``(networks,)``: how many layers each network really has.
    """

    arch_ids: tuple[str, ...]
    steps: NDArray[np.int32]
    values: NDArray[np.float32]
    layers: NDArray[np.int64]


def convolutions(table: pa.Table) -> pa.Table:
    """Return the rows of convolutions, their layers numbered anew from zero in each network.

    It is the part of a trace that means the same for every number of classes: the classifier's
    sums and norms grow with its rows.
    """
    kept = table.filter(pc.equal(table["kind"].cast(pa.string()), "conv"))
    network = kept["arch_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    layer = kept["layer"].to_numpy().astype(np.int64)
    stride = int(layer.max(initial=0)) + 1
    pairs = network.astype(np.int64) * stride + layer
    distinct, position = np.unique(pairs, return_inverse=True)
    first = np.searchsorted(distinct, network.astype(np.int64) * stride)
    renumbered = pa.array((position - first).astype(np.int16))
    return kept.set_column(kept.schema.get_field_index("layer"), table.field("layer"), renumbered)


def read_layers(table: pa.Table) -> dict[str, tuple[RecordedTensor, ...]]:
    """Return every network's recorded parameters in module order."""
    columns = ["arch_id", "layer", "name", "kind", "shape"]
    weights = table.filter(pc.equal(table["tensor"].cast(pa.string()), "weight"))
    found: dict[str, set[RecordedTensor]] = {}
    for row in weights.select(columns).to_pylist():
        found.setdefault(row["arch_id"], set()).add(
            RecordedTensor(row["layer"], row["name"], row["kind"], tuple(row["shape"]))
        )
    return {
        arch_id: tuple(sorted(tensors, key=lambda tensor: tensor.layer))
        for arch_id, tensors in found.items()
    }


def dense_arrays(
    table: pa.Table, arch_ids: Sequence[str], layer_cut: int | None = None
) -> TraceArrays:
    """Return a table of trace statistics as one dense array.

    Args:
        table: rows of :data:`STATISTICS_SCHEMA`, in any order; rows of other networks are ignored.
        arch_ids: the networks wanted, in the order wanted.
        layer_cut: keep only so many layers (NAP2's code cuts at 65); all of them if None.

    Raises:
        ValueError: a network has no trace, or not the same snapshots as the others.
    """
    names = np.asarray(table["arch_id"].cast(pa.string()).to_numpy(zero_copy_only=False))
    position = {arch_id: i for i, arch_id in enumerate(arch_ids)}
    network = np.array([position.get(name, -1) for name in names])
    step, layer = table["step"].to_numpy(), table["layer"].to_numpy().astype(np.int64)
    tensor = pc.index_in(table["tensor"].cast(pa.string()), value_set=pa.array(TENSORS)).to_numpy()
    depth = np.zeros(len(arch_ids), dtype=np.int64)
    wanted = network >= 0
    np.maximum.at(depth, network[wanted], layer[wanted] + 1)
    if len(depth) == 0 or depth.min() == 0:
        missing = [a for a, layers in zip(arch_ids, depth, strict=True) if layers == 0]
        raise ValueError(f"no trace of {len(missing)} networks, for example {missing[:3]}")
    steps = np.unique(step[wanted])
    limit = int(depth.max()) if layer_cut is None else min(layer_cut, int(depth.max()))
    kept = np.flatnonzero(wanted & (layer < limit))
    expected = 2 * len(steps) * int(np.minimum(depth, limit).sum())
    values = np.zeros(
        (len(arch_ids), len(steps), 2, limit, len(STATISTICS), WIDTH), dtype=np.float32
    )
    flat = values.reshape(-1, len(STATISTICS), WIDTH)
    shape = values.shape[:4]
    target = np.ravel_multi_index(
        (network[kept], np.searchsorted(steps, step[kept]), tensor[kept], layer[kept]), shape
    )
    if len(kept) != expected or len(np.unique(target)) != expected:
        raise ValueError(
            "the networks were not recorded at the same mini-batches, or rows are missing or twice"
        )
    rows = pa.array(kept)
    for index, statistic in enumerate(STATISTICS):
        lists = table[statistic].combine_chunks().take(rows)
        lengths = np.diff(lists.offsets.to_numpy())
        # One masked assignment for all lists, then whole rows: no index a number is ever built.
        padded = np.zeros((len(kept), WIDTH), dtype=np.float32)
        padded[np.arange(WIDTH) < lengths[:, None]] = lists.flatten().to_numpy()
        flat[target, index] = padded
    return TraceArrays(tuple(arch_ids), steps.astype(np.int32), values, depth)
