"""Classification by the set's labels, by the object and by the scene."""

from __future__ import annotations

import math

import pytest
import torch

from nascast.images.base import ImageSet
from nascast.images.scenes import make_scenes
from nascast.tasks.class_object import ClassObject
from nascast.tasks.class_scene import ClassScene
from nascast.tasks.classification import Classification


def test_loss_and_accuracy_of_three_examples() -> None:
    task = Classification()
    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
    labels = torch.tensor([0, 0, 1])
    by_hand = [math.log(1 + math.exp(-2)), math.log(1 + math.e), math.log(1 + math.exp(2))]
    assert float(task.loss(logits, labels)) == pytest.approx(sum(by_hand) / 3)
    assert float(task.loss(logits, labels, "sum")) == pytest.approx(sum(by_hand))
    assert task.score(task.tally(logits, labels), 3) == pytest.approx(1 / 3)
    assert task.guess(labels, 2) == (math.log(2), 0.5)


def test_objects_are_the_labels_of_the_set(scenes: ImageSet) -> None:
    for task in (Classification(), ClassObject()):
        train, test = task.targets(scenes)
        assert torch.equal(train, scenes.train_labels)
        assert torch.equal(test, scenes.test_labels)
        assert task.outputs(50) == 50


def test_scenes_are_places_and_not_objects(scenes: ImageSet) -> None:
    task = ClassScene()
    train, _ = task.targets(scenes)
    assert not torch.equal(train, scenes.train_labels)
    assert task.outputs(50) == 6
    assert task.guess(train, 50) == (math.log(6), 1 / 6)
    many = make_scenes("rooms10", size=4, train=200, validation=1, test=1, dense=True)
    assert set(task.targets(many)[0].tolist()) == set(range(6))
