"""`nascast sources` on a catalogue and a server of its own; test_cli.py has the first steps."""

import hashlib
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from nascast.cli import main
from nascast.commands import sources

CONTENT = b"published bytes"
HASH = hashlib.sha256(CONTENT).hexdigest()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the tests read what is printed."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Address of a folder with ``file.bin`` in it."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "file.bin").write_bytes(CONTENT)
    handler = partial(Quiet, directory=str(tmp_path / "served"))
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str) -> Path:
    common = {"version": "1", "licence": "MIT", "needed_by": ["paper"]}
    size = {"bytes": len(CONTENT), "sha256": HASH}
    entries = {
        "whole": common | size | {"addresses": [f"{server}/file.bin"]},
        "second": common | size | {"addresses": [f"{server}/gone", f"{server}/file.bin"]},
        "longer": common | size | {"addresses": [f"{server}/file.bin"], "bytes": 99},
        "silent": common | {"addresses": [f"{server}/gone"], "notes": "no hash"},
        "mirrored": common | size | {"approximate_bytes": 499_000_000},
    }
    del entries["mirrored"]["bytes"]
    for name, entry in entries.items():
        entry["filename"] = f"{name}.bin"
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "sources.yaml").write_text(yaml.safe_dump({"sources": entries}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NASCAST_MIRROR", raising=False)
    return tmp_path


def lines(text: str) -> dict[str, list[str]]:
    rows = [re.split(r"\s{2,}", line) for line in text.splitlines()[1:]]
    return {row[0]: row for row in rows}


def test_the_list_tells_state_size_and_need(
    checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("whole", "silent"):
        (checkout / "d").mkdir(exist_ok=True)
        (checkout / "d" / f"{name}.bin").write_bytes(CONTENT)
    assert main(["sources", "--to", "d"]) == 0
    found = lines(capsys.readouterr().out)
    assert found["whole"][2:6] == ["verified", "0.0 MB", "MIT", "paper"]
    assert found["silent"][2:4] == ["present", "unknown"]
    assert found["mirrored"][2:4] == ["missing", "about 499 MB"]
    assert found["mirrored"][-1] == "a mirror only (NASCAST_MIRROR)"
    monkeypatch.setattr(sources, "_HASHED_BYTES", 3)
    main(["sources", "--to", "d"])
    assert lines(capsys.readouterr().out)["whole"][2] == "present"


def test_verify_says_what_has_no_hash(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "d").mkdir()
    (checkout / "d" / "silent.bin").write_bytes(CONTENT)
    assert main(["sources", "verify", "--to", "d"]) == 0
    assert lines(capsys.readouterr().out)["silent"][2] == "present, no hash"


def test_check_probes_every_address(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "check", "--timeout", "5"]) == 1
    captured = capsys.readouterr()
    rows = [re.split(r"\s{2,}", line)[:2] for line in captured.out.splitlines()[1:]]
    assert rows == [
        ["longer", "has 15 bytes, expected 99"],
        ["second", "answers HTTP 404 File not found"],
        ["second", "answers"],
        ["silent", "answers HTTP 404 File not found"],
        ["whole", "answers"],
        ["mirrored", "a mirror only"],
    ]
    assert captured.err == (
        "nascast: error: no address answers of longer, silent; docs/sources.md says where else to "
        "look\n"
    )


def test_check_of_named_sources(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "check", "second", "mirrored"]) == 0
    assert "whole" not in capsys.readouterr().out
    assert main(["sources", "check", "nothing"]) == 1
    assert "there is no source nothing" in capsys.readouterr().err


def test_a_download_is_announced(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "fetch", "whole", "--to", "d"]) == 0
    assert (checkout / "d" / "whole.bin").read_bytes() == CONTENT
    assert "whole.bin: downloading http://127.0.0.1" in capsys.readouterr().err
