import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from nascast.io.atomic import WriteError
from nascast.io.catalogue import Source, SourceError
from nascast.io.download import DownloadPolicy
from nascast.io.sources import (
    Status,
    check,
    fetch,
    find_in_mirror,
    mirror_from_environment,
    resolve_alternatives,
)

CONTENT = b"arch,accuracy\n" * 5000
FAST = DownloadPolicy(attempts=2, timeout=2.0, backoff=0.01)
Serve = Callable[..., object]


def make(*addresses: str, name: str = "table", content: bytes = CONTENT) -> Source:
    return Source(
        name=name,
        version="1",
        filename=f"{name}.csv",
        addresses=addresses,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        licence="MIT",
        notes="fetched by hand",
    )


def get(source: Source, folder: Path, mirror: Path | None = None) -> Path:
    return fetch(source, folder, mirror, FAST, io.StringIO())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "results" / "sources"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    (tmp_path / "mirror").mkdir()
    return tmp_path / "mirror"


def test_takes_it_from_the_mirror_by_name(folder: Path, mirror: Path) -> None:
    (mirror / "table.csv").write_bytes(CONTENT)
    assert get(make(), folder, mirror) == folder / "table.csv"
    assert (folder / "table.csv").read_bytes() == CONTENT
    assert [entry.name for entry in folder.iterdir()] == ["table.csv"]


def test_takes_it_from_the_mirror_by_hash(folder: Path, mirror: Path) -> None:
    (mirror / "a.csv").write_bytes(CONTENT.replace(b"a", b"b"))
    (mirror / "renamed.csv").write_bytes(CONTENT)
    (mirror / "table.csv").write_bytes(b"another file of the same name")
    get(make(), folder, mirror)
    assert (folder / "table.csv").read_bytes() == CONTENT


def test_md5_is_checked_where_no_sha256_is_known(folder: Path, mirror: Path) -> None:
    fields = make().model_dump() | {"sha256": None, "md5": hashlib.md5(CONTENT).hexdigest()}
    source = Source.model_validate(fields)
    (mirror / "table.csv").write_bytes(CONTENT[::-1])
    with pytest.raises(SourceError, match=f"its md5 is .*, expected {source.md5}"):
        get(source, folder, mirror)
    (mirror / "table.csv").write_bytes(CONTENT)
    assert check(source, get(source, folder, mirror).parent) is Status.VERIFIED


def test_a_verified_file_is_left_alone(folder: Path, serve: Serve) -> None:
    folder.mkdir(parents=True)
    (folder / "table.csv").write_bytes(CONTENT)
    before = (folder / "table.csv").stat()
    server = serve(CONTENT)
    get(make(server.address), folder)
    assert server.ranges == []
    assert (folder / "table.csv").stat() == before


def test_a_wrong_file_in_place_is_replaced(folder: Path, serve: Serve) -> None:
    folder.mkdir(parents=True)
    (folder / "table.csv").write_bytes(CONTENT[:100])
    get(make(serve(CONTENT).address), folder)
    assert (folder / "table.csv").read_bytes() == CONTENT


def test_downloads_from_the_first_address_that_is_right(folder: Path, serve: Serve) -> None:
    gone, wrong, right = serve(CONTENT, 404), serve(CONTENT[::-1]), serve(CONTENT, "break")
    get(make(gone.address, wrong.address, right.address), folder)
    assert (folder / "table.csv").read_bytes() == CONTENT
    assert [entry.name for entry in folder.iterdir()] == ["table.csv"]


def test_a_part_of_another_file_costs_one_more_download(folder: Path, serve: Serve) -> None:
    folder.mkdir(parents=True)
    (folder / "table.csv.part").write_bytes(b"x" * 100)
    server = serve(CONTENT)
    get(make(server.address), folder)
    assert (folder / "table.csv").read_bytes() == CONTENT
    assert server.ranges == ["bytes=100-", None]


def test_each_fault_has_its_own_message(folder: Path, mirror: Path, serve: Serve) -> None:
    source = make()
    expected = f"cannot get table.csv ({len(CONTENT)} bytes, sha256 {source.sha256})"

    def failure(*addresses: str, of_mirror: Path | None = None) -> str:
        with pytest.raises(SourceError) as caught:
            get(make(*addresses), folder, of_mirror)
        message = str(caught.value)
        assert message.startswith(expected)
        assert "set NASCAST_MIRROR to a folder that holds the file" in message
        assert not (folder / "table.csv").exists()
        return message

    (mirror / "table.csv").write_bytes(CONTENT[:-7])
    size = len(CONTENT)
    truncated = failure(of_mirror=mirror)
    assert f"table.csv that is truncated: it has {size - 7} bytes, expected {size}" in truncated

    wrong = CONTENT[::-1]
    (mirror / "table.csv").write_bytes(wrong)
    found = hashlib.sha256(wrong).hexdigest()
    message = failure(of_mirror=mirror)
    assert f"has the wrong content: its sha256 is {found}, expected {source.sha256}" in message
    assert "delete the wrong file" in message

    (mirror / "table.csv").unlink()
    assert "has no table.csv, nor a file of its hash" in failure(of_mirror=mirror)
    assert "has no address and no mirror is set" in failure()
    assert "Note: fetched by hand" in failure()

    wrong_server, gone = serve(wrong), serve(CONTENT, 404)
    message = failure(wrong_server.address, gone.address, "http://127.0.0.1:9/x")
    assert f"(1) {wrong_server.address} has the wrong content: its sha256 is {found}" in message
    assert f"(2) {gone.address} answered HTTP 404" in message
    assert "(3) http://127.0.0.1:9/x is unreachable" in message
    assert list(folder.iterdir()) == []


