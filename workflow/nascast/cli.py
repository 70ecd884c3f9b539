"""The ``nascast`` command. Each subcommand imports what it needs, so that starting stays fast."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import nascast
from nascast.commands import explain, rank, table
from nascast.errors import NascastError
from nascast.sources_command import add_sources

_CONFIG = Path("config")
_FAILURE = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    0 done, 1 failed or interrupted, 2 wrong usage (argparse), 3 done in part (``rank``).
    """
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
    add_sources(commands)
    _add_config(commands)
    for command in (rank, explain, table):
        command.add(commands)
    return parser


def _add_config(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    config = commands.add_parser(
        "config",
        help="write the shipped settings, or check a file of yours",
        description="Write the settings of the shipped tiers, or check a file of settings.",
    )
    actions = config.add_subparsers(required=True, metavar="ACTION")
    write = actions.add_parser(
        "write",
        help="write the shipped tiers and the schema",
        description="Write the shipped tiers (config.yaml, tabular.yaml, paper.yaml) and "
        "schema.json, over files of these names.",
    )
    write.add_argument(
        "--to",
        type=Path,
        default=_CONFIG,
        metavar="DIR",
        help=f"folder to write to (default: {_CONFIG})",
    )
    write.set_defaults(run=_write_config)
    check = actions.add_parser(
        "check",
        help="say whether a file of settings is valid",
        description="Check a file of settings: print OK, or everything that is wrong.",
    )
    check.add_argument("file", type=Path, metavar="FILE", help="YAML file of a tier")
    check.set_defaults(run=_check_config)


def _write_config(options: argparse.Namespace) -> int:
    import json

    from nascast.config import schema, to_yaml
    from nascast.io.atomic import atomic_write_text
    from nascast.tiers import HEADINGS, TIERS

    texts = {f"{name}.yaml": to_yaml(make(), HEADINGS[name]) for name, make in TIERS.items()}
    texts["schema.json"] = json.dumps(schema(), indent=1) + "\n"
    for name, text in texts.items():
        atomic_write_text(options.to / name, text)
        print(options.to / name)
    return 0


def _check_config(options: argparse.Namespace) -> int:
    from nascast.config import load
    from nascast.predictors import registry
    from nascast.sections import ConfigError

    try:
        config = load(options.file)
    except ConfigError as error:  # one line a setting that is wrong, so not main's single line
        print(f"nascast: error: {error}", file=sys.stderr)
        return _FAILURE
    for experiment in config.experiments.values():
        for predictor in experiment.predictors:
            registry.module_of(predictor)
    counts = f"{len(config.experiments)} experiments, {len(config.tables)} tables"
    print(f"{options.file}: OK (tier {config.tier}, {counts})")
    return 0


def _list_sources(options: argparse.Namespace) -> int:
    from nascast.io.catalogue import load_sources
    from nascast.io.sources import MIRROR_VARIABLE, check

    header = ("name", "version", "status", "MB", "licence", "needed by", "from")
    rows = [
        (
            source.name,
            source.version[:10],
            str(check(source, _folder(options), hash_it=False)),
            f"{source.bytes / 1e6:.1f}",
            source.licence,
            ", ".join(source.needed_by),
            source.addresses[0] if source.addresses else f"a mirror only ({MIRROR_VARIABLE})",
        )
        for source in load_sources(options.catalogue).values()
    ]
    print(aligned(header, rows), end="")
    return 0


def _fetch_source(options: argparse.Namespace) -> int:
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


def _verify_sources(options: argparse.Namespace) -> int:
    from nascast.io.catalogue import load_sources
    from nascast.io.sources import Status, check

    rows: list[tuple[str, ...]] = []
    corrupt: list[Source] = []
    for source in load_sources(options.catalogue).values():
        status = check(source, _folder(options))
        rows.append((source.name, source.filename, str(status)))
        if status is Status.CORRUPT:
            corrupt.append(source)
    print(aligned(("name", "file", "status"), rows), end="")
    if corrupt:
        files = ", ".join(str(_folder(options) / source.filename) for source in corrupt)
        names = " ".join(source.name for source in corrupt)
        raise NascastError(f"corrupt: {files}; run `nascast sources fetch` for: {names}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
