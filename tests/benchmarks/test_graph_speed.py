from __future__ import annotations

import pytest

from benchmarks import graph_speed


def test_rows_are_tidy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_speed, "NETWORKS", 2)
    monkeypatch.setattr(graph_speed, "REPEATS", 2)
    monkeypatch.setattr(graph_speed, "SPACES", ("nasbench101",))
    monkeypatch.setattr(graph_speed, "TABLE", 5)
    monkeypatch.setattr(graph_speed, "WRITTEN", (10, 20))
    frame = graph_speed.run()
    assert not frame.duplicated(["network", "quantity"]).any()
    assert (frame["median"] > 0).all()
    assert (frame.quartile_low <= frame.quartile_high).all()
    assert frame.set_index("quantity").target["graphs a second"] == 20
    assert frame.loc[frame["quantity"].str.startswith("peak memory"), "target"].tolist() == [1.1]
