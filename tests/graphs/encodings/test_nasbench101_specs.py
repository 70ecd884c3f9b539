"""Specs read at once against cells read one by one."""

from __future__ import annotations

import numpy as np
import pytest

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.nasbench101_specs import nasbench101_graphs
from nascast.graphs.encodings.property_graphs import property_graphs
from nascast.graphs.encodings.structure import structure_features
from nascast.spaces.nasbench101 import NASBench101

SPACE = NASBench101()


def test_graphs_are_those_of_single_cells() -> None:
    rng = np.random.default_rng(0)
    archs = [SPACE.sample(rng) for _ in range(100)] + [SPACE.parse("|1")]
    at_once = nasbench101_graphs([arch.spec for arch in archs])
    one_by_one = property_graphs([SPACE.cell_graph(arch) for arch in archs])
    np.testing.assert_allclose(structure_features(at_once), structure_features(one_by_one))


def test_no_specs_are_no_rows() -> None:
    assert len(nasbench101_graphs([])) == 0


@pytest.mark.parametrize("spec", ["conv3x3-bn-relu|1", "conv9x9|11.1", "conv3x3-bn-relu"])
def test_what_is_no_spec_is_named(spec: str) -> None:
    with pytest.raises(EncodingError, match=spec.split("|", maxsplit=1)[0]):
        nasbench101_graphs([spec])
