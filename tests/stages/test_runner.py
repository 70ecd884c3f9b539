"""What a failing script says, where, and with which exit code; what its outputs remember."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from nascast.errors import NascastError
from nascast.io.hashing import hash_file
from nascast.stages.runner import provenance, stage


@pytest.fixture
def job(tmp_path: Path) -> SimpleNamespace:
    return SimpleNamespace(
        log=[tmp_path / "rule.log"], rule="train", params=SimpleNamespace(code="c0de"), input=[]
    )


def test_output_goes_to_the_log_alone(
    job: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    with stage(job):
        print("epoch 1")
        print("a warning", file=sys.stderr)
    assert job.log[0].read_text() == "epoch 1\na warning\n"
    assert capsys.readouterr() == ("", "")


def test_progress_can_be_read_while_it_runs(job: SimpleNamespace) -> None:
    with stage(job):
        print("epoch 1")
        assert job.log[0].read_text() == "epoch 1\n"


@pytest.mark.parametrize("kind", [NascastError, ValueError, FileNotFoundError])
def test_an_expected_failure_is_one_line_and_exit_code_1(
    kind: type[Exception], job: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    def script() -> None:
        with stage(job):
            print("epoch 1")
            raise kind("no such cell")

    with pytest.raises(SystemExit) as ended:
        script()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        f"nascast: error in train: no such cell (log: {job.log[0]})\n"
    )
    log = job.log[0].read_text()
    assert log.startswith("epoch 1\n")
    assert log.endswith("nascast: error: no such cell\n")
    # Where a library raised it helps to mend it; our own errors say all there is to say.
    assert ("Traceback" in log) == (kind is not NascastError)


def test_a_bug_goes_through(job: SimpleNamespace) -> None:
    with pytest.raises(KeyError, match="no such column"), stage(job):
        raise KeyError("no such column")
    assert "Traceback" in job.log[0].read_text()


def test_the_line_on_the_console_stays_one_line(
    job: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit), stage(job):
        raise NascastError("two settings are wrong:\n  steps\n  folds")
    assert capsys.readouterr().err.count("\n") == 1
    assert "\n  folds\n" in job.log[0].read_text()


def test_the_console_works_again_after_a_failure(
    job: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    streams = sys.stdout, sys.stderr
    with pytest.raises(SystemExit), stage(job):
        raise NascastError("no such cell")
    assert (sys.stdout, sys.stderr) == streams


def test_outputs_remember_the_job(job: SimpleNamespace, tmp_path: Path) -> None:
    names = ["results/mini/labels/cells.parquet", "resources/minibench/cells/discs/shard=0.parquet"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(name)
    job.input = [str(tmp_path / name) for name in [*names, names[0]]]
    origin = provenance(job, {"epochs": 3}, device="cuda", seed=0)
    assert (origin.stage, origin.code_fingerprint) == ("train", "c0de")
    assert (origin.device, origin.seed) == ("cuda", 0)
    # No place of the checkout, so that two of them write identical files.
    assert origin.inputs == {
        "cells/discs/shard=0.parquet": hash_file(tmp_path / names[1]),
        "mini/labels/cells.parquet": hash_file(tmp_path / names[0]),
    }
    assert str(tmp_path) not in origin.to_json()
    assert origin.config_hash != provenance(job, {"epochs": 4}).config_hash
    assert provenance(job, {}).seed is None


def test_a_missing_input_is_an_expected_failure(job: SimpleNamespace, tmp_path: Path) -> None:
    job.input = [str(tmp_path / "results" / "gone.parquet")]
    with pytest.raises(NascastError, match=r"cannot read the input .*gone\.parquet"):
        provenance(job, {})
