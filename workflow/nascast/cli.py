"""The ``nascast`` command. Each subcommand imports what it needs, so that starting stays fast."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import nascast
from nascast.errors import NascastError

if TYPE_CHECKING:
    from nascast.io.catalogue import Source

_CATALOGUE = Path("config/sources.yaml")
_FOLDER = Path("results/sources")
_FAILURE = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 failed, 2 wrong usage (argparse)."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except NascastError as error:
        print(f"nascast: error: {' '.join(str(error).split())}", file=sys.stderr)
        return _FAILURE
    except BrokenPipeError:  # the reader of our output has seen enough, as in `nascast ... | head`
        sys.stderr.close()
        return _FAILURE
    except KeyboardInterrupt:
        print("nascast: interrupted; the same command goes on from here", file=sys.stderr)
        return _FAILURE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nascast", description=nascast.__doc__)
    parser.add_argument("--version", action="version", version=f"nascast {nascast.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_sources(commands)
    return parser


def _add_sources(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sources = commands.add_parser("sources", help="list, fetch and check the published files")
    _add_places(sources, _CATALOGUE, _FOLDER)
    sources.set_defaults(run=_list_sources)
    actions = sources.add_subparsers(metavar="ACTION")
    fetch = actions.add_parser("fetch", help="fetch and verify one source")
    fetch.add_argument("name", metavar="NAME", help="name of the source, or what it provides")
    fetch.set_defaults(run=_fetch_source)
    verify = actions.add_parser("verify", help="hash every fetched file")
    verify.set_defaults(run=_verify_sources)
    for action in (fetch, verify):  # no defaults here: they would undo what stands before ACTION
        _add_places(action, argparse.SUPPRESS, argparse.SUPPRESS)


def _add_places(parser: argparse.ArgumentParser, catalogue: Path | str, folder: Path | str) -> None:
    parser.add_argument(
        "--catalogue",
        type=Path,
        default=catalogue,
        metavar="FILE",
        help=f"list of sources (default: {_CATALOGUE})",
    )
    parser.add_argument(
        "--to",
        type=Path,
        default=folder,
        metavar="DIR",
        help=f"folder of fetched files (default: {_FOLDER})",
    )


def _list_sources(options: argparse.Namespace) -> int:
    from nascast.io.catalogue import load_sources
    from nascast.io.sources import MIRROR_VARIABLE, check

    header = ("name", "version", "status", "MB", "licence", "needed by", "from")
    rows = [
        (
            source.name,
            source.version[:10],
            str(check(source, options.to, hash_it=False)),
            f"{source.bytes / 1e6:.1f}",
            source.licence,
            ", ".join(source.needed_by),
            source.addresses[0] if source.addresses else f"a mirror only ({MIRROR_VARIABLE})",
        )
        for source in load_sources(options.catalogue).values()
    ]
    _print_table(header, rows)
    return 0


def _fetch_source(options: argparse.Namespace) -> int:
    from nascast.io.catalogue import get_source, load_sources, providers
    from nascast.io.sources import fetch, mirror_from_environment, resolve_alternatives

    sources = load_sources(options.catalogue)
    needs = {source.provides for source in sources.values()}
    mirror = mirror_from_environment()
    if options.name in needs:
        names = providers(sources, options.name)
        source = resolve_alternatives(names, sources, options.to, mirror)
    else:
        source = get_source(sources, options.name)
    print(fetch(source, options.to, mirror))
    return 0


def _verify_sources(options: argparse.Namespace) -> int:
    from nascast.io.catalogue import load_sources
    from nascast.io.sources import Status, check

    rows: list[tuple[str, ...]] = []
    corrupt: list[Source] = []
    for source in load_sources(options.catalogue).values():
        status = check(source, options.to)
        rows.append((source.name, source.filename, str(status)))
        if status is Status.CORRUPT:
            corrupt.append(source)
    _print_table(("name", "file", "status"), rows)
    if corrupt:
        files = ", ".join(str(options.to / source.filename) for source in corrupt)
        names = " ".join(source.name for source in corrupt)
        raise NascastError(f"corrupt: {files}; run `nascast sources fetch` for: {names}")
    return 0


def _print_table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    sys.exit(main())
