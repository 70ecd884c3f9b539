"""Searches on computation graphs, from the best labelled network of a task.

Source: Mills et al. 2023, "GENNAPE", section 'Search' and supplement 'Search Algorithm Details'.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa

from nascast.graphs.computation import ComputationGraph
from nascast.graphs.mutations import mutate
from nascast.graphs.tables import GRAPHS_SCHEMA, graphs_table
from nascast.search.local_search import Candidate, Limits, Moves, Outcome, search_locally
from nascast.stages.graph_scorers import GraphScorer

ROLES = ("start", "found")

GRAPH_SEARCHES_SCHEMA = pa.schema(
    [
        pa.field("search", pa.string(), nullable=False),
        pa.field("task", pa.string(), nullable=False),
        pa.field("scorer", pa.string(), nullable=False),
        pa.field("seed", pa.int32(), nullable=False),
        pa.field("role", pa.string(), nullable=False),
        pa.field("fingerprint", pa.string(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("network_flops", pa.int64(), nullable=False),
        pa.field("network_params", pa.int64(), nullable=False),
        pa.field("nodes", pa.int32(), nullable=False),
        pa.field("round", pa.int32(), nullable=False),
        pa.field("queries", pa.int32(), nullable=False),
        pa.field("seconds", pa.float64(), nullable=False),
        *GRAPHS_SCHEMA,
    ]
)
"""Two rows a (search, task, scorer, seed): where it started and what it found, which may be the
same. ``arch_id`` is that of the start in both; ``queries`` graphs were scored within ``seconds``;
``round`` is the one in which the graph was made. The graph's columns are those that
:func:`nascast.graphs.tables.read_graphs` reads."""


def search_graphs(
    start: ComputationGraph, scorer: GraphScorer, settings: Mapping[str, Any], seed: int
) -> Outcome[ComputationGraph]:
    """Return what a local search from a graph finds.

    Args:
        start: graph of a network, in normal form.
        scorer: higher is better.
        settings: ``iterations, keep, mutants, queries, cost`` of the search, and ``edits, longest``
            of a mutation.
        seed: decides everything.
    """
    moves = Moves(
        mutate=partial(mutate, edits=settings["edits"], longest=settings["longest"]),
        score=scorer.score,
        cost=flops_of,
        identity=ComputationGraph.fingerprint,
    )
    own = ("iterations", "keep", "mutants", "queries", "cost")
    limits = Limits(**{name: settings[name] for name in own})
    return search_locally(start, moves, limits, seed)


def flops_of(graph: ComputationGraph) -> int:
    """Return the FLOPs of the whole network for one image."""
    return int(graph.flops.sum())


def search_table(
    start: ComputationGraph,
    scorer: GraphScorer,
    settings: Mapping[str, Any],
    seeds: Iterable[int],
    identity: Mapping[str, str],
) -> pa.Table:
    """Return the rows of :data:`GRAPH_SEARCHES_SCHEMA` of one task, seed by seed.

    Args:
        start: graph of the network that every search starts with.
        scorer: higher is better.
        settings: as in :func:`search_graphs`.
        seeds: one search each.
        identity: ``search``, ``task`` and the start's ``arch_id``.
    """
    rows, graphs = [], []
    for seed in seeds:
        begun = time.perf_counter()
        outcome = search_graphs(start, scorer, settings, seed)
        seconds = time.perf_counter() - begun
        for role, candidate in zip(ROLES, (outcome.start, outcome.best), strict=True):
            rows.append(
                _row(candidate)
                | {"seed": seed, "role": role, "queries": outcome.queries, "seconds": seconds}
            )
            graphs.append(candidate.item)
        kept = 100 * outcome.best.cost / outcome.start.cost
        print(
            f"seed {seed}: score {outcome.start.score:.4f} -> {outcome.best.score:.4f} with "
            f"{kept:.1f}% of the FLOPs, {outcome.queries} graphs, {seconds:.1f} s"
        )
    frame = pd.DataFrame(rows).assign(
        search=identity["search"], task=identity["task"], scorer=scorer.name
    )
    table = graphs_table([(identity["arch_id"], graph) for graph in graphs])
    for name in GRAPH_SEARCHES_SCHEMA.names:
        if name not in table.column_names:
            field = GRAPH_SEARCHES_SCHEMA.field(name)
            table = table.append_column(field, pa.array(frame[name], field.type))
    return table.select(GRAPH_SEARCHES_SCHEMA.names)


def _row(candidate: Candidate[ComputationGraph]) -> dict[str, Any]:
    return {
        "fingerprint": candidate.identity,
        "score": candidate.score,
        "network_flops": flops_of(candidate.item),
        "network_params": int(candidate.item.params.sum()),
        "nodes": len(candidate.item),
        "round": candidate.round,
    }
