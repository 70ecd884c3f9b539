"""Which reader turns which official file into rows of labels, scores or graphs."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
import pyarrow as pa

from nascast.errors import NascastError
from nascast.graphs.computation import ComputationGraph
from nascast.graphs.tables import GRAPHS_SCHEMA, graph_tables
from nascast.io.inert_values import AlsoInert
from nascast.io.json_stream import stream_entries
from nascast.io.members import decompress_bz2, read_members
from nascast.io.streamed_pickle import load_streamed, stream_pickle
from nascast.io.tfrecord import read_records
from nascast.io.torch_archive import load_torch
from nascast.labels.official import gennape, nasbench101, nasbench301, nats, suite_zero, transnas
from nascast.labels.official.nasbench201 import Cells
from nascast.labels.schema import LABELS, to_table
from nascast.stages.schemas import PROXIES_SCHEMA

_GENNAPE_CODE = "model_src"
# Families in GENNAPE's archive and the file that each stands in.
_GENNAPE_FILES = {
    **{name: f"gpi_{name}_comp_graph_cache.pkl"
       for name in ("nb101", "nb201c10", "nb201c100", "nb201imgnet", "nb301", "ofa_resnet")},
    "ofa_pn": "gpi_ofa_comp_graph_cache.pkl",
    "ofa_mbv3": "gpi_ofa_comp_graph_cache.pkl",
    "hiaml": "gpi_test_hiaml_cifar10_labelled_cg_data.json",
    "two_path": "gpi_test_two_path_cifar10_labelled_cg_data.json",
    "inception": "inception_cifar10_labelled_cg_data.json",
}  # fmt: skip
_SUITE_ZERO_SPACES = {
    "suite_zero_nasbench101": "nasbench101",
    "suite_zero_nasbench201": "nasbench201",
    "suite_zero_nasbench301": "darts",
    "suite_zero_transbench101_micro": "transnas_micro",
    "suite_zero_transbench101_macro": "transnas_macro",
}


@dataclass(frozen=True)
class Request:
    """What to read.

    Attributes:
        path: the fetched file.
        cells: every cell of NAS-Bench-101, for its tfrecords.
        complete: whether a file must have all architectures of its space.
    """

    path: Path
    cells: pd.DataFrame | None = None
    complete: bool = True


Frames = Iterator[pd.DataFrame]


def read_official(source: str, request: Request) -> tuple[pa.Schema, Iterator[pa.Table]]:
    """Return the schema and the rows of an official file, a part at a time.

    Args:
        source: name in the catalogue.
        request: the file.

    Raises:
        NascastError: the source has no reader; while iterating, whatever is wrong with the file.
    """
    if source in _SUITE_ZERO_SPACES:
        space = _SUITE_ZERO_SPACES[source]
        path = request.path
        frames = suite_zero.read_suite_zero(stream_entries(path), path.name, space)
        return PROXIES_SCHEMA, _tables(frames, PROXIES_SCHEMA)
    if source not in LABEL_READERS:
        known = ", ".join((*LABEL_READERS, *_SUITE_ZERO_SPACES))
        raise NascastError(f"no reader for the official file {source}; there are {known}")
    return LABELS, map(to_table, LABEL_READERS[source](request))


def read_official_graphs(path: Path) -> tuple[pa.Schema, Iterator[pa.Table]]:
    """Return the schema and rows of the computation graphs in GENNAPE's archive, each once.

    Raises:
        NascastError: while iterating, whatever is wrong with the file.
    """

    def graphs() -> Iterator[tuple[str, ComputationGraph]]:
        seen: set[str] = set()
        for _, _, networks in _gennape_families(path):
            for network in networks:
                if network.arch.arch_id not in seen:
                    seen.add(network.arch.arch_id)
                    arrays = {f.name: getattr(network.graph, f.name) for f in fields(network.graph)}
                    yield network.arch.arch_id, ComputationGraph(**arrays)

    return GRAPHS_SCHEMA, graph_tables(graphs())


def _tables(frames: Iterable[pd.DataFrame], schema: pa.Schema) -> Iterator[pa.Table]:
    for frame in frames:
        yield pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)


def _nasbench101(request: Request) -> Frames:
    records = read_records(request.path)
    yield from nasbench101.read_records(
        records, request.path.name, request.cells, complete=request.complete
    )


def _nats(request: Request) -> Frames:
    members = (
        (name, stream_pickle(io.BytesIO(decompress_bz2(name, data)), name))
        for name, data in read_members(request.path, nats.is_member)
    )
    yield from nats.read_nats(members, request.path.name, complete=request.complete)


def _nasbench201(request: Request) -> Frames:
    cells = Cells(request.path.name)
    content = load_torch(request.path, shrink=cells.shrink)
    yield from cells.frames(content, request.complete)


def _nasbench301(request: Request) -> Frames:
    members = read_members(request.path, nasbench301.is_member)
    yield from nasbench301.read_nasbench301(members, request.path.name)


def _surrogates(request: Request) -> Frames:
    nasbench301.refuse_surrogates(request.path.name)


def _transnas(request: Request) -> Frames:
    content = load_torch(request.path, shrink=transnas.shrink)
    for space in ("transnas_micro", "transnas_macro"):
        yield from transnas.read_transnas(content, request.path.name, space, request.complete)


def _gennape(request: Request) -> Frames:
    for family, file, networks in _gennape_families(request.path):
        yield from gennape.label_frames(networks, file, family)


def _gennape_families(path: Path) -> Iterator[tuple[str, str, list[gennape.Network]]]:
    """Yield family, file and networks of each family whose file the archive has."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            names = {name.rpartition("/")[2]: name for name in archive.namelist()}
            for family, file in _GENNAPE_FILES.items():
                if file in names:
                    member = Path(archive.extract(names[file], folder))
                    yield family, file, _gennape_networks(member, family)
                    member.unlink()
    except (zipfile.BadZipFile, RuntimeError) as error:
        raise NascastError(f"{path} is no whole zip archive ({error}); fetch it again") from error


def _gennape_networks(path: Path, family: str) -> list[gennape.Network]:
    if path.suffix == ".json":
        return list(gennape.read_family(stream_entries(path), path.name, family))
    cache = gennape.Cache(path.name, family)
    load_streamed(path, AlsoInert(_GENNAPE_CODE), cache.shrink)
    return cache.networks


LABEL_READERS: Mapping[str, Callable[[Request], Frames]] = {
    "nasbench101_only108": _nasbench101,
    "nasbench101_full": _nasbench101,
    "nats_tss_simple": _nats,
    "nasbench201_v1_1": _nasbench201,
    "nasbench301_logs": _nasbench301,
    "nasbench301_models": _surrogates,
    "transnas_bench101": _transnas,
    "gennape_cg_data": _gennape,
}
"""Readers of labels by the source's name in the catalogue."""
