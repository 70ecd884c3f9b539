"""The committed results: the page equals its tables, and the tables equal their recorded hashes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from nascast.io.hashing import hash_file

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def publish() -> ModuleType:
    """The script behind ``make results``."""
    path = ROOT / "workflow" / "scripts" / "publish_results.py"
    spec = importlib.util.spec_from_file_location("publish_results", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def origin() -> dict[str, dict[str, str]]:
    """What the committed tables were made from."""
    content: dict[str, dict[str, str]] = json.loads((DOCS / "results" / "origin.json").read_text())
    return content


def test_page_is_rendered_from_the_committed_tables(
    publish: ModuleType, origin: dict[str, dict[str, str]]
) -> None:
    tables = [DOCS / "results" / name for name in sorted(origin["tables"])]
    assert publish.render_page(tables) == (DOCS / "results.md").read_text()


def test_tables_are_those_that_were_published(origin: dict[str, dict[str, str]]) -> None:
    for name, digest in origin["tables"].items():
        assert hash_file(DOCS / "results" / name) == digest, f"{name} was edited by hand"


def test_proxies_are_summed_up_beside_the_published_numbers(publish: ModuleType) -> None:
    rows = [
        ("snip", "a-b", "spearman", 0.51, 0.58),
        ("snip", "a-b", "seconds", 0.02, None),
        ("zico", "a-b", "spearman", 0.4, None),
        ("zen", "a-b", "spearman", None, 0.35),
        ("snip", "a-c", "spearman", None, 0.7),
    ]
    table = pd.DataFrame(rows, columns=["row", "column", "metric", "value", "published"])
    table = table.assign(context="zero-shot", n=60, seeds=3)
    text = publish.summarise(table)
    assert text.startswith("n = 60, seeds = 3; published numbers in brackets")
    assert "0.51 (0.58)" in text
    assert "– (0.35)" in text
    assert "a-c" not in text
    assert publish.summarise(table.assign(value=None)) == "Nothing of this table was measured."


def test_grids_are_summed_up_by_the_largest_cell_of_each_method(publish: ModuleType) -> None:
    rows = [
        ("RF", "a-b", 10, 0, 0.3),
        ("RF", "a-b", 100, 0, 0.5),
        ("SoTL", "a-b", 0, 12, 0.61),
        ("SoTL", "a-b", 0, 1, 0.2),
        ("SoTL", "a-c", 0, 12, 0.7),
        ("NAO", "a-b", 0, 0, None),
    ]
    table = pd.DataFrame(rows, columns=["row", "column", "train_size", "budget", "value"])
    table = table.assign(metric="spearman", context="in-domain", settings="quick", n=60, seeds=3)
    text = publish.summarise(table)
    assert text.startswith("n = 60, seeds = 3; spearman in the largest cell of each method")
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()[2:]]
    assert lines[0] == ["row", "a-b", "a-c"]
    assert lines[2:] == [
        ["RF", "0.500 (100 networks, budget 0)", "–"],
        ["SoTL", "0.610 (0 networks, budget 12)", "0.700 (0 networks, budget 12)"],
    ]


def test_searches_are_summed_up_by_their_regret(publish: ModuleType) -> None:
    rows = [
        ("random search", "a-b", "regret", 50, 0.02, 0.01, 0.03),
        ("random search", "a-b", "search_seconds", 50, 1.5, None, None),
        ("guided evolution (GP)", "a-b", "regret", 50, 0.001, 0.0, 0.002),
        ("random search", "a-c", "regret", 50, None, None, None),
    ]
    names = ["row", "column", "metric", "budget", "value", "ci_low", "ci_high"]
    table = pd.DataFrame(rows, columns=names).assign(context="search", n=60, seeds=3)
    text = publish.summarise(table)
    assert text.startswith("n = 60, seeds = 3; regret in the label's unit")
    lines = text.splitlines()
    assert "a-b, 50" in lines[2]
    assert "a-c" not in text
    assert "0.0200 [0.0100, 0.0300]" in lines[4]
    assert "0.0010 [0.0000, 0.0020]" in lines[5]
    assert publish.summarise(table.assign(value=None)) == "Nothing of this table was searched."


def test_what_is_known_of_proxies_is_compact(publish: ModuleType) -> None:
    rows = [
        ("snip", "a-b", "spearman", 0.5, 60),
        ("snip", "a-b", "kendall_tau", 0.4, 60),
        ("snip", "a-b", "seconds", 0.02, 60),
        ("snip", "a-c", "spearman", 0.9, 50),
        ("snip", "a-c", "seconds", 0.03, 50),
        ("epe_nas", "a-b", "spearman", None, 60),
        ("epe_nas", "a-b", "seconds", 0.01, 60),
    ]
    scores = pd.DataFrame(rows, columns=["row", "column", "metric", "value", "n"]).assign(seeds=1)
    found = publish.compact_proxies(scores, {"a-b": "jigsaw", "a-c": "autoencoder"})
    # Classifications alone; what is the same for all networks ranks none of them.
    assert found.to_csv(index=False).splitlines() == [
        "proxy,task,spearman,seconds,n,seeds",
        "snip,a-b,0.5,0.02,60,1",
        "epe_nas,a-b,0.0,0.01,60,1",
    ]


def test_checkpoints_match_their_cards() -> None:
    cards = sorted((ROOT / "resources" / "models").glob("*.json"))
    for card in cards:
        model = card.with_suffix(".safetensors")
        assert hash_file(model) == json.loads(card.read_text())["sha256"]
        assert model.stat().st_size < 20e6
