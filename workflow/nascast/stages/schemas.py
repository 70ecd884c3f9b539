"""Schemas of the files between stages that belong to no single room."""

from __future__ import annotations

import pyarrow as pa

VECTORS_SCHEMA = pa.schema(
    [
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("step", pa.int32(), nullable=False),
        pa.field("values", pa.list_(pa.float32()), nullable=False),
    ]
)
"""One vector an (architecture, snapshot): averaged statistics or auto-encoder codes."""

CODES_SCHEMA = VECTORS_SCHEMA.insert(0, pa.field("trace", pa.string(), nullable=False))
"""Codes of several traces; ``trace`` is ``<space>-<images>-<protocol>``."""

SIZES_SCHEMA = pa.schema(
    [
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("canonical_id", pa.string(), nullable=False),
        pa.field("spec", pa.string(), nullable=False),
        pa.field("params", pa.int64(), nullable=False),
        pa.field("macs", pa.int64(), nullable=False),
        pa.field("effective_params", pa.int64(), nullable=False),
        pa.field("conv_count", pa.int64(), nullable=False),
        pa.field("mean_path_convs", pa.float64(), nullable=False),
    ]
)
"""One row an architecture: counts at the size of the traced networks."""

OPERATORS_SCHEMA = pa.schema(
    [
        pa.field("operation", pa.string(), nullable=False),
        pa.field("sentence", pa.string(), nullable=False),
        pa.field("vector", pa.list_(pa.float32()), nullable=False),
    ]
)
"""One row an operation of any space: the sentence that describes it, and its vector."""

CELLS_SCHEMA = pa.schema(
    [
        pa.field("canonical_id", pa.string(), nullable=False),
        pa.field("spec", pa.string(), nullable=False),
        pa.field("params", pa.int64(), nullable=False),
        pa.field("macs", pa.int64(), nullable=False),
    ]
)
"""One row a cell of an enumerated space; counts of the published network."""

PREDICTIONS_SCHEMA = pa.schema(
    [
        pa.field("predictor", pa.string(), nullable=False),
        pa.field("task", pa.string(), nullable=False),
        pa.field("train_size", pa.int32(), nullable=False),
        pa.field("budget", pa.int32(), nullable=False),
        pa.field("context", pa.string(), nullable=False),
        pa.field("settings", pa.string(), nullable=False),
        pa.field("fold", pa.int32(), nullable=False),
        pa.field("seed", pa.int32(), nullable=False),
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("prediction", pa.float64(), nullable=False),
        pa.field("label", pa.float64(), nullable=False),
        pa.field("fit_seconds", pa.float64(), nullable=False),
        pa.field("train_network_seconds", pa.float64()),
        pa.field("predict_seconds", pa.float64(), nullable=False),
        pa.field("query_seconds", pa.float64()),
    ]
)
"""One row a (predictor, task, train_size, budget, context, fold, seed, arch_id)."""

PROXIES_SCHEMA = pa.schema(
    [
        pa.field("task", pa.string(), nullable=False),
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("spec", pa.string(), nullable=False),
        pa.field("seed", pa.int32(), nullable=False),
        pa.field("proxy", pa.string(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("seconds", pa.float64(), nullable=False),
        pa.field("together_seconds", pa.float64(), nullable=False),
    ]
)
"""One row a (task, architecture, seed, proxy). A NaN is null; ``together_seconds`` is the time of
all proxies of one network, which share their passes."""

SUPERNET_SCHEMA = pa.schema(
    [
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("spec", pa.string(), nullable=False),
        pa.field("seed", pa.int32(), nullable=False),
        pa.field("one_shot", pa.float64()),
        pa.field("rs_ws", pa.float64()),
        pa.field("seconds", pa.float64(), nullable=False),
        pa.field("train_seconds", pa.float64(), nullable=False),
    ]
)
"""One row an architecture that inherits the weights of both supernets of one seed. Accuracies are
null where logits are not finite; ``train_seconds`` is the time of both trainings, in every row."""

SEARCHES_SCHEMA = pa.schema(
    [
        pa.field("search", pa.string(), nullable=False),
        pa.field("task", pa.string(), nullable=False),
        pa.field("algorithm", pa.string(), nullable=False),
        pa.field("predictor", pa.string(), nullable=False),
        pa.field("seed", pa.int32(), nullable=False),
        pa.field("query", pa.int32(), nullable=False),
        pa.field("arch_id", pa.string(), nullable=False),
        pa.field("label", pa.float64(), nullable=False),
        pa.field("best_so_far", pa.float64(), nullable=False),
        pa.field("seconds", pa.float64(), nullable=False),
    ]
)
"""One row a (search, task, algorithm, predictor, seed, query). ``predictor`` is "" without one,
``query`` counts trainings from 1, ``seconds`` of computing since the search began without them."""
