"""A web server on this machine that can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class FileServer:
    """Serves ``content``; each entry of ``faults`` spoils one request, in order.

    Faults: an integer is an HTTP status; ``"break"`` closes the connection half-way;
    ``"no range"`` ignores a Range header; ``"wrong range"`` resumes at another byte; ``"page"``
    calls it a web page. ``heads`` counts requests for the head only.
    """

    content: bytes
    faults: list[int | str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    heads: int = 0
    address: str = ""


@pytest.fixture
def serve() -> Iterator[Callable[..., FileServer]]:
    servers: list[ThreadingHTTPServer] = []

    def start(content: bytes, *faults: int | str) -> FileServer:
        state = FileServer(content, list(faults))

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("Range")
                state.ranges.append(asked)
                fault = state.faults.pop(0) if state.faults else None
                if isinstance(fault, int):
                    self.send_error(fault)
                    return
                start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
                start = 0 if fault == "no range" else start
                total = len(state.content)
                body = state.content[start:]
                if asked == "bytes=0-0":
                    body = body[:1]
                partial = bool(start) or asked == "bytes=0-0"
                self.send_response(206 if partial else 200)
                if fault == "page":
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                if partial:
                    told = start + 1 if fault == "wrong range" else start
                    self.send_header("Content-Range", f"bytes {told}-{total - 1}/{total}")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if fault == "break" else body)

            def do_HEAD(self) -> None:
                state.heads += 1
                fault = state.faults.pop(0) if state.faults else None
                if isinstance(fault, int):
                    self.send_error(fault)
                    return
                self.send_response(200)
                if fault == "page":
                    self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(state.content)))
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the tests read standard error."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        state.address = f"http://127.0.0.1:{server.server_port}/file.bin"
        return state

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
