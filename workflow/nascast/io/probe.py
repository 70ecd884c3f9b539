"""Whether addresses still answer, without downloading what is behind them."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import nascast

_REFUSES_HEAD = frozenset({400, 403, 405, 501})
_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Probe:
    """What an address answers.

    Attributes:
        address: the address.
        fault: what is wrong, or None.
        bytes: size of the file, if the server says so.
    """

    address: str
    fault: str | None
    bytes: int | None = None


def probe(address: str, timeout: float = 10.0) -> Probe:
    """Ask an address for the head of its file; where that is refused, for its first byte.

    Args:
        address: http or https address.
        timeout: seconds without an answer after which an address counts as dead.
    """
    answer = _ask(address, "HEAD", timeout)
    return answer if isinstance(answer, Probe) else _ask_again(address, answer, timeout)


def probe_all(addresses: Sequence[str], timeout: float = 10.0) -> list[Probe]:
    """Probe several addresses at once; the results keep their order."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(lambda address: probe(address, timeout), addresses))


def _ask_again(address: str, code: int, timeout: float) -> Probe:
    answer = _ask(address, "GET", timeout)
    return answer if isinstance(answer, Probe) else Probe(address, f"answers HTTP {answer or code}")


def _ask(address: str, method: str, timeout: float) -> Probe | int:
    """Return what one request tells, or the status code of a server that may refuse the method."""
    headers = {"User-Agent": f"nascast/{nascast.__version__}"}
    if method == "GET":
        headers["Range"] = "bytes=0-0"
    request = urllib.request.Request(address, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            if response.headers.get("Content-Type", "").startswith("text/html"):
                return Probe(address, "answers with a web page instead of the file")
            return Probe(address, None, _size(response))
    except urllib.error.HTTPError as error:
        with error:
            if error.code in _REFUSES_HEAD:
                return error.code
            return Probe(address, f"answers HTTP {error.code} {error.reason}")
    except urllib.error.URLError as error:
        return Probe(address, f"is unreachable ({error.reason})")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Probe(address, f"is unreachable ({type(error).__name__}: {error})")


def _size(response: http.client.HTTPResponse) -> int | None:
    """Return the size of the whole file, of which a range may have been sent."""
    whole = response.headers.get("Content-Range", "").rpartition("/")[2]
    length = whole or response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None
