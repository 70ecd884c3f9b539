"""What SNAP-R knows of architectures: structure, and size as a place within the space's range.

``size:relative`` is the logarithm of the parameters on input-output paths, 0 for the smallest
network of the space and 1 for the largest; ``size:params`` and ``size:macs`` are the same for all
parameters and MACs, dead ones included. None of them depends on which networks are ranked.
``size:population`` does: it is the rank of ``size:relative`` among the networks that are ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.graphs.encodings.nasbench101_specs import nasbench101_graphs
from nascast.graphs.encodings.structure import COLUMNS, structure_features, structure_of
from nascast.io.parquet import read_parquet
from nascast.predictors.snap_r.scales import uniform_ranks
from nascast.spaces.base import Architecture, SearchSpace
from nascast.spaces.extremes import extremes
from nascast.spaces.shortcuts import size_features

SIZES = ("size:relative", "size:params", "size:macs", "size:population")
ALL_COLUMNS = (*COLUMNS, *SIZES)
"""Names of the features, in the order of :attr:`Cells.features`."""

Floats = NDArray[np.float64]
_POPULATION = ALL_COLUMNS.index("size:population")
_RELATIVE = ALL_COLUMNS.index("size:relative")


@dataclass(frozen=True, slots=True)
class Cells:
    """Architectures of one space.

    Attributes:
        features: ``(n, len(ALL_COLUMNS))``.
        specs: their specs, ``(n,)``.
        shortcuts: the size features of :mod:`nascast.spaces.shortcuts`, one row each; None for
            training cells, which nobody ranks by them.
    """

    features: NDArray[np.float32]
    specs: pd.Index
    shortcuts: pd.DataFrame | None = None

    def among(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the features of some, whose population they are."""
        features = self.features[rows]
        features[:, _POPULATION] = uniform_ranks(features[:, _RELATIVE].astype(np.float64))
        return features


def training_cells(labels: Path | str, cells: Path | str) -> tuple[Cells, Floats]:
    """Return all cells of NAS-Bench-101 and their test accuracies, ``(n,)``.

    Args:
        labels: the labels file of the space.
        cells: every cell with parameters and MACs of its published network.
    """
    frame = read_parquet(labels, columns=["canonical_id", "spec", "test_acc"])
    counted = read_parquet(cells).set_index("canonical_id").loc[frame["canonical_id"]]
    params, macs = (np.log(counted[name].to_numpy(np.float64)) for name in ("params", "macs"))
    sizes = [(values - values.min()) / np.ptp(values) for values in (params, params, macs)]
    specs = frame["spec"].astype(str).tolist()
    structure = structure_features(nasbench101_graphs(specs))
    found = Cells(_joined(structure, sizes), pd.Index(specs))
    return found, frame["test_acc"].to_numpy(np.float64)


def target_cells(space: SearchSpace, archs: Sequence[Architecture]) -> Cells:
    """Return architectures of any space whose operations are declared.

    Raises:
        EncodingError: an operation has no declared properties.
    """
    structure = structure_of([space.cell_graph(arch) for arch in archs])
    settings = (space.published, space.published_image_size, 10)
    found = size_features(space, archs, *settings)
    ends = size_features(space, extremes(space), *settings)
    pairs = {"effective_params": "effective_params", "params": "params", "macs": "macs"}
    sizes = [
        _place(found[name].to_numpy(), *ends[bound].to_numpy()) for name, bound in pairs.items()
    ]
    return Cells(_joined(structure, sizes), pd.Index([arch.spec for arch in archs]), found)


def _place(values: NDArray[np.int64], low: int, high: int) -> Floats:
    """Return where values lie between two bounds on a logarithmic scale, 0 to 1."""
    if high <= low:
        return np.zeros(len(values))
    place: Floats = np.log(np.maximum(values, 1) / low) / np.log(high / low)
    return place.clip(0, 1)


def _joined(structure: NDArray[np.float32], sizes: Sequence[Floats]) -> NDArray[np.float32]:
    """Return structure and sizes side by side, the population left to :meth:`Cells.among`."""
    return np.column_stack([structure, *sizes, np.zeros(len(structure))]).astype(np.float32)


def stratified(sizes: Floats, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return about ``count`` rows, ascending: the same share of every size, at least one.

    Args:
        sizes: of every row, whole numbers.
        count: how many rows, at most as many as there are.
        rng: draws them.
    """
    share = count / len(sizes)
    rows = []
    for size in np.unique(sizes):
        found = np.flatnonzero(sizes == size)
        rows.append(rng.permutation(found)[: max(1, round(share * len(found)))])
    return np.sort(np.concatenate(rows))
