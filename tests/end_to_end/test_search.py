"""Searches as a part of the workflow, with a predictor of another distribution to guide them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.end_to_end.checkout import NETWORKS, RESULTS, Checkout, tiny_tier

from nascast.io.parquet import read_parquet
from nascast.tables import tidy

QUERIES, SEEDS = 8, 2
TASK = "nasbench201-digits"
SEARCH = {
    "title": "Searches",
    "tasks": [TASK],
    "algorithms": ["random search", "Bayesian optimisation"],
    "predictors": ["Nearest (one)"],
    "queries": QUERIES,
    "show": [4, QUERIES],
    "seeds": SEEDS,
    "neighbours": 3,
    "initial": 4,
    "batch": 2,
    "candidates": 6,
    "parents": 2,
    "bootstrap": 20,
}
PREDICTOR = """
import numpy as np
from nascast.predictors.base import Predictor

class Nearest(Predictor):
    name = "Nearest (one)"
    family = "model-based"
    needs = frozenset({"adjacency"})
    reference = "a test"

    def fit(self, train):
        self.rows, self.labels = train.feature("adjacency"), train.require_labels()

    def predict(self, query):
        far = (query.feature("adjacency")[:, None] != self.rows).sum(axis=2)
        return self.labels[far.argmin(axis=1)].astype(float)
"""


@pytest.fixture
def searching(clone: Checkout) -> Checkout:
    """The finished run with a further predictor and a search."""
    library = clone.root / "workflow"
    (library / "nearest_predictor.py").write_text(PREDICTOR)
    (library / "nearest-1.0.dist-info").mkdir()
    (library / "nearest-1.0.dist-info" / "METADATA").write_text("Name: nearest\nVersion: 1.0\n")
    points = "[nascast.predictors]\nNearest (one) = nearest_predictor:Nearest\n"
    (library / "nearest-1.0.dist-info" / "entry_points.txt").write_text(points)
    clone.configure(tiny_tier() | {"searches": {"found": SEARCH}})
    return clone


def test_a_search_makes_its_table_and_its_figure(searching: Checkout) -> None:
    jobs = {"run_search": 2, "compare_searches": 1}
    assert searching.planned("tables") == jobs
    searching.snakemake("found", "--cores", "1")
    results = searching.root / RESULTS
    table = tidy.table_from_csv((results / "tables" / "found.csv").read_text())
    regret = table[table["metric"] == "regret"].set_index(["row", "budget"])["value"]
    assert len(regret) == 4
    for row in ("random search", "Bayesian optimisation (Nearest (one))"):
        assert regret[row, 4] >= regret[row, QUERIES] >= 0
    assert set(table["n"]) == {NETWORKS}
    for ending in ("svg", "png"):
        assert (results / "figures" / f"found.{ending}").stat().st_size > 5000
    runs = read_parquet(sorted(Path(results, "search", "found").rglob("*.parquet")))
    assert len(runs) == 2 * SEEDS * QUERIES
    for _, run in runs.groupby(["algorithm", "seed"]):
        assert run["arch_id"].nunique() == QUERIES
        np.testing.assert_array_equal(run["best_so_far"], np.maximum.accumulate(run["label"]))
    assert searching.planned("tables") == {}
    (searching.root / "workflow" / "nearest_predictor.py").write_text(PREDICTOR + "\nX = 1\n")
    assert searching.planned("tables") == {"run_search": 1, "compare_searches": 1}
