"""Each official source, from a small file of its form to the rows that a stage writes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import torch
from tests.labels.official import gennape_files, nasbench301_files, suite_zero_files
from tests.labels.official.nasbench101_files import framed, training
from tests.labels.official.nats_files import archive_files, benchmark, write_tar
from tests.labels.official.transnas_files import content as transnas
from tests.stages.files import ORIGIN

from nascast.errors import NascastError
from nascast.graphs.tables import read_graphs
from nascast.io.catalogue import load_sources
from nascast.io.parquet import read_table, write_tables
from nascast.labels.schema import LABELS
from nascast.spaces.nasbench101 import NASBench101
from nascast.stages.official import LABEL_READERS, Request, read_official, read_official_graphs
from nascast.stages.schemas import PROXIES_SCHEMA

CATALOGUE = load_sources(Path(__file__).parents[2] / "config" / "sources.yaml")


def tfrecord(path: Path) -> Path:
    spec = "maxpool3x3|10.1"
    arch = NASBench101().parse(spec)
    runs = [training(arch.canonical_id, spec, val_acc=0.5, test_acc=0.25)] * 3
    path.write_bytes(framed(runs))
    return path


def torch_file(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def schedules_of_the_file(path: Path) -> Path:
    """Two cells with the published numbers of epochs."""
    return torch_file(path, benchmark(2, short=12, long=200))


def gennape(path: Path) -> Path:
    folder = path.parent
    cache = gennape_files.write_cache(folder / "cache.pkl", ["OFA-PN-0", "OFA-MBV3-1"], [0.7, 0.8])
    family = suite_zero_files.write_json(folder / "family.json", gennape_files.family())
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(cache, "CG_data/cache/gpi_ofa_comp_graph_cache.pkl")
        archive.write(family, "CG_data/data/inception_cifar10_labelled_cg_data.json")
        archive.writestr("CG_data/data/readme.txt", "nothing")
    return path


def suite(space: str) -> Callable[[Path], Path]:
    return lambda path: suite_zero_files.write_json(path, suite_zero_files.content(space))


FILES: dict[str, tuple[Callable[[Path], Path], int]] = {
    "nasbench101_only108": (tfrecord, 1),
    "nasbench101_full": (tfrecord, 1),
    "nats_tss_simple": (lambda path: write_tar(path, archive_files(), "simple"), 12),
    "nasbench201_v1_1": (schedules_of_the_file, 8),
    "nasbench301_logs": (
        lambda path: nasbench301_files.archive(
            path, {"rs/results_0.json": nasbench301_files.log()}
        ),
        1,
    ),
    "transnas_bench101": (lambda path: torch_file(path, transnas()), 28),
    "gennape_cg_data": (gennape, 5),
    "suite_zero_nasbench101": (suite("nasbench101"), 52),
    "suite_zero_nasbench201": (suite("nasbench201"), 52),
    "suite_zero_nasbench301": (suite("darts"), 26),
    "suite_zero_transbench101_micro": (suite("transnas_micro"), 26),
    "suite_zero_transbench101_macro": (suite("transnas_macro"), 26),
}


@pytest.mark.parametrize("source", FILES)
def test_each_source_becomes_a_file_of_rows(source: str, tmp_path: Path) -> None:
    make, rows = FILES[source]
    path = make(tmp_path / CATALOGUE[source].filename)
    schema, tables = read_official(source, Request(path, complete=False))
    assert schema == (PROXIES_SCHEMA if source.startswith("suite_zero") else LABELS)
    write_tables(tables, tmp_path / "a.parquet", schema, ORIGIN)
    back = read_table(tmp_path / "a.parquet", schema=schema)
    assert back.num_rows == rows
    key = (
        ["task", "arch_id", "proxy"] if schema is PROXIES_SCHEMA else ["arch_id", "images", "seed"]
    )
    assert back.select(key).to_pandas().duplicated().sum() == 0


def test_incomplete_files_are_refused(tmp_path: Path) -> None:
    for source in ("nasbench101_only108", "nats_tss_simple", "nasbench201_v1_1"):
        path = FILES[source][0](tmp_path / CATALOGUE[source].filename)
        _, tables = read_official(source, Request(path))
        with pytest.raises(NascastError, match=r"expected all \d+"):
            list(tables)


def test_every_reader_has_a_source_and_a_test() -> None:
    assert set(LABEL_READERS) <= set(CATALOGUE)
    assert set(LABEL_READERS) - {"nasbench301_models"} <= set(FILES)


def test_surrogates_and_unknown_sources_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NascastError, match=r"models\.zip holds pickled models .* Python 3\.7"):
        read_official("nasbench301_models", Request(tmp_path / "models.zip"))
    with pytest.raises(NascastError, match="no reader for the official file cifar10_archive"):
        read_official("cifar10_archive", Request(tmp_path))


def test_graphs_of_gennape_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    schema, tables = read_official_graphs(gennape(tmp_path / "CG_data.zip"))
    write_tables(tables, tmp_path / "g.parquet", schema, ORIGIN)
    graphs = dict(read_graphs(read_table(tmp_path / "g.parquet", schema=schema)))
    assert sorted(len(graph) for graph in graphs.values()) == [8] * 5
    (tmp_path / "CG_data.zip").write_bytes(b"PK nothing")
    _, broken = read_official_graphs(tmp_path / "CG_data.zip")
    with pytest.raises(NascastError, match=r"CG_data\.zip is no whole zip archive"):
        list(broken)


def test_tables_have_exactly_the_schema(tmp_path: Path) -> None:
    path = FILES["suite_zero_nasbench201"][0](tmp_path / "zc.json")
    schema, tables = read_official("suite_zero_nasbench201", Request(path))
    assert all(isinstance(table, pa.Table) and table.schema == schema for table in tables)
