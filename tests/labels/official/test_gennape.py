"""GENNAPE's caches and family files in the form of the released code."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.labels.official.gennape_files import family, state, write_cache
from tests.labels.official.suite_zero_files import write_json

from nascast.graphs.computation import TYPES, ComputationGraph
from nascast.io.inert_values import AlsoInert
from nascast.io.json_stream import stream_entries
from nascast.io.streamed_pickle import load_streamed
from nascast.io.unpickle import UnsafePickleError
from nascast.labels.official import gennape
from nascast.labels.official.gennape import (
    BATCH_NORM,
    CONV,
    DEPTHWISE,
    FAMILIES,
    LAST,
    MATMUL,
    Cache,
    Network,
    label_frames,
    read_family,
)
from nascast.labels.schema import LabelError, to_table
from nascast.spaces import registry


def of_json(path: Path, name: str = "hiaml") -> list[Network]:
    return list(read_family(stream_entries(path), path.name, name))


def of_cache(path: Path, name: str = "nb101") -> list[Network]:
    cache = Cache(path.name, name)
    load_streamed(path, AlsoInert("model_src"), cache.shrink)
    return cache.networks


def test_the_vocabulary_is_ours() -> None:
    assert [TYPES[i] for i in (CONV, DEPTHWISE, BATCH_NORM, MATMUL)] == [
        "Conv", "Depthwise", "BatchNorm", "MatMul",
    ]  # fmt: skip
    assert len(TYPES) == LAST + 1
    assert {known.space for known in FAMILIES.values()} <= set(registry.names())


def test_graphs_of_a_family_file(tmp_path: Path) -> None:
    networks = of_json(write_json(tmp_path / "a.json", family()))
    assert [network.accuracy for network in networks] == pytest.approx([0.9, 0.91, 0.92])
    first = networks[0].graph
    graph = ComputationGraph(**{f.name: getattr(first, f.name) for f in fields(first)})
    assert graph.type_names == [
        "Input", "Conv", "BatchNorm", "Depthwise", "Add", "Mean", "MatMul", "Output",
    ]  # fmt: skip
    assert graph.edges.tolist() == [[0, 1], [1, 2], [2, 3], [2, 4], [3, 4], [4, 5], [5, 6], [6, 7]]
    assert graph.shapes[1].tolist() == [32, 32, 3, 16, 16, 8]
    assert graph.kernels[[1, 3, 6]].tolist() == [[3, 3], [5, 5], [0, 0]]
    assert graph.bias.tolist() == [False, False, False, True, False, False, True, False]
    # By hand: 3x3 from 3 to 8 channels at 16x16; 5x5 depthwise on 8 with bias; 8 to 10 with bias.
    assert graph.params.tolist() == [0, 216, 16, 208, 0, 0, 90, 0]
    assert graph.flops.tolist() == [0, 2 * 216 * 256, 0, 2 * 200 * 256, 0, 0, 160, 0]
    assert len({network.arch.arch_id for network in networks}) == 3


def test_a_cache_holds_the_same_graphs(tmp_path: Path) -> None:
    path = write_cache(tmp_path / "a.pkl", ["NB101-Net0", "NB101-Net1"], [0.90, 0.91])
    cached = of_cache(path)
    read = of_json(write_json(tmp_path / "a.json", family(2)))
    for one, other in zip(cached, read, strict=True):
        assert one.accuracy == pytest.approx(other.accuracy)
        assert one.arch.spec == other.arch.spec
        for field in fields(one.graph):
            np.testing.assert_array_equal(
                getattr(one.graph, field.name), getattr(other.graph, field.name)
            )
    assert cached[0].arch.space == "nasbench101"


def test_one_file_of_two_families(tmp_path: Path) -> None:
    path = write_cache(tmp_path / "a.pkl", ["OFA-PN-Net0", "OFA-MBV3-Net1"], [0.7, 0.8])
    assert [n.accuracy for n in of_cache(path, "ofa_pn")] == [0.7]
    assert [n.accuracy for n in of_cache(path, "ofa_mbv3")] == [0.8]


def test_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    networks = of_json(write_json(tmp_path / "a.json", family()))
    repeated = [*networks, networks[0]]
    labels = pd.concat(list(label_frames(repeated, "a.json", "hiaml")), ignore_index=True)
    assert to_table(labels).num_rows == 4
    assert list(labels["seed"]) == [0, 0, 0, 1]
    assert set(labels["epochs"]) == {200}
    assert labels["test_acc"].tolist() == pytest.approx([0.9, 0.91, 0.92, 0.9])
    assert labels["val_acc"].isna().all()
    monkeypatch.setattr(gennape, "_ROWS", 3)
    assert [len(frame) for frame in label_frames(repeated, "a.json", "hiaml")] == [3, 1]


def test_malicious_caches_are_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os.system, (f"touch {tmp_path / 'ran'}",)

    path = write_cache(tmp_path / "a.pkl", ["x"], [0.5], evil=Evil())
    with pytest.raises(UnsafePickleError, match=r"asks for (posix|os)\.system"):
        of_cache(path)
    assert not (tmp_path / "ran").exists()


def changed(**changes: Any) -> dict[str, Any]:
    return {"net0": {"cg": state() | changes, "max_perf": 90.0}}


def with_node(**node: Any) -> dict[str, Any]:
    return changed(weighted_nodes=[node], edge_pairs=[])


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ({"net0": {"cg": [1], "max_perf": 90.0}}, "a list is no graph or node"),
        ({"net0": {"cg": state(), "max_perf": 900.0}}, r"900\.0 is not a percentage"),
        ({"net0": {"cg": state()}}, "has no max_perf"),
        ({"net0": {"max_perf": 90.0}}, "has no cg"),
        (changed(regular_nodes=None), "no lists of weighted and regular nodes"),
        (changed(regular_nodes=[], weighted_nodes=[]), "it has 0 nodes"),
        (changed(edge_pairs=[[0, 1], [1, 0]]), "its graph cannot be read"),
        (changed(edge_pairs=[[0, 99]]), "an edge joins '99', of 8 nodes"),
        (changed(edge_pairs=[[0]]), "its graph cannot be read"),
        (changed(edge_pairs=7), "it has no list of edges"),
        ({"net0": {"cg": {"weighted_nodes": [], "regular_nodes": [{}]}, "max_perf": 9}}, "no list"),
        (with_node(op_type_idx=3, resolution=[1] * 6), "expected 4 numbers"),
        (with_node(op_type_idx=3, resolution=[1, 2]), "expected 6 numbers"),
        (with_node(op_type_idx=10**9, resolution=[1] * 6), "has the sizes"),
        (changed(weighted_nodes=[3]), "a int is no graph or node"),
    ],
)
def test_other_files_are_named(tmp_path: Path, content: Any, fault: str) -> None:
    with pytest.raises(LabelError, match=rf"a\.json, net0.*{fault}"):
        of_json(write_json(tmp_path / "a.json", content))


def test_unknown_families_and_empty_files() -> None:
    with pytest.raises(LabelError, match="unknown family nds; there are nb101, "):
        Cache("a.pkl", "nds")
    with pytest.raises(LabelError, match=r"a\.pkl has no network of nb101"):
        list(label_frames([], "a.pkl", "nb101"))
