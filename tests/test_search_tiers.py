"""The searches of the tiers: the settings that were published, or fewer networks."""

from __future__ import annotations

from nascast.search_sections import GUIDED
from nascast.search_tiers import mini_searches, tabular_searches
from nascast.tiers import mini, tabular

PUBLISHED = {
    "population": 30, "sample": 10, "initial": 20, "batch": 20, "candidates": 200, "parents": 5,
    "ensemble": 3,
}  # fmt: skip


def test_a_whole_space_is_searched_as_published() -> None:
    search = tabular_searches(list(tabular().tasks))["white_nas"]
    assert {name: getattr(search, name) for name in PUBLISHED} == PUBLISHED
    assert (search.queries, search.settings, search.neighbours) == (150, "published", None)


def test_the_mini_benchmark_is_searched_with_fewer_networks() -> None:
    config = mini()
    tasks = [name for name in config.tasks if name.startswith("nasbench201-")]
    search = mini_searches(tasks)["white_nas"]
    assert search.queries < config.minibench["nasbench201"].networks / 4
    assert search.neighbours is not None
    assert all(getattr(search, name) <= most for name, most in PUBLISHED.items())
    assert search.ensemble == PUBLISHED["ensemble"], "a part of the method is not cut"
    jobs = len(tasks) * len(search.methods) * len(search.parts)
    assert jobs <= 20


def test_guided_searches_stand_beside_unguided_ones() -> None:
    for search in (mini_searches(["a-b"])["white_nas"], tabular_searches(["a-b"])["white_nas"]):
        assert set(GUIDED) < set(search.algorithms)
        assert ("random search", "") in search.methods.values()