def test_a_broken_download_is_kept_for_the_next_run(folder: Path, serve: Serve) -> None:
    broken = serve(CONTENT, "break", 500)
    with pytest.raises(SourceError, match="HTTP 500"):
        get(make(broken.address), folder)
    assert (folder / "table.csv.part").read_bytes() == CONTENT[: len(CONTENT) // 2]
    get(make(broken.address), folder)
    assert broken.ranges[-1] == f"bytes={len(CONTENT) // 2}-"
    assert (folder / "table.csv").read_bytes() == CONTENT


def test_check_tells_states_apart(folder: Path) -> None:
    source = make()
    assert check(source, folder) is Status.MISSING
    folder.mkdir(parents=True)
    (folder / "table.csv").write_bytes(CONTENT[::-1])
    assert check(source, folder) is Status.CORRUPT
    assert check(source, folder, hash_it=False) is Status.PRESENT
    (folder / "table.csv").write_bytes(CONTENT + b"x")
    assert check(source, folder, hash_it=False) is Status.CORRUPT
    (folder / "table.csv").write_bytes(CONTENT)
    assert check(source, folder) is Status.VERIFIED


def test_alternatives_prefer_what_is_here_then_the_mirror_then_the_network(
    folder: Path, mirror: Path
) -> None:
    archive = make("https://example.org/archive.csv", name="archive", content=b"archive")
    packed = make(name="packed", content=b"packed")
    sources = {"archive": archive, "packed": packed}
    names = ["archive", "packed"]
    assert resolve_alternatives(names, sources, folder) is archive
    (mirror / "packed.csv").write_bytes(b"packed")
    assert resolve_alternatives(names, sources, folder, mirror) is packed
    (mirror / "archive.csv").write_bytes(b"archive")
    assert resolve_alternatives(names, sources, folder, mirror) is archive
    folder.mkdir(parents=True)
    (folder / "packed.csv").write_bytes(b"packed")
    assert resolve_alternatives(names, sources, folder, mirror) is packed


def test_alternatives_that_cannot_be_had_say_why(folder: Path, mirror: Path) -> None:
    sources = {"packed": make(name="packed", content=b"packed")}
    with pytest.raises(SourceError, match=r"packed\.csv \(no mirror is set\).*NASCAST_MIRROR"):
        resolve_alternatives(["packed"], sources, folder)
    (mirror / "packed.csv").write_bytes(b"pack")
    with pytest.raises(SourceError, match=r"packed\.csv \(has a packed\.csv that is truncated"):
        resolve_alternatives(["packed"], sources, folder, mirror)
    with pytest.raises(SourceError, match="there is no source archive; there are packed"):
        resolve_alternatives(["archive"], sources, folder)
    with pytest.raises(SourceError, match="none was named"):
        resolve_alternatives([], sources, folder)


def test_the_mirror_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, mirror: Path
) -> None:
    monkeypatch.delenv("NASCAST_MIRROR", raising=False)
    assert mirror_from_environment() is None
    monkeypatch.setenv("NASCAST_MIRROR", str(mirror))
    assert mirror_from_environment() == mirror
    monkeypatch.setenv("NASCAST_MIRROR", str(mirror / "none"))
    with pytest.raises(SourceError, match=r"NASCAST_MIRROR=.*none is not a folder"):
        mirror_from_environment()
    assert find_in_mirror(make(), mirror / "none")[1].startswith("cannot be read")


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match=r"cannot write .*table\.csv"):
        get(make(serve(CONTENT).address), tmp_path / "file" / "sub")


def unhashed(*addresses: str) -> Source:
    fields = make(*addresses).model_dump() | {"sha256": None, "bytes": None}
    return Source.model_validate(fields)


def test_a_source_without_a_hash_is_present_at_best(folder: Path, mirror: Path) -> None:
    source = unhashed()
    assert check(source, folder) is Status.MISSING
    (mirror / "other.csv").write_bytes(CONTENT)
    with pytest.raises(SourceError, match=r"cannot get table\.csv \(size unknown, no hash\)"):
        get(source, folder, mirror)
    (mirror / "table.csv").write_bytes(b"")
    with pytest.raises(SourceError, match=r"a table\.csv that is empty|has no table\.csv"):
        get(source, folder, mirror)
    (mirror / "table.csv").write_bytes(CONTENT)
    assert get(source, folder, mirror).read_bytes() == CONTENT
    assert check(source, folder) is Status.PRESENT


def test_a_download_is_announced_with_its_size_and_time(folder: Path, serve: Serve) -> None:
    address = serve(CONTENT).address
    for changes, said in (
        ({}, "size 0.1 MB, 0 seconds at 10 MB/s"),
        ({"bytes": None, "approximate_bytes": 1_950_000_000}, "size about 1950 MB, 3 minutes at"),
        ({"bytes": None, "sha256": None}, "size unknown; its publisher gives no hash, so it is"),
    ):
        source = Source.model_validate(make(address).model_dump() | changes)
        stream = io.StringIO()
        fetch(source, folder, None, FAST, stream)
        assert stream.getvalue().startswith(f"table.csv: downloading {address}, {said}")
        (folder / "table.csv").unlink()
