"""Puts together what the predictors of a grid see of the networks that take part."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.evaluation.observations import NEVER, FeatureTable
from nascast.graphs.encodings import registry as encodings
from nascast.graphs.encodings import tokens
from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.layout import layout_of
from nascast.spaces.base import Architecture, SearchSpace

Floats = NDArray[np.float32]
_CURVES = ("step_losses", "val_loss", "val_acc")


def structure(
    space: SearchSpace, archs: Sequence[Architecture], needs: Collection[str]
) -> dict[str, Any]:
    """Return those encodings that are needed, as :data:`nascast.predictors.base.FEATURES` says."""
    makers: dict[str, Callable[[SearchSpace, Sequence[Architecture]], dict[str, Any]]] = {
        "adjacency": lambda s, a: {"adjacency": _flat(s, a, "adjacency")},
        "path": lambda s, a: {"path": _paths(s, a)},
        "graf": lambda s, a: {"graf": _flat(s, a, "graf")},
        "nodes": _graphs,
        "edges": _graphs,
        "tokens": lambda s, a: {"tokens": _tokens(s, a)},
    }
    arrays: dict[str, Any] = {}
    for name in needs:
        if name in makers and name not in arrays:
            arrays |= makers[name](space, archs)
    return {name: values for name, values in arrays.items() if name in needs}


def _flat(space: SearchSpace, archs: Sequence[Architecture], name: str) -> Floats:
    return encodings.encode(space, archs, name)["features"].astype(np.float32)


def _paths(space: SearchSpace, archs: Sequence[Architecture]) -> Floats:
    """Return the path encoding, truncated where the whole one has too many columns."""
    try:
        return _flat(space, archs, "path")
    except EncodingError:
        return _flat(space, archs, "path_truncated")


def _graphs(space: SearchSpace, archs: Sequence[Architecture]) -> dict[str, Any]:
    arrays = encodings.encode(space, archs, "op_graph")
    kinds = len(layout_of(space).operations) + 2  # input and output beside the operations
    nodes = np.eye(kinds, dtype=np.float32)[arrays["operations"]]
    return {"nodes": nodes * arrays["mask"][:, :, None], "edges": arrays["adjacency"].astype(bool)}


def _tokens(space: SearchSpace, archs: Sequence[Architecture]) -> Floats:
    kinds = tokens.vocabulary_size(layout_of(space))
    one_hot: Floats = np.eye(kinds, dtype=np.float32)[
        encodings.encode(space, archs, "tokens")["tokens"]
    ]
    return one_hot


def curves_of_labels(labels: pd.DataFrame, arch_ids: Sequence[str]) -> dict[str, Floats]:
    """Return the learning curves of the first training of each network, ``(n, epochs)``.

    A label is the mean over several trainings; a predictor that looks at partial training sees but
    one. Curves that the source does not give are left out.

    Args:
        labels: rows of the labels contract, one image set.
        arch_ids: networks, each with a row.
    """
    first = labels.sort_values("seed").drop_duplicates("arch_id").set_index("arch_id")
    first = first.loc[list(arch_ids)]
    columns = {
        "step_losses": "train_loss_curve", "val_loss": "val_loss_curve", "val_acc": "val_acc_curve"
    }  # fmt: skip
    return {
        name: np.stack(first[column].to_list()).astype(np.float32)
        for name, column in columns.items()
        if first[column].notna().all()
    }


def proxy_frame(measured: pd.DataFrame, arch_ids: Sequence[str]) -> pd.DataFrame:
    """Return the scores at the first initialisation, one row a network and one column a proxy.

    A score that overflowed or could not be had is NaN.
    """
    first = measured[measured["seed"] == measured["seed"].min()]
    wide: pd.DataFrame = first.pivot(index="arch_id", columns="proxy", values="value")
    wide = wide.astype(np.float64)
    return wide.loc[list(arch_ids)].replace([np.inf, -np.inf], np.nan)


def supernet_frame(scores: pd.DataFrame, arch_ids: Sequence[str]) -> pd.DataFrame:
    """Return the accuracies with inherited weights of the first supernet, one row a network."""
    first = scores[scores["seed"] == scores["seed"].min()].set_index("arch_id")
    inherited: pd.DataFrame = first[["one_shot", "rs_ws"]].astype(np.float64)
    return inherited.loc[list(arch_ids)]


def taking_part(*known: Collection[str]) -> list[str]:
    """Return, sorted, the networks of which everything is known.

    Raises:
        ValueError: there is none.
    """
    common = set(known[0]).intersection(*map(set, known[1:]))
    if not common:
        raise ValueError(
            "no network has everything that the grid names; sizes of its parts: "
            f"{[len(part) for part in known]}"
        )
    return sorted(common)


def settings_called(settings: str, changes: Mapping[str, float]) -> str:
    """Return the name of a predictor's settings in the tables: those of the grid, and changes."""
    told = ", ".join(f"{name} {value:g}" for name, value in sorted(changes.items()))
    return f"{settings} ({told})" if told else settings


def feature_table(
    arch_ids: Sequence[str],
    arrays: Mapping[str, Any],
    seconds: NDArray[np.float64] | None = None,
    evaluated: Sequence[int] | None = None,
) -> FeatureTable:
    """Return features of networks whose curves have one point an epoch.

    Args:
        arch_ids: the networks, first axis of every array.
        arrays: features by name.
        seconds: what each network's training took up to every epoch; NaN if that is not known.
        evaluated: epochs of the points of validation curves, if these are not all there are.
    """
    curves = [values.shape[1] for name, values in arrays.items() if name in _CURVES]
    epochs = max(curves, default=0) if evaluated is None else max(evaluated)
    cost = np.full((len(arch_ids), epochs), np.nan) if seconds is None else seconds
    losses = arrays.get("step_losses", np.zeros((len(arch_ids), 0)))
    lost = ~np.isfinite(losses)
    failed = np.where(lost.any(axis=1), lost.argmax(axis=1) + 1, NEVER) if lost.size else NEVER
    return FeatureTable(
        arch_ids=tuple(arch_ids),
        arrays=arrays,
        snapshot_steps=np.array([], dtype=np.int32),
        evaluation_steps=np.array(evaluated or range(1, epochs + 1), dtype=np.int32),
        failed_after=np.broadcast_to(failed, (len(arch_ids),)).astype(np.int32),
        seconds=cost,
    )
