from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nascast.sections import (
    ConfigError,
    MiniBenchmark,
    ProxySettings,
    Sharded,
    Task,
    seeds_by_job,
)


def test_a_part_of_the_mini_benchmark_is_an_image_set_and_a_task() -> None:
    part = MiniBenchmark(images=["discs", "rings-16"], tasks=["classification", "jigsaw"])
    assert part.parts == {
        "discs": ("discs", "classification"),
        "discs-jigsaw": ("discs", "jigsaw"),
        "rings-16": ("rings-16", "classification"),
        "rings-16-jigsaw": ("rings-16", "jigsaw"),
    }
    assert part.part("rings-16-jigsaw") == ("rings-16", "jigsaw")
    with pytest.raises(
        ConfigError, match="of nasbench201 has no part 'discs-normal', only discs, "
    ):
        part.part("discs-normal")


@pytest.mark.parametrize(
    ("values", "name", "folder"),
    [
        ({"images": "discs"}, "discs", "discs"),
        ({"images": "discs", "label_images": "rings"}, "rings", "rings"),
        ({"images": "discs", "label_task": "jigsaw"}, "jigsaw", "discs-jigsaw"),
        (
            {"images": "discs", "label_images": "rings", "label_task": "normal"},
            "normal",
            "rings-normal",
        ),
    ],
)
def test_where_the_labels_of_a_task_are(values: dict[str, str], name: str, folder: str) -> None:
    task = Task(labels="minibench", **values)  # type: ignore[arg-type]
    assert (task.label_name, task.label_folder) == (name, folder)


def test_missing_says_what_is_needed() -> None:
    assert Task(labels="missing: the rings").missing == "the rings"
    assert Task(images="discs", labels="minibench").missing == ""


def test_settings_never_change() -> None:
    part = Sharded(networks=20)
    with pytest.raises(ValidationError, match="frozen"):
        part.networks = 30  # type: ignore[misc]


@settings(deadline=None)
@given(st.integers(1, 500), st.integers(1, 60))
def test_shards_cover_the_pool_once(networks: int, size: int) -> None:
    part = Sharded(networks=networks, networks_per_shard=size)
    places = [place for shard in part.shards for place in range(*part.bounds(shard))]
    assert places == list(range(networks))
    assert all(len(range(*part.bounds(shard))) == size for shard in part.shards[:-1])


@pytest.mark.parametrize("shard", [-1, 3])
def test_a_shard_that_does_not_exist_is_refused(shard: int) -> None:
    part = Sharded(networks=25, networks_per_shard=10)
    with pytest.raises(ConfigError, match=rf"shard {shard} does not exist: 25 .* shards 0\.\.2"):
        part.bounds(shard)


def test_proxies_are_measured_once_each() -> None:
    with pytest.raises(ValidationError, match="names 'snip' twice"):
        ProxySettings(proxies=["snip", "params", "snip"], tasks=["cells-discs"])


def test_a_part_may_have_a_recipe_of_its_own() -> None:
    part = MiniBenchmark(
        images=["discs"],
        tasks=["jigsaw", "normal"],
        recipe={"steps": 24},
        part_recipes={"discs-normal": {"seeds": 5, "recipe": {"steps": 48}}},
    )
    assert part.training("discs-jigsaw") == (3, part.recipe)
    seeds, recipe = part.training("discs-normal")
    assert (seeds, recipe.steps, recipe.epochs) == (5, 48, 12)


def test_a_recipe_belongs_to_a_part() -> None:
    recipe = {"seeds": 2, "recipe": {}}
    with pytest.raises(ValidationError, match=r"names 'normal', which .* discs-jigsaw"):
        MiniBenchmark(images=["discs"], tasks=["jigsaw"], part_recipes={"normal": recipe})


@given(st.integers(1, 50), st.integers(1, 60))
def test_every_seed_is_in_one_job(seeds: int, per_job: int) -> None:
    jobs = seeds_by_job(seeds, per_job)
    assert [seed for part in jobs.values() for seed in part] == list(range(seeds))
    assert all(0 < len(part) <= per_job for part in jobs.values())
    assert list(jobs) == list(range(len(jobs)))
