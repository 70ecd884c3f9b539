"""The same tables, whatever happens on the way to them."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
from tests.end_to_end.checkout import NETWORKS, RESULTS, Checkout, tiny_tier

KILLS = 5


def test_killed_five_times_it_ends_in_the_same_tables(finished: Checkout, tmp_path: Path) -> None:
    draw = random.Random(0)
    checkout = Checkout.make(tmp_path)
    for _ in range(KILLS):
        checkout.kill_after(draw.choice((1, 2)), draw.uniform(0, 1), "tables", "--cores", "2")
        assert not (checkout.root / RESULTS / "report.html").exists()
        checkout.snakemake("--unlock")
    checkout.snakemake("tables", "--cores", "2")
    pd.testing.assert_frame_equal(checkout.predictions(), finished.predictions(), check_exact=True)
    assert checkout.tables() == finished.tables()
    leftovers = [path for path in (tmp_path / RESULTS).rglob("*.tmp") if path.is_file()]
    assert leftovers == []


def test_after_a_kill_it_says_how_to_go_on(clone: Checkout) -> None:
    (clone.root / RESULTS / "report.html").unlink()
    clone.kill_after(0, 0, "tables", "--cores", "1")
    assert "--unlock" in clone.snakemake("tables", "--cores", "1", expect=1)
    clone.snakemake("--unlock")
    assert clone.planned("tables") == {"build_report": 1}


def test_neither_cores_nor_shards_change_a_number(clone: Checkout, finished: Checkout) -> None:
    clone.configure(tiny_tier(networks_per_shard=5))
    clone.snakemake("tables", "--cores", "1")
    shards = {path.name for path in (clone.root / RESULTS).glob("traces/*/steps/*")}
    assert len(shards) == -(-NETWORKS // 5)
    # Rounded to tables, a small difference might not show.
    pd.testing.assert_frame_equal(clone.predictions(), finished.predictions(), check_exact=True)
    assert clone.tables() == finished.tables()
