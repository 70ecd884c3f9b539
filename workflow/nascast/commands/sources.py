"""``nascast sources``: lists, fetches, verifies and probes the published files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nascast.errors import NascastError
from nascast.io.text_table import aligned

if TYPE_CHECKING:
    from nascast.io.catalogue import Source

_CATALOGUE = Path("config") / "sources.yaml"
_TIER = "tabular"  # the smallest tier that needs published files
# Files up to this size are hashed for the list, the larger ones by `nascast sources verify`.
_HASHED_BYTES = 1 << 26


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser of ``nascast``."""
    sources = commands.add_parser(
        "sources",
        help="list, fetch and check the published files",
        description="List the published files and their state, or fetch, verify or probe them. The "
        "workflow fetches what it needs by itself and keeps it in the same folder.",
    )
    _add_places(sources, _CATALOGUE, _TIER, None)
    sources.set_defaults(run=_list)
    actions = sources.add_subparsers(metavar="ACTION")
    fetch = actions.add_parser("fetch", help="fetch and verify one source")
    fetch.add_argument("name", metavar="NAME", help="name of the source, or what it provides")
    fetch.set_defaults(run=_fetch)
    verify = actions.add_parser("verify", help="hash every fetched file")
    verify.set_defaults(run=_verify)
    check = actions.add_parser("check", help="ask every address whether it still answers")
    check.add_argument("names", metavar="NAME", nargs="*", help="sources (default: all)")
    check.add_argument(
        "--timeout", type=float, default=10.0, metavar="SECONDS", help="for an answer (default: 10)"
    )
    check.set_defaults(run=_check)
    for action in (fetch, verify, check):  # no defaults: they would undo what stands before ACTION
        _add_places(action, *[argparse.SUPPRESS] * 3)


def _add_places(
    parser: argparse.ArgumentParser, catalogue: Path | str, tier: str, folder: str | None
) -> None:
    parser.add_argument(
        "--catalogue",
        type=Path,
        default=catalogue,
        metavar="FILE",
        help=f"list of sources (default: {_CATALOGUE})",
    )
    parser.add_argument(
        "--tier",
        default=tier,
        metavar="NAME",
        help=f"whose files, those in results/NAME/sources (default: {_TIER})",
    )
    parser.add_argument(
        "--to", type=Path, default=folder, metavar="DIR", help="another folder of fetched files"
    )


def _folder(options: argparse.Namespace) -> Path:
    """Return where the files are: the workflow's folder of a tier, or the one that was named."""
    named: Path | None = options.to
    return named or Path("results", options.tier, "sources")


def _list(options: argparse.Namespace) -> int:
    from nascast.io.catalogue import load_sources
    from nascast.io.sources import MIRROR_VARIABLE

    header = ("name", "version", "status", "size", "licence", "needed by", "from")
    rows = [
        (
            source.name,
            source.version[:10],
            _status(source, _folder(options)),
            source.size_text,
            source.licence,
            ", ".join(source.needed_by),
            source.addresses[0] if source.addresses else f"a mirror only ({MIRROR_VARIABLE})",
        )
        for source in load_sources(options.catalogue).values()
    ]
    print(aligned(header, rows), end="")
    return 0


def _status(source: Source, folder: Path) -> str:
    """Return the state of a source; files that take long to hash are at most present."""
    from nascast.io.sources import check

    path = folder / source.filename
    is_small = path.is_file() and path.stat().st_size <= _HASHED_BYTES
    return str(check(source, folder, hash_it=is_small))


def _fetch(options: argparse.Namespace) -> int:
    from nascast.io.catalogue import get_source, load_sources, providers
    from nascast.io.sources import fetch, mirror_from_environment, resolve_alternatives

    sources = load_sources(options.catalogue)
    needs = {source.provides for source in sources.values()}
    mirror = mirror_from_environment()
    if options.name in needs:
        names = providers(sources, options.name)
        source = resolve_alternatives(names, sources, _folder(options), mirror)
    else:
        source = get_source(sources, options.name)
    print(fetch(source, _folder(options), mirror))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from nascast.io.catalogue import load_sources
    from nascast.io.sources import Status, check

    rows: list[tuple[str, ...]] = []
    corrupt: list[Source] = []
    for source in load_sources(options.catalogue).values():
        status = check(source, _folder(options))
        unverified = status is Status.PRESENT and not source.checksum
        rows.append((source.name, source.filename, f"{status}, no hash" if unverified else status))
        if status is Status.CORRUPT:
            corrupt.append(source)
    print(aligned(("name", "file", "status"), rows), end="")
    if corrupt:
        files = ", ".join(str(_folder(options) / source.filename) for source in corrupt)
        names = " ".join(source.name for source in corrupt)
        raise NascastError(f"corrupt: {files}; run `nascast sources fetch` for: {names}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from nascast.io.catalogue import get_source, load_sources
    from nascast.io.probe import probe_all

    sources = load_sources(options.catalogue)
    chosen = [get_source(sources, name) for name in options.names] or list(sources.values())
    asked = [(source, address) for source in chosen for address in source.addresses]
    probes = probe_all([address for _, address in asked], options.timeout)
    rows: list[tuple[str, ...]] = []
    alive: set[str] = set()
    for (source, address), answer in zip(asked, probes, strict=True):
        fault = answer.fault
        if fault is None and source.bytes and answer.bytes not in (None, source.bytes):
            fault = f"has {answer.bytes} bytes, expected {source.bytes}"
        if fault is None:
            alive.add(source.name)
        rows.append((source.name, fault or "answers", address))
    rows += [(source.name, "a mirror only", "") for source in chosen if not source.addresses]
    print(aligned(("name", "state", "address"), rows), end="")
    dead = [source.name for source in chosen if source.addresses and source.name not in alive]
    if dead:
        raise NascastError(
            f"no address answers of {', '.join(dead)}; docs/sources.md says where else to look"
        )
    return 0
