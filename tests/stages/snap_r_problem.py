"""A small training set for SNAP-R: labels that spatial convolutions decide."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nascast.graphs.encodings.nasbench101_specs import nasbench101_graphs
from nascast.graphs.encodings.structure import structure_features
from nascast.snap_r_sections import Candidate, InternalShift, MemberChoice, SnapRSelection
from nascast.spaces.nasbench101 import NASBench101
from nascast.stages.snap_r_features import ALL_COLUMNS, SIZES, Cells, Floats


def training(count: int = 300) -> tuple[Cells, Floats]:
    """Return random cells of NAS-Bench-101 without sizes, and made labels."""
    rng = np.random.default_rng(0)
    space = NASBench101()
    specs = sorted({space.sample(rng).spec for _ in range(count)})
    structure = structure_features(nasbench101_graphs(specs))
    features = np.column_stack([structure, np.zeros((len(specs), len(SIZES)))]).astype(np.float32)
    spatial = features[:, ALL_COLUMNS.index("walk:spatial")].astype(np.float64)
    return Cells(features, pd.Index(specs)), spatial + 0.1 * rng.standard_normal(len(specs))


def candidate(kind: str, *reads: str) -> Candidate:
    """Return a recipe of one member on structure alone."""
    member = MemberChoice.model_validate({"kind": kind, "reads": list(reads)})
    return Candidate(members=[member], keep=["count:.*", "walk:.*"])


SELECTION = SnapRSelection(
    candidates={
        "pools": candidate("sum", "walk:pool"),
        "ridge": candidate("ridge"),
        "spatial": candidate("sum", "walk:spatial"),
    },
    shifts={"spatial": InternalShift(column="count:spatial", low=1, high=2)},
    worst=1,
)
