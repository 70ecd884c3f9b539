from __future__ import annotations

import pytest
import torch

from nascast.images.base import ImageSet
from nascast.images.scenes import make_scenes
from nascast.proxies.batches import task_batch
from nascast.tasks.registry import create


@pytest.fixture(scope="module")
def scenes() -> ImageSet:
    return make_scenes("rooms10", size=16, train=96, validation=32, test=16, dense=True)


def test_a_batch_is_of_training_images_and_their_classes(scenes: ImageSet) -> None:
    batch = task_batch(scenes, create("classification"), 24, seed=3)
    assert len(batch) == 24
    assert batch.num_classes == 10
    assert batch.labels is batch.targets
    fit = scenes.normalise(scenes.train_images[: len(scenes.fit_labels)])
    for image, label in zip(batch.inputs, batch.targets, strict=True):
        (place,) = torch.nonzero((fit == image).flatten(1).all(dim=1)).flatten().tolist()
        assert scenes.train_labels[place] == label


def test_the_seed_alone_chooses_the_images(scenes: ImageSet) -> None:
    task = create("classification")
    first, again, other = (task_batch(scenes, task, 24, seed).inputs for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("name", ["class_scene", "jigsaw", "segmentsemantic", "room_layout"])
def test_every_task_gets_its_inputs_and_its_loss(name: str, scenes: ImageSet) -> None:
    task = create(name)
    batch = task_batch(scenes, task, 8, seed=0)
    assert (batch.labels is not None) == task.is_classification
    guess = task.guess(batch.targets, scenes.num_classes)[0]
    outputs = task.outputs(scenes.num_classes)
    if task.is_classification:
        assert batch.num_classes == outputs
        assert float(batch.loss(torch.zeros(8, outputs), batch.targets)) == pytest.approx(guess)
