from __future__ import annotations

import numpy as np
import pytest
import torch

from nascast.graphs.computation import ComputationGraph
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.mutations import mutate
from nascast.images.base import ImageSet
from nascast.images.scenes import make_scenes
from nascast.labels.trainer import Recipe
from nascast.spaces.base import NetworkScale
from nascast.spaces.hiaml import HiAML
from nascast.stages.graph_trainings import (
    GRAPH_TRAININGS_SCHEMA,
    GraphTrainingError,
    train_graph,
    train_graphs,
)

RECIPE = Recipe(steps=4, epochs=2, batch_size=16, validation=16, test=32)


@pytest.fixture(scope="module")
def scenes() -> ImageSet:
    return make_scenes("scenes10", size=8, train=64, validation=16, test=32)


def graph_for(size: int = 8, classes: int = 10) -> ComputationGraph:
    space = HiAML()
    arch = space.sample(np.random.default_rng(0))
    return graph_of_plan(space.plan(arch, NetworkScale(4, 1, 2), size, classes))


def test_a_training_is_the_same_again_and_leaves_the_generator(scenes: ImageSet) -> None:
    graph = graph_for()
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    first = train_graph(graph, scenes, RECIPE, 0)
    assert torch.rand(1) == expected
    again, other = (train_graph(graph, scenes, RECIPE, training) for training in (0, 1))
    assert first.status == "ok"
    assert first.train_loss == again.train_loss
    assert first.train_loss != other.train_loss
    assert len(first.val_loss) == RECIPE.epochs


def test_more_steps_lower_the_loss(scenes: ImageSet) -> None:
    recipe = Recipe(steps=40, epochs=2, batch_size=16, validation=16, test=32)
    record = train_graph(graph_for(), scenes, recipe, 0)
    assert record.train_loss[-1] < record.train_loss[0]


def test_every_graph_is_trained_once(scenes: ImageSet) -> None:
    start = graph_for()
    found = mutate(start, np.random.default_rng(0))
    rows = train_graphs([start, found, start], scenes, RECIPE, range(2), "hiaml-scenes10")
    assert list(rows.columns) == GRAPH_TRAININGS_SCHEMA.names
    names = [start.fingerprint(), found.fingerprint()]
    assert list(rows["fingerprint"]) == [names[0], names[0], names[1], names[1]]
    assert list(rows["training"]) == [0, 1, 0, 1]
    assert rows["test_acc"].between(0, 1).all()
    assert rows["test_loss"][0] == train_graph(start, scenes, RECIPE, 0).test_loss


@pytest.mark.parametrize(
    ("size", "classes", "message"),
    [(16, 10, r"reads images .* \(16, 16, 3\), those of scenes10 have \(8, 8, 3\)"),
     (8, 7, "writes 7 numbers at 1 x 1 positions, but scenes10 has 10 classes")],
)  # fmt: skip
def test_networks_fit_their_images(scenes: ImageSet, size: int, classes: int, message: str) -> None:
    with pytest.raises(GraphTrainingError, match=message):
        train_graph(graph_for(size, classes), scenes, RECIPE, 0)
