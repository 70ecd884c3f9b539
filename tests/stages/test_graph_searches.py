from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.stages.made_scorers import PathConvolutions, path_convolutions

from nascast.graph_search_sections import GraphSearch
from nascast.graphs.computation import ComputationGraph
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.rebuild import plan_of_graph
from nascast.graphs.tables import read_graphs
from nascast.spaces import registry
from nascast.spaces.base import NetworkScale
from nascast.stages.graph_searches import (
    GRAPH_SEARCHES_SCHEMA,
    flops_of,
    search_graphs,
    search_table,
)

SCORER = PathConvolutions(None)
SETTINGS: dict[str, Any] = GraphSearch(
    tasks=["a-b"], scorer=SCORER.name, iterations=3, keep=3, mutants=4
).model_dump()


def start_of(space_name: str, seed: int = 0) -> ComputationGraph:
    space = registry.create(space_name)
    arch = space.sample(np.random.default_rng(seed))
    side = space.image_size(arch, 16)
    return graph_of_plan(space.plan(arch, NetworkScale(8, 1, 2), side, 5))


@pytest.mark.parametrize("space", ["nasbench101", "nasbench201", "ofa_resnet"])
def test_better_networks_are_found_that_are_no_dearer(space: str) -> None:
    start = start_of(space)
    outcome = search_graphs(start, SCORER, SETTINGS, 0)
    assert outcome.start.item.same_as(start)
    assert outcome.start.score == path_convolutions(start)
    assert outcome.best.score > outcome.start.score
    assert outcome.best.score == path_convolutions(outcome.best.item)
    for candidate in outcome.front:
        assert candidate.score >= outcome.start.score
        assert candidate.cost == flops_of(candidate.item) <= flops_of(start)
        assert 2 * plan_of_graph(candidate.item).macs() == flops_of(candidate.item)


def test_the_bound_of_flops_is_kept() -> None:
    start = start_of("ofa_resnet")
    outcome = search_graphs(start, SCORER, SETTINGS | {"cost": 0.98, "mutants": 10}, 0)
    assert outcome.best is not outcome.start
    assert flops_of(outcome.best.item) <= 0.98 * flops_of(start)


def test_rows_hold_the_start_and_what_was_found() -> None:
    start = start_of("hiaml")
    identity = {"search": "s", "task": "hiaml-scenes10", "arch_id": "hiaml-0"}
    settings = SETTINGS | {"queries": 9, "edits": 2}
    table = search_table(start, SCORER, settings, [0, 1], identity)
    assert table.schema.equals(GRAPH_SEARCHES_SCHEMA)
    rows = table.to_pandas()
    assert list(rows["seed"]) == [0, 0, 1, 1]
    assert list(rows["role"]) == ["start", "found"] * 2
    assert set(rows["queries"]) == {9}
    graphs = [graph for _, graph in read_graphs(table)]
    assert graphs[0].same_as(start)
    assert [graph.fingerprint() for graph in graphs] == list(rows["fingerprint"])
    assert [flops_of(graph) for graph in graphs] == list(rows["network_flops"])
    assert [int(graph.params.sum()) for graph in graphs] == list(rows["network_params"])
    assert [len(graph) for graph in graphs] == list(rows["nodes"])
    assert SCORER.score(graphs).tolist() == list(rows["score"])
    # A seed finds the same alone.
    alone = search_table(start, SCORER, settings, [1], identity).to_pandas()
    assert list(alone["fingerprint"]) == list(rows["fingerprint"][2:])
