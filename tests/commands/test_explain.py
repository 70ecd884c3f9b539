from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from nascast.cli import main
from nascast.commands.explain import run as run_explain

ZOO = Path(__file__).parents[1] / "ranking" / "zoo.py"
CELL = "nasbench201:|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
QUICK = ["--predictor", "params", "--batch-size", "4", "--quiet"]


def texts(path: Path) -> set[str]:
    return {(node.text or "").strip() for node in ElementTree.parse(path).iter()}


def test_a_module_is_explained_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "graph.svg"
    arguments = ["explain", f"{ZOO}:small", "--name", "resnet8", "--svg", str(picture), *QUICK]
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("resnet8\nreads 3 x 32 x 32, puts out 10; 19,914 parameters")
    assert "Score by params\n  19914: parameters, counted\n" in captured.out
    assert {"resnet8", "Conv 3×3·BN·ReLU"} <= texts(picture)


def test_a_cell_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "cell.svg"
    small = ["--input-shape", "3,8,8"]
    assert main(["explain", CELL, "--svg", str(picture), *QUICK, *small]) == 0
    assert "What is searched\n" in capsys.readouterr().out
    assert "avg pool 3×3" in texts(picture)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([f"{ZOO}:small"], "say which network with --name; there are resnet8, resnet8_large"),
        ([f"{ZOO}:small", "--name", "vgg"], "there is no network 'vgg'; there are resnet8"),
        ([f"{ZOO}:broken_only", "--name", "raises", "--input-shape", "3,32,32"], "raises: raises"),
        (["nasbench201:|x"], "has 1 nodes joined by '+', expected 3 (command line)"),
    ],
)
def test_what_cannot_be_explained(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(run_explain)
    assert main(["explain", *arguments, *QUICK]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
