"""The table whose cells are put back: on frames of the published form, and on the real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nascast.io.unpickle import load_pickle
from nascast.labels.nasbench101 import read_nasbench101
from nascast.labels.schema import LabelError, to_table
from nascast.spaces.nasbench101 import NASBench101, write
from nascast.spaces.nasbench101_counts import count_cells
from nascast.spaces.nasbench101_enumeration import CELLS, enumerate_cells, listed

SPACE = NASBench101()


@pytest.fixture(scope="module")
def cells() -> pd.DataFrame:
    """All cells; their numbers stand for the hashes, which take a minute to compute."""
    found = enumerate_cells()
    params, _ = count_cells(found, SPACE.published, SPACE.published_image_size)
    specs = [write(cell) for cell in listed(found)]
    hashes = [f"{number:032x}" for number in range(len(specs))]
    shuffled = np.random.default_rng(0).permutation(len(specs))
    frame = pd.DataFrame({"canonical_id": hashes, "spec": specs, "params": params})
    return frame.iloc[shuffled]


def tables(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    index = np.arange(len(cells))
    params = cells.sort_values("canonical_id")["params"].to_numpy() / 1e6
    accuracies = pd.DataFrame({"index": index, "accuracy": index / len(index)})
    return accuracies, pd.DataFrame({"index": index, "params": params})


def test_rows_get_the_cells_of_their_place(cells: pd.DataFrame) -> None:
    labels = read_nasbench101(*tables(cells), cells)
    assert len(labels) == CELLS
    assert labels["val_acc"].isna().all()
    assert set(labels["epochs"]) == {108}
    ordered = cells.sort_values("canonical_id", ignore_index=True)
    for row in (0, 1000, CELLS - 1):
        assert labels["spec"][row] == ordered["spec"][row]
        assert labels["arch_id"][row] == SPACE.parse(ordered["spec"][row]).arch_id
        assert labels["test_acc"][row] == row / CELLS
    assert to_table(labels).num_rows == CELLS


def test_what_does_not_prove_itself_is_refused(cells: pd.DataFrame) -> None:
    accuracies, params = tables(cells)
    swapped = params.assign(params=params["params"].to_numpy()[::-1])
    with pytest.raises(LabelError, match="other parameters than their networks, the first at"):
        read_nasbench101(accuracies, swapped, cells)
    gap = params.assign(params=params["params"].where(params["index"] != 7))
    with pytest.raises(LabelError, match=r"1 of 423624 cells .* the first at index 7: nan million"):
        read_nasbench101(accuracies, gap, cells)
    with pytest.raises(LabelError, match="index must run from 0 to 423623, found 423623 rows"):
        read_nasbench101(accuracies.iloc[1:], params, cells)
    with pytest.raises(LabelError, match="423623 distinct cells in 423623 rows"):
        read_nasbench101(accuracies, params, cells.iloc[1:])
    with pytest.raises(LabelError, match="must be fractions"):
        read_nasbench101(accuracies.assign(accuracy=accuracies["accuracy"] * 100), params, cells)
    with pytest.raises(LabelError, match=r"columns \['accuracy'\] are missing"):
        read_nasbench101(params, params, cells)


def test_the_real_table_has_the_parameters_of_the_space(cells: pd.DataFrame, mirror: Path) -> None:
    """Without the hashes' order; the workflow's own stage checks every position."""
    published = load_pickle(mirror / "nasbench101_params.pkl.gz")["params"].to_numpy()
    counted = np.sort(cells["params"].to_numpy())
    np.testing.assert_array_equal(np.sort(np.round(published * 1e6).astype(np.int64)), counted)


def test_the_real_table_is_in_the_order_of_the_hashes(cells: pd.DataFrame, mirror: Path) -> None:
    """Cells that alone have their parameters are found without an order, and must stand in it."""
    published = load_pickle(mirror / "nasbench101_params.pkl.gz")["params"].to_numpy()
    rows = pd.Series(np.arange(CELLS), index=np.round(published * 1e6).astype(np.int64))
    alone = cells.drop_duplicates("params", keep=False)
    assert len(alone) == 210
    hashes = [SPACE.parse(spec).canonical_id for spec in alone["spec"]]
    places = rows.loc[alone["params"]].to_numpy()
    assert [hashes[i] for i in np.argsort(places)] == sorted(hashes)


def test_the_best_cell_of_the_real_table(mirror: Path) -> None:
    accuracies = load_pickle(mirror / "nasbench101_accuracies.pkl.gz")["accuracy"].to_numpy()
    params = load_pickle(mirror / "nasbench101_params.pkl.gz")["params"].to_numpy()
    best = int(accuracies.argmax())
    assert accuracies[best] == pytest.approx(0.943176, abs=1e-6)
    assert (params[best], params[0]) == pytest.approx((32.426634, 8.555530), abs=1e-7)
