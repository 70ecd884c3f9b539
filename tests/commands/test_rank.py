from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.ranking.zoo import BAD, GOOD

from nascast.cli import main
from nascast.commands.rank import DONE, NOTHING, SOME_BAD
from nascast.ranking import formats

ROOT = Path(__file__).parents[2]
ZOO = ROOT / "tests" / "ranking" / "zoo.py"
DOCUMENT = ROOT / "docs" / "rank.md"
SHAPE = ["--input-shape", "3,32,32", "--quiet"]
SPEC = "nasbench101:conv1x1-bn-relu|11.1"


def test_twenty_networks_of_which_six_are_broken(capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["--predictor", "snip", "--seeds", "2", "--batch-size", "8"]
    assert main(["rank", f"{ZOO}:networks", *SHAPE, *quick, "--json"]) == SOME_BAD == 3
    captured = capsys.readouterr()
    content = json.loads(captured.out)  # nothing else is printed, whatever the user's code prints
    assert "a user's print must not get into the output" in captured.err
    assert captured.err.endswith("nascast: 6 of 20 candidates could not be ranked\n")
    ranked = content["ranking"]
    assert sorted(place["name"] for place in ranked) == sorted(GOOD)
    assert [place["rank"] for place in ranked] == list(range(1, 15))
    scores = [place["score"] for place in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(place["uncertainty"] > 0 and place["seconds"] > 0 for place in ranked)
    wrong = {failure["name"]: failure["error"] for failure in content["failed"]}
    assert sorted(wrong) == sorted(BAD)
    for name, message in {
        "wrong_shape": "expected input[2, 3, 32, 32] to have 1 channels, but got 3",
        "untraceable": "reads values of a tensor",
        "no_parameters": "has no parameters",
        "vit_tiny": "has the name of another candidate",
        "raises": "NotImplementedError: the second half is not written yet",
        "cannot_be_built": "ValueError: width 7 is no multiple of 2 heads",
    }.items():
        assert message in wrong[name]


def test_each_bad_one_has_a_line_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    rank = ["rank", f"{ZOO}:networks", *SHAPE, "--predictor", "params"]
    assert main(rank) == 3
    lines = capsys.readouterr().out.splitlines()
    bad = [line for line in lines if line.startswith("not ranked: ")]
    assert sorted(line.split(": ")[1] for line in bad) == sorted(BAD)
    assert main([*rank, "--format", "csv"]) == 3
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert sorted(row["name"] for row in rows if row["error"]) == sorted(BAD)
    assert sorted(row["name"] for row in rows if row["rank"]) == sorted(GOOD)


def test_functions_stand_in_the_place_of_modules(capsys: pytest.CaptureFixture[str]) -> None:
    rank = ["rank", f"{ZOO}:factories", *SHAPE, "--predictor", "grad_norm", "--batch-size", "4"]
    assert main(rank) == DONE == 0
    assert "mean of 3 initialisations" in capsys.readouterr().out


def test_the_same_bytes_but_for_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    rank = ["rank", f"{ZOO}:small", "--predictor", "synflow", "--quiet", "--json"]
    texts = []
    for _ in range(2):
        main(rank)
        texts.append(re.sub(r'("seconds": )[0-9.e-]+', r"\1", capsys.readouterr().out))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "arguments",
    [
        [f"{ZOO}:broken_only", *SHAPE],
        [f"{ZOO}:nothing_of_that_name"],
        ["nasbench201:|x"],
        ["none.csv"],
        [SPEC, "--data", "none"],
        [SPEC, "--predictor", "nap2"],
    ],
)
def test_when_nothing_can_be_ranked(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "ranking.csv"
    code = main(["rank", "--predictor", "params", *arguments, "--output", str(output)])
    assert code == NOTHING == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith("nascast: ")
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [SPEC, "--predictor", "snipp"],
        [SPEC, "--budget", "-3"],
        [SPEC, "--input-shape", "3,x"],
        [SPEC, "--seeds", "0"],
        [SPEC, "--json", "--format", "csv"],
        [SPEC, "--format", "xml"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rank", *arguments])
    assert ended.value.code == 2
    assert "usage: nascast rank" in capsys.readouterr().err


def test_output_goes_to_a_file_as_a_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "ranking.json"
    rank = ["rank", SPEC, "--predictor", "macs", "--quiet", "--json", "--output", str(path)]
    assert main(rank) == 0
    assert capsys.readouterr().out == ""
    before = path.read_text()
    assert json.loads(before)["schema"] == formats.SCHEMA

    def fail(ranking: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setitem(formats.FORMATS, "json", fail)
    assert main(rank) == 1
    assert path.read_text() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["ranking.json"]


def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import pathlib, time\ndef make():\n    pathlib.Path('begun').touch()\n    time.sleep(60)\n"
    )
    # Tests that run in the background inherit an ignored SIGINT.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from nascast.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "rank", "slow.py:make", "--output", "out.csv"]
    running = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    out, error = running.communicate(timeout=60)
    assert running.returncode == 1
    assert out == ""
    assert "nascast: interrupted" in error
    assert "Traceback" not in error
    assert {entry.name for entry in tmp_path.iterdir()} - {"__pycache__"} == {"slow.py", "begun"}


def blocks(kind: str) -> list[str]:
    """Return the code blocks of the document of one language."""
    return re.findall(rf"```{kind}\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)


@pytest.fixture
def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the document shows."""
    models, script = blocks("python")
    (tmp_path / "my_models.py").write_text(models)
    (tmp_path / "script.py").write_text(script)
    (tmp_path / "specs.json").write_text(blocks("json")[0])
    (tmp_path / "specs.csv").write_text(blocks("csv")[0])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_of_the_document_do_what_it_says(
    documented: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) >= 8
    for line in commands:
        command, _, comment = line.partition("  # exit code ")
        program, *arguments = shlex.split(command)
        assert program == "nascast"
        assert main([*arguments, "--quiet"]) == int(comment or 0), line
        assert capsys.readouterr().out or "--output" in arguments
    assert (documented / "ranking.csv").read_text().startswith("rank,name,score")
    assert (documented / "cnn16.svg").read_text().startswith("<?xml")


def test_the_python_of_the_document_runs(documented: Path) -> None:
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=documented,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split()[:5] == ["rank", "name", "score", "uncertainty", "error"]
    assert "cnn32" in done.stdout
