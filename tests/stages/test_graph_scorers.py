from __future__ import annotations

from pathlib import Path

import pytest
from tests.stages.made_scorers import PathConvolutions, path_convolutions

from nascast.graphs.from_plan import graph_of_plan
from nascast.networks.plan import Plan
from nascast.networks.plan_paths import mean_path_convs
from nascast.registry import Registry
from nascast.stages import graph_scorers
from nascast.stages.graph_scorers import GraphScorer, GraphScorerError

MADE = {
    "path convolutions": "tests.stages.made_scorers:PathConvolutions",
    "silent": "tests.stages.made_scorers:Silent",
}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scorers of these tests, registered."""
    registry = Registry("graph scorer", "nascast.graph_scorers", MADE, GraphScorerError)
    monkeypatch.setattr(graph_scorers, "REGISTRY", registry)


def small_plan() -> Plan:
    plan = Plan()
    x = plan.conv_bn(plan.input(3, 8), 4)
    plan.linear(plan.global_pool(plan.add(x, plan.conv_bn(plan.conv_bn(x, 4), 4))), 5)
    return plan


@pytest.mark.usefixtures("made")
def test_a_scorer_is_made_with_its_file(tmp_path: Path) -> None:
    graphs = [graph_of_plan(small_plan())]
    scorer = graph_scorers.create("path convolutions")
    assert isinstance(scorer, PathConvolutions)
    assert isinstance(scorer, GraphScorer)
    # One path has the stem alone, the other both convolutions as well.
    assert scorer.score(graphs).tolist() == [2.0]
    (tmp_path / "model").write_text("-")
    other = graph_scorers.create("path convolutions", tmp_path / "model")
    assert other.score(graphs).tolist() == [-2.0]


def test_the_tests_scorer_counts_as_plans_do() -> None:
    plan = small_plan()
    assert path_convolutions(graph_of_plan(plan)) == mean_path_convs(plan) == 2.0


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("name", "message"),
    [("silent", "has no method `score`"), ("path convs", "did you mean 'path convolutions'")],
)
def test_what_does_not_score_is_refused(name: str, message: str) -> None:
    with pytest.raises(GraphScorerError, match=message):
        graph_scorers.create(name)


def test_no_scorer_is_unknown_to_its_registry() -> None:
    for name in graph_scorers.names():
        assert graph_scorers.module_of(name).startswith("nascast.")
    with pytest.raises(GraphScorerError, match="unknown graph scorer 'nobody'"):
        graph_scorers.create("nobody")
