"""The public table of NAS-Bench-101, whose rows have an index and no cells.

The rows stand in the order of the cells' graph hashes. Putting the cells back is checked three
times: their number, the order of the index, and the parameters of every single cell.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nascast.labels.readers import benchmark_rows
from nascast.labels.schema import LabelError
from nascast.spaces.base import Architecture
from nascast.spaces.nasbench101_enumeration import CELLS

EPOCHS = 108
_FILE = "nasbench101_accuracies.pkl.gz"
_PARAMS_FILE = "nasbench101_params.pkl.gz"


def read_nasbench101(
    accuracies: pd.DataFrame, params: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """Put the cells back into the table: test accuracy after 108 epochs, mean of three runs.

    Args:
        accuracies: the unpickled table, columns ``index`` and ``accuracy`` (a fraction).
        params: the unpickled table of the same cells, columns ``index`` and ``params`` (millions).
        cells: every cell of the space, columns ``canonical_id`` (the graph hash), ``spec`` and
            ``params`` (of the published network), in any order.

    Returns:
        Labels frame, 423,624 rows, seed -1, validation values and curves null.

    Raises:
        LabelError: one of the three checks fails, or an accuracy is no fraction.
    """
    _check_index(accuracies, _FILE)
    _check_index(params, _PARAMS_FILE)
    ordered = cells.sort_values("canonical_id", ignore_index=True)
    if len(ordered) != CELLS or not ordered["canonical_id"].is_unique:
        raise LabelError(
            f"the enumeration has {ordered['canonical_id'].nunique()} distinct cells in "
            f"{len(ordered)} rows, NAS-Bench-101 has {CELLS}; delete the file of cells and make it "
            "again"
        )
    counted = ordered["params"].to_numpy() / 1e6
    published = params["params"].to_numpy(np.float64)
    # Asks for agreement, since a missing value differs from nothing.
    wrong = np.flatnonzero(~(np.abs(counted - published) <= 5e-7))
    if len(wrong):
        first = int(wrong[0])
        raise LabelError(
            f"{_PARAMS_FILE}: {len(wrong)} of {CELLS} cells have other parameters than their "
            f"networks, the first at index {first}: {published[first]} million, counted "
            f"{counted[first]}. The rows are not in the order of the graph hashes, so the cells "
            "cannot be put back"
        )
    test_acc = accuracies["accuracy"].to_numpy(np.float64)
    if not ((test_acc >= 0) & (test_acc <= 1)).all():
        raise LabelError(f"{_FILE}: accuracies must be fractions in [0, 1]")
    return benchmark_rows(_identities(ordered), "cifar10", None, test_acc, EPOCHS, _FILE)


def _check_index(table: pd.DataFrame, file: str) -> None:
    column = "accuracy" if file == _FILE else "params"
    missing = [name for name in ("index", column) if name not in table.columns]
    if missing:
        raise LabelError(f"{file}: columns {missing} are missing; it has {list(table.columns)}")
    if not np.array_equal(table["index"].to_numpy(), np.arange(CELLS)):
        raise LabelError(
            f"{file}: the index must run from 0 to {CELLS - 1}, found {len(table)} rows; fetch the "
            "file from its pinned address again"
        )


def _identities(cells: pd.DataFrame) -> pd.DataFrame:
    archs = [
        Architecture("nasbench101", spec, canonical_id)
        for spec, canonical_id in zip(cells["spec"], cells["canonical_id"], strict=True)
    ]
    return pd.DataFrame(
        {
            "arch_id": [arch.arch_id for arch in archs],
            "canonical_id": cells["canonical_id"],
            "space": "nasbench101",
            "spec": cells["spec"],
        }
    )
