"""``nascast table``: a table of the results, or how to make it."""

from __future__ import annotations

import argparse
import difflib
from pathlib import Path

from nascast.errors import NascastError

FORMATS = ("md", "tex", "csv")
_DEFAULT_TIER = "mini"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "table",
        help="print a finished table, or how to make it",
        description="Print a table of results/TIER/tables, or say which command makes it.",
    )
    parser.add_argument("name", metavar="NAME", help="name of the table, e.g. nap2_table4")
    parser.add_argument("--format", choices=FORMATS, default="md", help="default: md")
    parser.add_argument(
        "--tier", default=_DEFAULT_TIER, metavar="NAME", help=f"default: {_DEFAULT_TIER}"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table."""
    folder = Path("results", options.tier, "tables")
    path = folder / f"{options.name}.{options.format}"
    try:
        print(path.read_text("utf-8"), end="")
    except OSError as error:
        raise NascastError(_how_to_make(path, options.name, options.tier)) from error
    return 0


def _how_to_make(path: Path, name: str, tier: str) -> str:
    """Return what to do about a table that is not there."""
    from nascast.tiers import HEADINGS, TIERS

    configs = {make().tier: (file, make()) for file, make in TIERS.items()}
    if tier not in configs:
        return (
            f"there is no {path}; {tier} is none of the shipped tiers {', '.join(configs)}, so "
            f"make the table with `snakemake {path} --cores 2 --configfile FILE`, your own settings"
        )
    file, config = configs[tier]
    declared = [*config.tables, *config.searches]
    there = sorted({found.stem for found in path.parent.glob(f"*{path.suffix}")})
    known = list(dict.fromkeys([*declared, *there]))
    if name not in known:
        close = difflib.get_close_matches(name, known, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}"
        return f"the tier {tier} has no table {name!r}: {hint}"
    behind = "" if file == next(iter(HEADINGS)) else f" --configfile config/{file}.yaml"
    return f"there is no {path} yet; make it with `snakemake {path} --cores 2{behind}`"
