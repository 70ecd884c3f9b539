import io
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from nascast.io.atomic import WriteError
from nascast.io.download import DownloadError, DownloadPolicy, _exclusive, download

CONTENT = bytes(index * 7 % 256 for index in range(300_000))
FAST = DownloadPolicy(attempts=3, timeout=2.0, backoff=0.01, report_every=0.0)
Serve = Callable[..., object]


def get(server: object, part: Path, size: int = len(CONTENT), restart: bool = False) -> io.StringIO:
    stream = io.StringIO()
    download(server.address, part, size, FAST, stream, restart)  # type: ignore[attr-defined]
    return stream


def test_downloads_and_reports_progress(serve: Serve, tmp_path: Path) -> None:
    stream = get(serve(CONTENT), tmp_path / "f.part")
    assert (tmp_path / "f.part").read_bytes() == CONTENT
    last = stream.getvalue().splitlines()[-1]
    assert last.startswith("f.part: 0.3 of 0.3 MB (100%), ")
    assert last.endswith(" MB/s, 0 s left")


def test_goes_on_where_a_broken_connection_stopped(serve: Serve, tmp_path: Path) -> None:
    server = serve(CONTENT, "break", "break")
    stream = get(server, tmp_path / "f.part")
    assert (tmp_path / "f.part").read_bytes() == CONTENT
    half, three_quarters = len(CONTENT) // 2, len(CONTENT) * 3 // 4
    assert server.ranges == [None, f"bytes={half}-", f"bytes={three_quarters}-"]
    assert f"after {half} of {len(CONTENT)} bytes" in stream.getvalue()
    assert "next try in 0.01 s" in stream.getvalue()
    assert "next try in 0.02 s" in stream.getvalue()


def test_goes_on_where_an_earlier_process_stopped(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(CONTENT[:1000])
    server = serve(CONTENT)
    get(server, tmp_path / "f.part")
    assert (tmp_path / "f.part").read_bytes() == CONTENT
    assert server.ranges == ["bytes=1000-"]


def test_a_complete_part_asks_for_nothing(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(CONTENT)
    server = serve(CONTENT)
    get(server, tmp_path / "f.part")
    assert server.ranges == []


@pytest.mark.parametrize("fault", ["no range", "wrong range"])
def test_a_server_that_cannot_resume_sends_everything(
    serve: Serve, tmp_path: Path, fault: str
) -> None:
    (tmp_path / "f.part").write_bytes(CONTENT[:1000])
    get(serve(CONTENT, fault), tmp_path / "f.part")
    assert (tmp_path / "f.part").read_bytes() == CONTENT


@pytest.mark.parametrize("held", [CONTENT + b"more", b"other"])
def test_restart_and_too_long_parts_begin_anew(serve: Serve, tmp_path: Path, held: bytes) -> None:
    (tmp_path / "f.part").write_bytes(held)
    server = serve(CONTENT)
    get(server, tmp_path / "f.part", restart=len(held) < len(CONTENT))
    assert (tmp_path / "f.part").read_bytes() == CONTENT
    assert server.ranges == [None]


def test_waits_out_a_server_in_trouble(serve: Serve, tmp_path: Path) -> None:
    server = serve(CONTENT, 500, 429)
    stream = get(server, tmp_path / "f.part")
    assert (tmp_path / "f.part").read_bytes() == CONTENT
    assert "HTTP 500" in stream.getvalue()
    assert len(server.ranges) == 3


def test_gives_up_after_the_last_try(serve: Serve, tmp_path: Path) -> None:
    server = serve(CONTENT, 503, 503, 503)
    with pytest.raises(DownloadError, match=r"answered HTTP 503 .*, 3 times"):
        get(server, tmp_path / "f.part")
    assert len(server.ranges) == 3


def test_does_not_repeat_what_cannot_succeed(serve: Serve, tmp_path: Path) -> None:
    server = serve(CONTENT, 404)
    with pytest.raises(DownloadError, match=r"^answered HTTP 404 Not Found$"):
        get(server, tmp_path / "f.part")
    assert len(server.ranges) == 1


def test_stops_a_file_that_is_too_long(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="sends more than the expected 1000 bytes"):
        get(serve(CONTENT), tmp_path / "f.part", size=1000)
    assert (tmp_path / "f.part").stat().st_size == 0


def test_a_file_that_stays_too_short_is_an_error(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="times"):
        get(serve(CONTENT), tmp_path / "f.part", size=len(CONTENT) + 5)


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/f"
    with pytest.raises(DownloadError, match=r"is unreachable \(.*refused\), 3 times"):
        download(address, tmp_path / "f.part", 3, FAST, io.StringIO())


def test_a_silent_server_times_out(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/f"
        policy = DownloadPolicy(attempts=1, timeout=0.1)
        with pytest.raises(DownloadError, match="timed out"):
            download(address, tmp_path / "f.part", 3, policy, io.StringIO())


def test_two_processes_do_not_mix_their_bytes(serve: Serve, tmp_path: Path) -> None:
    with (
        _exclusive(tmp_path / "f.part"),
        pytest.raises(WriteError, match=r"another process is downloading .*f\.part"),
    ):
        get(serve(CONTENT), tmp_path / "f.part")


def test_a_file_of_unknown_size_is_as_long_as_the_server_says(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(CONTENT[:1000])
    server = serve(CONTENT, "break")
    stream = io.StringIO()
    download(server.address, tmp_path / "f.part", None, FAST, stream)
    assert (tmp_path / "f.part").read_bytes() == CONTENT
    assert server.ranges == [None, None]
    assert f"connection closed after {len(CONTENT) // 2} of {len(CONTENT)}" in stream.getvalue()


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_web_page_is_not_taken_for_the_file(
    serve: Serve, tmp_path: Path, size: int | None
) -> None:
    with pytest.raises(DownloadError, match="sends a web page instead of the file"):
        download(serve(CONTENT, "page").address, tmp_path / "f.part", size, FAST, io.StringIO())
