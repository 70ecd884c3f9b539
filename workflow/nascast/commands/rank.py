"""``nascast rank``: a ranking of candidates."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from nascast.commands.places import INPUTS, Teller, add_candidates, predictor

if TYPE_CHECKING:
    from nascast.ranking.scoring import Ranking

DONE, NOTHING, SOME_BAD = 0, 1, 3


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "rank",
        help="rank networks before they are trained",
        description="Rank networks before they are trained. Exit code 0: all are ranked; 1: none "
        "is; 2: wrong usage; 3: some are ranked and some cannot be, each on a line of its own.",
    )
    parser.add_argument("candidates", nargs="+", metavar="CANDIDATES", help=INPUTS)
    parser.add_argument(
        "--predictor",
        type=predictor,
        default="auto",
        metavar="NAME",
        help="auto (the best that we measured within the budget; default), a zero-cost proxy, "
        "params, macs, flops, or nap2 (trains partially on --data)",
    )
    add_candidates(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="default: table"
    )
    form.add_argument(
        "--json",
        action="store_const",
        const="json",
        dest="format",
        help="the same as --format json",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write there, at once and as a whole"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Rank, and return the exit code."""
    from nascast.io.atomic import atomic_write_text
    from nascast.ranking.formats import FORMATS

    teller = Teller(options.quiet)
    try:
        with redirect_stdout(sys.stderr):  # what the user's code prints is not part of the ranking
            ranking = make_ranking(options, teller)
    finally:
        teller.close()
    text = FORMATS[options.format](ranking)
    if options.output is None:
        print(text, end="")
    else:
        atomic_write_text(options.output, text)
    return exit_code(ranking)


def make_ranking(options: argparse.Namespace, teller: Teller) -> Ranking:
    """Return the ranking that the options ask for."""
    from nascast.ranking.api import as_images, make_context, make_setting
    from nascast.ranking.candidates import read_candidates
    from nascast.ranking.scoring import make_ranker, rank_candidates

    images = as_images(options.data, options.input_shape)
    setting = make_setting(options.input_shape, options.classes, images)
    context = make_context(
        images,
        options.budget,
        options.seeds,
        options.batch_size,
        options.device,
        options.models,
        teller,
    )
    given = read_candidates(options.candidates, setting, options.space)
    return rank_candidates(given, make_ranker(options.predictor), setting, context)


def exit_code(ranking: Ranking) -> int:
    """Return 0 where all are ranked, 3 where some are, 1 where none is; say so if not all are."""
    bad, every = len(ranking.failures), len(ranking.failures) + len(ranking.places)
    if not bad:
        return DONE
    print(f"nascast: {bad} of {every} candidates could not be ranked", file=sys.stderr)
    return SOME_BAD if ranking.places else NOTHING
