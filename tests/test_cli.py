import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import nascast
from nascast.cli import main

CONTENT = b"published bytes"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a catalogue of two alternatives, and a mirror that holds the second."""
    common = {"version": "1", "licence": "MIT", "bytes": len(CONTENT), "needed_by": ["tabular"]}
    common |= {"sha256": hashlib.sha256(CONTENT).hexdigest(), "provides": "images"}
    entries = {
        "archive": common | {"filename": "archive.gz", "sha256": "0" * 64},
        "packed": common | {"filename": "packed.parquet"},
    }
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "sources.yaml").write_text(yaml.safe_dump({"sources": entries}))
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "packed.parquet").write_bytes(CONTENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NASCAST_MIRROR", "mirror")
    return tmp_path


def statuses(text: str, column: int) -> dict[str, str]:
    return {line.split()[0]: line.split()[column] for line in text.splitlines()[1:]}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"nascast {nascast.__version__}\n"


def test_starts_without_heavy_packages() -> None:
    program = (
        "import sys, nascast.cli; nascast.cli._parser();"
        "heavy = {'torch', 'pandas', 'numpy', 'pyarrow', 'pydantic', 'yaml', 'matplotlib'};"
        "sys.exit(', '.join(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, env={"PYTHONPATH": ":".join(sys.path)}, check=False, capture_output=True, text=True
    )
    assert done.stderr.strip() == ""


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["bake"],
        ["sources", "fetch"],
        ["sources", "burn"],
        ["config"],
        ["config", "check"],
        ["config", "write", "config"],
    ],
)
def test_wrong_usage_is_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: nascast" in capsys.readouterr().err


def test_sources_tell_their_state(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources"]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[0].split()[:4] == ["name", "version", "status", "size"]
    assert "a mirror only (NASCAST_MIRROR)" in text
    assert statuses(text, 2) == {"archive": "missing", "packed": "missing"}
    assert main(["sources", "fetch", "packed"]) == 0
    assert capsys.readouterr().out == "results/tabular/sources/packed.parquet\n"
    main(["sources"])
    assert statuses(capsys.readouterr().out, 2) == {"archive": "missing", "packed": "verified"}
    assert main(["sources", "verify"]) == 0
    assert statuses(capsys.readouterr().out, 2) == {"archive": "missing", "packed": "verified"}


def test_fetch_by_what_a_source_provides(checkout: Path) -> None:
    assert main(["sources", "fetch", "images", "--to", "elsewhere"]) == 0
    assert (checkout / "elsewhere" / "packed.parquet").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "order", [["sources", "--tier", "paper", "fetch"], ["sources", "fetch", "--tier", "paper"]]
)
def test_each_tier_has_its_own_folder(checkout: Path, order: list[str]) -> None:
    assert main([*order, "packed"]) == 0
    assert (checkout / "results" / "paper" / "sources" / "packed.parquet").is_file()


def test_fetched_files_are_where_the_workflow_looks(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = (Path(__file__).parents[1] / "workflow" / "rules" / "sources.smk").read_text()
    assert 'f"{RESULTS}/sources/{{need}}.json"' in rule
    assert main(["sources", "fetch", "packed", "--tier", "mini"]) == 0
    assert capsys.readouterr().out.startswith("results/mini/sources/")


@pytest.mark.parametrize(
    "order", [["sources", "--to", "d", "verify"], ["sources", "verify", "--to", "d"]]
)
def test_corrupt_files_fail_verification(
    checkout: Path, capsys: pytest.CaptureFixture[str], order: list[str]
) -> None:
    (checkout / "d").mkdir()
    (checkout / "d" / "packed.parquet").write_bytes(CONTENT[::-1])
    assert main(order) == 1
    captured = capsys.readouterr()
    assert statuses(captured.out, 2)["packed"] == "corrupt"
    assert captured.err == (
        "nascast: error: corrupt: d/packed.parquet; run `nascast sources fetch` for: packed\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sources", "fetch", "nothing"], "there is no source nothing; there are archive, packed"),
        (["sources", "fetch", "archive"], "cannot get archive.gz"),
        (["sources", "--catalogue", "none.yaml"], "cannot read the list of sources none.yaml"),
    ],
)
def test_failures_are_one_line_and_exit_code_1(
    checkout: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"nascast: error: {message}")
    assert error.count("\n") == 1


def test_a_wrong_mirror_is_an_error(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NASCAST_MIRROR", "no/such/folder")
    assert main(["sources", "fetch", "packed"]) == 1
    assert "NASCAST_MIRROR=no/such/folder is not a folder" in capsys.readouterr().err


def test_a_closed_pipe_leaves_no_traceback(checkout: Path) -> None:
    program = "import sys; from nascast.cli import main; sys.exit(main(['sources']))"
    reader = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONUNBUFFERED": "1"},
    )
    assert reader.stdout is not None
    assert reader.stderr is not None
    reader.stdout.close()
    assert reader.wait(timeout=30) == 1
    assert b"Traceback" not in reader.stderr.read()
    reader.stderr.close()
