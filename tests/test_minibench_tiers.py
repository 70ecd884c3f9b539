"""What the mini benchmark labels, against what ships and what the tasks stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from nascast.io.parquet import read_parquet
from nascast.minibench_tiers import mini_benchmark, mini_tasks
from nascast.spaces import registry as spaces

SHIPPED = Path(__file__).parents[1] / "resources" / "minibench"
TASKS = mini_tasks()
PARTS = [(space, part) for space, benchmark in mini_benchmark().items() for part in benchmark.parts]


def shards(space: str, folder: str) -> list[Path]:
    return sorted((SHIPPED / space / folder).glob("shard=*.parquet"))


def test_every_family_is_labelled_but_the_tiers_say_how() -> None:
    benchmark = mini_benchmark()
    assert set(benchmark) == set(spaces.names())
    for space, described in benchmark.items():
        assert described.space == space


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_its_labels(name: str) -> None:
    task = TASKS[name]
    benchmark = mini_benchmark()[task.space]
    assert task.label_folder in benchmark.parts
    assert len(shards(task.space, task.label_folder or "")) == len(list(benchmark.shards))


@pytest.mark.parametrize(("space", "part"), PARTS)
def test_what_ships_was_trained_as_the_tier_says(space: str, part: str) -> None:
    benchmark = mini_benchmark()[space]
    seeds, recipe = benchmark.training(part)
    shipped = shards(space, part)
    if not shipped:
        pytest.skip(f"no shard of {space} on {part} is trained yet")
    for path in shipped[:2]:
        labels = read_parquet(path)
        assert set(labels["seed"]) == set(range(seeds))
        assert labels["train_loss_curve"].map(len).eq(recipe.epochs).all()
