from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.nasbench201 import EDGES, NASBench201
from nascast.spaces.shortcuts import COLUMNS, size_features

SPACE = NASBench201()


def cell(**operations: str) -> Architecture:
    return SPACE.from_genotype(tuple(operations.get(f"e{s}{t}", "none") for s, t in EDGES))


def features(*archs: Architecture) -> pd.DataFrame:
    return size_features(SPACE, archs, NetworkScale(16, 5), image_size=32, num_classes=10)


def test_one_row_an_architecture_in_order() -> None:
    rng = np.random.default_rng(0)
    archs = [SPACE.sample(rng) for _ in range(20)]
    frame = features(*archs)
    assert tuple(frame.columns) == COLUMNS
    assert list(frame.index) == [arch.arch_id for arch in archs]
    assert frame.index.name == "arch_id"
    for arch in archs:
        size = SPACE.count(arch, NetworkScale(16, 5), 32, 10)
        assert tuple(frame.loc[arch.arch_id, ["params", "macs"]]) == (size.params, size.macs)


def test_values_by_hand() -> None:
    whole = cell(**{f"e{s}{t}": "nor_conv_3x3" for s, t in EDGES})
    # Paths 0-3, 0-1-3, 0-2-3, 0-1-2-3 have 1, 2, 2 and 3 convolutions.
    skipping = cell(e03="skip_connect", e01="nor_conv_1x1", e13="avg_pool_3x3")
    dangling = cell(e03="skip_connect", e01="nor_conv_3x3")
    empty = cell(e01="nor_conv_3x3")
    frame = features(whole, skipping, dangling, empty)
    assert list(frame.conv_count) == [6, 1, 1, 1]
    assert list(frame.mean_path_convs) == [2.0, 0.5, 0.0, 0.0]
    assert frame.effective_params.iloc[0] == frame.params.iloc[0] == 1_531_546
    bare = SPACE.count(cell(), NetworkScale(16, 5), 32, 10).params
    assert list(frame.effective_params.iloc[2:]) == [bare, bare]
    assert frame.params.iloc[2] == frame.params.iloc[3] > bare


def test_no_architecture_gives_an_empty_frame_of_the_same_form() -> None:
    frame, filled = features(), features(cell())
    assert len(frame) == 0
    assert list(frame.dtypes) == list(filled.dtypes)


def test_duplicates_stay_rows() -> None:
    assert len(features(cell(), cell())) == 2


def test_the_whole_space_keeps_its_bounds() -> None:
    frame = size_features(SPACE, list(SPACE.enumerate()), NetworkScale(8, 1, 2), 16, 10)
    assert len(frame) == 15_625
    assert (frame.effective_params <= frame.params).all()
    assert frame.mean_path_convs.between(0, 3).all()
    # Without convolution on a path nothing but the shared skeleton is effective.
    assert frame.loc[frame.mean_path_convs == 0, "effective_params"].nunique() == 1


def test_an_architecture_of_another_space_is_refused() -> None:
    with pytest.raises(ValueError, match="belongs to space 'darts'"):
        features(Architecture("darts", "", ""))


def test_importing_spaces_does_not_import_torch() -> None:
    code = (
        "import sys, nascast.spaces.shortcuts; from nascast.spaces import registry; "
        "[registry.create(name) for name in registry.names()]; "
        "sys.exit('torch' in sys.modules)"
    )
    path = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": path})
