"""Searches on computation graphs as a part of the workflow, with a scorer of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.end_to_end.checkout import RESULTS, ROOT, Checkout, tiny_tier

from nascast.io.parquet import read_parquet

SEEDS, TRAININGS = 2, 2
TASK = "nasbench201-digits"
SEARCH = {
    "tasks": [TASK],
    "scorer": "path convolutions",
    "seeds": SEEDS,
    "iterations": 2,
    "keep": 2,
    "mutants": 3,
    "trainings": TRAININGS,
}
MINIBENCH = {
    "images": ["digits"],
    "scale": {"channels": 4},
    "image_size": 8,
    "recipe": {"steps": 4, "epochs": 2, "batch_size": 16, "validation": 32, "test": 32},
}


@pytest.fixture
def searching(clone: Checkout) -> Checkout:
    """The finished run with a scorer of another distribution and a search on graphs."""
    library = clone.root / "workflow"
    made = ROOT / "tests" / "stages" / "made_scorers.py"
    (library / "path_scorer.py").write_text(made.read_text())
    (library / "path-1.0.dist-info").mkdir()
    (library / "path-1.0.dist-info" / "METADATA").write_text("Name: path\nVersion: 1.0\n")
    points = "[nascast.graph_scorers]\npath convolutions = path_scorer:PathConvolutions\n"
    (library / "path-1.0.dist-info" / "entry_points.txt").write_text(points)
    settings = {"minibench": {"nasbench201": MINIBENCH}, "graph_searches": {"found": SEARCH}}
    clone.configure(tiny_tier() | settings)
    return clone


def test_a_search_finds_graphs_and_trains_them(searching: Checkout) -> None:
    searching.snakemake("found", "--cores", "1")
    folder = Path(searching.root, RESULTS, "graph_search", "found")
    rows = read_parquet(folder / f"{TASK}.parquet")
    assert list(rows["role"]) == ["start", "found"] * SEEDS
    start, found = (rows[rows["role"] == role] for role in ("start", "found"))
    assert start["fingerprint"].nunique() == start["arch_id"].nunique() == 1
    assert (found["score"].to_numpy() >= start["score"].to_numpy()).all()
    assert (found["network_flops"].to_numpy() <= start["network_flops"].to_numpy()).all()
    trained = read_parquet(folder / f"{TASK}-trained.parquet")
    graphs = rows["fingerprint"].drop_duplicates()
    assert list(trained["fingerprint"].drop_duplicates()) == list(graphs)
    assert len(trained) == TRAININGS * len(graphs)
    assert set(trained["status"]) <= {"ok", "diverged"}
    assert searching.planned("found") == {}
