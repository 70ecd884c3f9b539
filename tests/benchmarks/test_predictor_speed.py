from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from benchmarks.predictor_speed import EPOCHS, observations

from benchmarks import predictor_speed
from nascast.predictors import registry
from nascast.predictors.base import FEATURES


def test_cells_have_everything_that_any_predictor_needs() -> None:
    seen = observations(12, 0, frozenset(FEATURES))
    assert set(seen.features) == set(FEATURES)
    assert seen.feature("val_acc").shape == (12, EPOCHS // 2)
    assert seen.complete().all()
    labels = seen.require_labels()
    assert len(set(seen.arch_ids)) == 12
    assert labels.std() > 0
    again = observations(12, 0, frozenset({"adjacency"}))
    np.testing.assert_array_equal(again.feature("adjacency"), seen.feature("adjacency"))
    np.testing.assert_array_equal(again.require_labels(), labels)


def test_rows_are_tidy_and_threads_are_put_back() -> None:
    threads = torch.get_num_threads()
    frame = predictor_speed.run(["params", "RF", "LcSVR"], "quick", [10, 20])
    assert torch.get_num_threads() == threads
    assert not frame.duplicated(["predictor", "networks", "quantity"]).any()
    assert len(frame) == 3 * 2 * 2
    times = frame.set_index(["predictor", "networks", "quantity"])["median"]
    assert times["params", 10, "fit"] == 0
    assert (times[frame["predictor"].to_numpy() != "params"] > 0).all()


def test_the_command_line_names_predictors_settings_and_sizes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["speed", "RF", "--settings", "published", "--networks", "10", "20"]
    )
    predictor_speed.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[:4] for line in lines[1::2]] == [
        ["predictor_speed", "RF", "published", str(count)] for count in (10, 20)
    ]
    monkeypatch.setattr(sys, "argv", ["speed", "oracle"])
    with pytest.raises(SystemExit):
        predictor_speed.main()
    assert "unknown predictor 'oracle'" in capsys.readouterr().err


def test_all_predictors_are_timed_unless_some_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    timed: list[str] = []

    def note(name: str, settings: str, networks: int) -> list[dict[str, object]]:
        timed.append(name)
        return [{"predictor": name}]

    monkeypatch.setattr(predictor_speed, "_time", note)
    predictor_speed.run()
    assert timed == list(registry.names())
