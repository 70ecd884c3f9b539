"""`nascast config`."""

import argparse
import re
from pathlib import Path

import pytest

from nascast.cli import main
from nascast.commands import config


def test_config_write_makes_the_committed_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "config"
    assert main(["config", "write", "--to", str(folder)]) == 0
    names = ["config.yaml", "tabular.yaml", "paper.yaml", "schema.json"]
    assert capsys.readouterr().out.splitlines() == [str(folder / name) for name in names]
    committed = Path(__file__).parents[2] / "config"
    for name in names:
        assert (folder / name).read_bytes() == (committed / name).read_bytes(), name


def test_config_write_goes_to_config_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "mine.yaml").write_text("tier: mine\n")
    assert main(["config", "write"]) == 0
    assert (tmp_path / "config" / "config.yaml").is_file()
    assert (tmp_path / "config" / "mine.yaml").read_text() == "tier: mine\n"


def test_config_write_says_why_it_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["config", "write", "--to", str(tmp_path / "file")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("nascast: error: cannot write")
    assert error.count("\n") == 1


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A valid file of settings."""
    main(["config", "write", "--to", str(tmp_path)])
    return tmp_path / "config.yaml"


def test_config_check_of_a_good_file_is_one_line(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["config", "check", str(settings)]) == 0
    assert re.fullmatch(
        rf"{settings}: OK \(tier mini, \d+ experiments, \d+ tables\)\n", capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        (
            "\ncomparable: false",
            "\ncomparable: perhaps\ncolour: red",
            ["is not valid:", "  comparable: Input should be a valid boolean", "  colour: Extra"],
        ),
        ("tier: mini", "tier: [mini", ["is not YAML"]),
        ("- SoTL-E", "- SoTLE", ["unknown predictor 'SoTLE': did you mean 'SoTL-E'"]),
    ],
)
def test_config_check_names_all_that_is_wrong(
    settings: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, messages: list[str]
) -> None:
    settings.write_text(settings.read_text().replace(old, new, 1))
    capsys.readouterr()
    assert main(["config", "check", str(settings)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("nascast: error: ")
    assert all(message in captured.err for message in messages)


def test_the_command_is_one_of_the_program() -> None:
    parser = argparse.ArgumentParser()
    config.add(parser.add_subparsers())
    assert parser.parse_args(["config", "write"]).to == Path("config")


def test_config_check_of_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check", "no/such.yaml"]) == 1
    assert capsys.readouterr().err == (
        "nascast: error: cannot read no/such.yaml: No such file or directory\n"
    )
