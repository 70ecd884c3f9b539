"""Downloads over HTTP that retry, resume after a break and show their progress."""

from __future__ import annotations

import fcntl
import http.client
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TextIO

import nascast
from nascast.errors import NascastError
from nascast.io.atomic import WriteError

_BLOCK_BYTES = 1 << 16
_RETRIED_STATUS = frozenset({408, 425, 429})


class DownloadError(NascastError):
    """An address did not deliver the bytes; the message is the reason, without advice."""


class _BrokenError(Exception):
    """A failure that may pass: worth another try at the same address."""


@dataclass(frozen=True, slots=True)
class DownloadPolicy:
    """How patient a download is.

    Attributes:
        attempts: tries at one address, at least 1.
        timeout: seconds without a byte after which a connection counts as broken.
        backoff: seconds before the second try; doubled before each further one.
        report_every: seconds between two progress lines.
    """

    attempts: int = 5
    timeout: float = 30.0
    backoff: float = 1.0
    report_every: float = 2.0


class _Progress:
    """One line a while on a stream: bytes and rate; where the total is known, share and time."""

    def __init__(
        self, name: str, total: int | None, have: int, every: float, stream: TextIO
    ) -> None:
        self._name, self._total, self._every, self._stream = name, total, every, stream
        self._first = have
        self._start = self._last = time.monotonic()

    def update(self, have: int) -> None:
        """Print the state if the last line is old enough."""
        now = time.monotonic()
        if now - self._last >= self._every or have == self._total:
            self._last = now
            rate = max(have - self._first, 1) / max(now - self._start, 1e-6)
            whole, left = "", ""
            if self._total is not None:
                whole = f" of {self._total / 1e6:.1f} MB ({have / self._total:.0%})"
                left = f", {(self._total - have) / rate:.0f} s left"
            print(
                f"{self._name}: {have / 1e6:.1f}{whole or ' MB'}, {rate / 1e6:.1f} MB/s{left}",
                file=self._stream,
                flush=True,
            )


def download(
    address: str,
    part: Path,
    size: int | None,
    policy: DownloadPolicy | None = None,
    stream: TextIO | None = None,
    restart: bool = False,
) -> None:
    """Fill ``part`` with the ``size`` bytes behind ``address``, going on from what it holds.

    A broken connection keeps what has arrived, and so does an interrupted process; the next try
    asks for the rest only. A server that does not know how to resume sends everything again.

    Args:
        address: http or https address.
        part: partial file; its folder exists.
        size: number of bytes of the whole file, or None to believe what the server says.
        policy: number of tries and times to wait.
        stream: where progress goes, by default standard error.
        restart: drop what ``part`` holds first.

    Raises:
        DownloadError: the address is unreachable, refuses, sends another number of bytes, or a web
            page instead of the file.
        WriteError: ``part`` cannot be written, or another process is writing it.
    """
    policy = policy or DownloadPolicy()
    stream = stream or sys.stderr
    with _exclusive(part) as output:
        if restart:
            _truncate(output)
        for attempt in range(policy.attempts):
            try:
                _fetch_rest(address, output, part, size, policy, stream)
                os.fsync(output.fileno())
                return
            except _BrokenError as error:
                if attempt + 1 == policy.attempts:
                    raise DownloadError(f"{error}, {policy.attempts} times") from error
                wait = policy.backoff * 2**attempt
                print(f"{part.name}: {error}; next try in {wait:g} s", file=stream, flush=True)
                time.sleep(wait)


@contextmanager
def _exclusive(part: Path) -> Iterator[IO[bytes]]:
    """Open a partial file for one process only."""
    try:
        output = part.open("ab")
    except OSError as error:
        raise WriteError(f"cannot write {part}: {error.strerror}") from error
    with output:
        try:
            fcntl.flock(output, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WriteError(
                f"another process is downloading {part}; wait for it, then run the same again"
            ) from error
        yield output


def _fetch_rest(
    address: str,
    output: IO[bytes],
    part: Path,
    size: int | None,
    policy: DownloadPolicy,
    stream: TextIO,
) -> None:
    have = os.fstat(output.fileno()).st_size
    if size is not None and have == size:
        return
    # Without its size a whole file cannot be told from the start of one.
    if size is None or have > size:
        have = _truncate(output)
    with _open(address, have, policy.timeout) as response:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise DownloadError("sends a web page instead of the file")
        if have and response.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = _truncate(output)
        elif have and not _starts_at(response, have):
            _truncate(output)
            raise _BrokenError("resumed at another byte than asked")
        total = size if size is not None else _stated_size(response)
        progress = _Progress(part.name, total, have, policy.report_every, stream)
        while block := _read_block(response, have, total):
            have += len(block)
            if total is not None and have > total:
                _truncate(output)
                raise DownloadError(f"sends more than the expected {total} bytes")
            _append(output, block, part)
            progress.update(have)
    if total is not None and have < total:
        raise _BrokenError(f"connection closed after {have} of {total} bytes")


def _stated_size(response: http.client.HTTPResponse) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def _open(address: str, have: int, timeout: float) -> http.client.HTTPResponse:
    """Send the request, asking for the bytes from ``have`` on."""
    headers = {"User-Agent": f"nascast/{nascast.__version__}"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(address, headers=headers)
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            message = f"answered HTTP {error.code} {error.reason}"
            if error.code >= 500 or error.code in _RETRIED_STATUS:
                raise _BrokenError(message) from error
            raise DownloadError(message) from error
    except urllib.error.URLError as error:
        raise _BrokenError(f"is unreachable ({error.reason})") from error
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError(f"broke off ({type(error).__name__}: {error})") from error
    return response


def _starts_at(response: http.client.HTTPResponse, have: int) -> bool:
    return response.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _read_block(response: http.client.HTTPResponse, have: int, size: int | None) -> bytes:
    try:
        return response.read1(_BLOCK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
        whole = f" of {size}" if size is not None else ""
        raise _BrokenError(f"connection broke after {have}{whole} bytes ({reason})") from error


def _append(output: IO[bytes], block: bytes, part: Path) -> None:
    try:
        output.write(block)
        output.flush()
    except OSError as error:
        raise WriteError(
            f"cannot write {part}: {error.strerror}; free space on the disk, then run the same "
            "again: it goes on from here"
        ) from error


def _truncate(output: IO[bytes]) -> int:
    output.truncate(0)
    return 0
