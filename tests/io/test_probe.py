from collections.abc import Callable

import pytest

from nascast.io.probe import Probe, probe, probe_all

CONTENT = b"published" * 100
Serve = Callable[..., object]


def test_an_address_that_answers_tells_the_size(serve: Serve) -> None:
    server = serve(CONTENT)
    assert probe(server.address) == Probe(server.address, None, 900)
    assert (server.heads, server.ranges) == (1, [])


@pytest.mark.parametrize("code", [403, 405])
def test_where_the_head_is_refused_one_byte_is_asked_for(serve: Serve, code: int) -> None:
    server = serve(CONTENT, code)
    assert probe(server.address) == Probe(server.address, None, 900)
    assert server.ranges == ["bytes=0-0"]
    server = serve(CONTENT, code, code)
    assert probe(server.address).fault == f"answers HTTP {code}"


@pytest.mark.parametrize(
    ("fault", "said"),
    [(404, "answers HTTP 404 Not Found"), ("page", "answers with a web page instead of the file")],
)
def test_faults_are_named(serve: Serve, fault: int | str, said: str) -> None:
    assert probe(serve(CONTENT, fault).address).fault == said


def test_dead_addresses_are_named_in_order(serve: Serve) -> None:
    server = serve(CONTENT)
    found = probe_all(["http://127.0.0.1:9/x", server.address, "http://no host/"], timeout=2.0)
    assert found[0].fault is not None
    assert found[0].fault.startswith("is unreachable")
    assert found[1].fault is None
    assert found[2].fault is not None
