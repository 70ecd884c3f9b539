from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.naive_collector import naive_snapshot
from benchmarks.trace_cost import CELLS, SHRUNKEN, Training

from benchmarks import trace_cost

ROOT = Path(__file__).parents[2]
TINY = replace(SHRUNKEN, batch_size=8, interval=2, repeats=2, cells=("mixed",))


@pytest.mark.parametrize("cell", CELLS)
def test_both_collectors_record_the_same(cell: str) -> None:
    training = Training(TINY, cell)
    training.steps(2)
    ours, naive = training.collector.snapshot().numpy(), naive_snapshot(training.network)
    np.testing.assert_allclose(naive, ours, rtol=1e-5, atol=1e-7)


def test_rows_are_tidy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_cost, "SHRUNKEN", TINY)
    monkeypatch.setattr(trace_cost, "FULL", replace(TINY, name="full", target=1.1))
    frame = trace_cost.run()
    assert not frame.duplicated(["network", "cell", "quantity"]).any()
    assert set(frame.network) == {"shrunken", "full"}
    assert (frame["median"] > 0).all()
    assert (frame.quartile_low <= frame["median"]).all()
    assert frame.loc[frame.target.notna(), "quantity"].unique().tolist() == ["instrumented / bare"]


def test_an_unknown_benchmark_is_named() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nonsense"],
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 2
    assert "unknown benchmark 'nonsense': choose from trace_cost, graph_speed" in finished.stderr
