from __future__ import annotations

from pathlib import Path

import pytest

from nascast.cli import main
from nascast.commands.table import FORMATS


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one finished table."""
    folder = tmp_path / "results" / "mini" / "tables"
    folder.mkdir(parents=True)
    for form in FORMATS:
        (folder / f"nap2_table4.{form}").write_text(f"τ in {form}\n")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize("form", FORMATS)
def test_a_table_is_printed_as_it_is(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "nap2_table4", "--format", form]) == 0
    assert capsys.readouterr().out == f"τ in {form}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["nap2_table5"],
            "make it with `snakemake results/mini/tables/nap2_table5.md --cores 2`\n",
        ),
        (
            ["nap2_table4", "--tier", "tabular", "--format", "csv"],
            "`snakemake results/tabular/tables/nap2_table4.csv --cores 2 --configfile "
            "config/tabular.yaml`\n",
        ),
        (["nap2_tabel5"], "the tier mini has no table 'nap2_tabel5': did you mean nap2_table5 or"),
        (["zzz"], "the tier mini has no table 'zzz': there are nap2_table4, "),
        (["x", "--tier", "mine"], "mine is none of the shipped tiers mini, tabular, paper"),
    ],
)
def test_what_is_not_there_is_said_how_to_make(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["table", *arguments]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err


def test_another_format_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["table", "nap2_table4", "--format", "docx"])
    assert ended.value.code == 2
