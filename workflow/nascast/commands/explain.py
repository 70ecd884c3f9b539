"""``nascast explain``: one candidate's graph, features, and where its score comes from."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from nascast.commands.places import INPUTS, Teller, add_candidates, predictor

if TYPE_CHECKING:
    from nascast.ranking.base import Candidate, Network
    from nascast.ranking.candidates import Given


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "explain",
        help="show a network's graph, its features and its score",
        description="Show a network's layers, computation graph, size, zero-cost proxies, and "
        "where its score comes from.",
    )
    parser.add_argument("candidates", metavar="CANDIDATE", help=INPUTS)
    parser.add_argument("--name", metavar="N", help="which of several networks")
    parser.add_argument(
        "--predictor", type=predictor, default="auto", metavar="NAME", help="as in nascast rank"
    )
    parser.add_argument(
        "--svg",
        type=Path,
        metavar="FILE",
        help="draw the graph: the cell of a known space, else the computation graph",
    )
    add_candidates(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the explanation; write the drawing first, if one is asked for."""
    teller = Teller(options.quiet)
    try:
        with redirect_stdout(sys.stderr):
            text = _explanation(options, teller)
    finally:
        teller.close()
    print(text, end="")
    return 0


def _explanation(options: argparse.Namespace, teller: Teller) -> str:
    from nascast.ranking.api import as_images, make_context, make_setting
    from nascast.ranking.base import CandidateError, RankingError
    from nascast.ranking.candidates import Given, read_candidates
    from nascast.ranking.explain import explain
    from nascast.ranking.looking import look
    from nascast.ranking.scoring import make_ranker, rank_candidates

    images = as_images(options.data, options.input_shape)
    setting = make_setting(options.input_shape, options.classes, images)
    given = read_candidates([options.candidates], setting, options.space)
    candidate = _named(given, options.name)
    try:
        network = look(candidate, setting)
    except CandidateError as error:
        raise RankingError(f"{candidate.name}: {error} ({candidate.place})") from error
    if options.svg is not None:
        _draw(network, options.svg)
    context = make_context(
        images,
        options.budget,
        options.seeds,
        options.batch_size,
        options.device,
        options.models,
        teller,
    )
    only = Given([candidate], [])
    ranking = rank_candidates(only, make_ranker(options.predictor), setting, context)
    return explain(network, ranking, context)


def _named(given: Given, name: str | None) -> Candidate:
    from nascast.ranking.base import RankingError

    for failure in given.failures:
        if name in (None, failure.name) and not given.candidates:
            raise RankingError(f"{failure.name}: {failure.error} ({failure.place})")
    names = [candidate.name for candidate in given.candidates]
    if name is None and len(names) == 1:
        return given.candidates[0]
    if name not in names:
        what = "say which network with --name" if name is None else f"there is no network {name!r}"
        raise RankingError(f"{what}; there are {', '.join(names)}")
    return given.candidates[names.index(name)]


def _draw(network: Network, path: Path) -> None:
    from nascast.io.atomic import atomic_write_text
    from nascast.ranking.explain import cell_of
    from nascast.report.graph_drawing import cell_figure, computation_figure

    name, graph, cell = network.name, network.graph, cell_of(network)
    if cell is not None:
        drawn = cell_figure("cell", name, cell.operations, cell.edges)
    else:
        kernels = [(int(h), int(w)) for h, w in graph.kernels]
        sizes = [(int(h), int(w), int(c)) for h, w, c in graph.shapes[:, 3:]]
        edges = [(int(source), int(target)) for source, target in graph.edges]
        drawn = computation_figure("graph", name, graph.type_names, kernels, sizes, edges)
    atomic_write_text(path, drawn.svg())
