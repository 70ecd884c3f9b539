"""Supernets on tiny sets: learning, the update rule, reproducibility, scores by themselves."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from nascast.images.base import ImageSet
from nascast.labels.supernet_trainer import (
    WAYS,
    SupernetRecipe,
    Way,
    choice_of,
    score_inherited,
    train_supernet,
)
from nascast.networks.supernet import Supernet
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench201 import NASBench201

SPACE = NASBench201()
SCALE = NetworkScale(4, 1, 2)
RECIPE = SupernetRecipe(one_shot_epochs=1, rs_ws_epochs=2, batch_size=16)
# A rate that single precision cannot tell from zero: the weights stay as they were drawn.
STILL = {"lr": 1e-60, "final_lr": 0.0, "weight_decay": 0.0}
# Paths of every kind, and an empty cell.
SPECS = (
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_3x3~1|avg_pool_3x3~2|",
    "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|",
    "|none~0|+|avg_pool_3x3~0|nor_conv_3x3~1|+|skip_connect~0|skip_connect~1|nor_conv_1x1~2|",
    "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
)
ARCHS = [SPACE.parse(spec) for spec in SPECS]
every_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def half_images(train: int = 128, validation: int = 64) -> ImageSet:
    """Two classes: the bright half is above or below."""
    generator = torch.Generator().manual_seed(11)
    labels = torch.arange(train + validation) % 2
    pixels = torch.randint(90, (len(labels), 3, 8, 8), generator=generator, dtype=torch.uint8)
    pixels[labels == 0, :, :4] += 120
    pixels[labels == 1, :, 4:] += 120
    mean, std = (0.4, 0.4, 0.4), (0.25, 0.25, 0.25)
    return ImageSet("halves", pixels, labels, pixels, labels, validation, 2, mean, std)


def weights(supernet: Supernet) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in supernet.parameters()])


@every_way
def test_architectures_inherit_what_was_learnt(way: Way) -> None:
    images = half_images()
    recipe = replace(RECIPE, one_shot_epochs=8, rs_ws_epochs=8)
    for taught, settings in ((True, recipe), (False, replace(recipe, **STILL))):
        supernet = train_supernet(images, way, settings, SCALE, seed=0)
        scores = [score.accuracy for score in score_inherited(supernet, ARCHS, images, 64)]
        assert (scores[0] + scores[2] > 1.5) == taught
        assert scores[3] == 0.5, "without a path from the images there is nothing but a guess"


@every_way
def test_a_training_is_reproducible_and_leaves_the_global_generator_alone(way: Way) -> None:
    images = half_images()
    torch.manual_seed(5)
    expected_draw = torch.rand(1)
    torch.manual_seed(5)
    first = weights(train_supernet(images, way, RECIPE, SCALE, seed=0))
    assert torch.equal(torch.rand(1), expected_draw)
    assert torch.equal(first, weights(train_supernet(images, way, RECIPE, SCALE, seed=0)))
    other_seed = weights(train_supernet(images, way, RECIPE, SCALE, seed=1))
    other_set = weights(train_supernet(replace(images, name="x"), way, RECIPE, SCALE, seed=0))
    assert not torch.equal(first, other_seed)
    assert not torch.equal(first, other_set)


def test_both_ways_start_from_the_same_weights() -> None:
    still = replace(RECIPE, **STILL)
    one_shot, rs_ws = (train_supernet(half_images(), way, still, SCALE, 0) for way in WAYS)
    assert torch.equal(weights(one_shot), weights(rs_ws))


def test_validation_images_are_never_trained_on() -> None:
    images = half_images()
    spoilt = images.train_labels.clone()
    spoilt[-64:] = 1 - spoilt[-64:]
    swapped = replace(images, train_labels=spoilt)
    plain, other = (train_supernet(i, "rs_ws", RECIPE, SCALE, 0) for i in (images, swapped))
    assert torch.equal(weights(plain), weights(other))
    for right, wrong in zip(
        score_inherited(plain, ARCHS, images, 64),
        score_inherited(other, ARCHS, swapped, 64),
        strict=True,
    ):
        assert right.accuracy + wrong.accuracy == 1


def test_training_is_sgd_with_a_cosine_to_a_floor_and_clipped_gradients() -> None:
    """Two full-batch steps of the mix against the update rule written out by hand."""
    images = half_images(train=16)
    recipe = SupernetRecipe(
        2, 1, batch_size=16, lr=0.2, final_lr=0.1, momentum=0.9, weight_decay=0.01, clip=0.05
    )
    still = replace(recipe, **STILL)
    trained = train_supernet(images, "one_shot", recipe, SCALE, seed=3)
    manual = train_supernet(images, "one_shot", still, SCALE, seed=3)
    inputs = images.normalise(images.fit_images)
    velocity = [torch.zeros_like(p) for p in manual.parameters()]
    for lr in (0.2, 0.15):
        loss = functional.cross_entropy(manual(inputs), images.fit_labels)
        gradients = torch.autograd.grad(loss, list(manual.parameters()))
        norm = math.sqrt(sum(float(g.square().sum()) for g in gradients))
        assert norm > recipe.clip
        with torch.no_grad():
            for p, g, v in zip(manual.parameters(), gradients, velocity, strict=True):
                v.mul_(0.9).add_(g * recipe.clip / norm + 0.01 * p)
                p -= lr * v
    torch.testing.assert_close(weights(trained), weights(manual), rtol=1e-4, atol=1e-5)


def test_operations_that_no_mini_batch_drew_are_as_they_were() -> None:
    """One mini-batch, one cell: what it does not run neither decays nor moves."""
    images = half_images(train=16)
    once = replace(RECIPE, rs_ws_epochs=1, weight_decay=0.5)
    still = replace(once, **STILL)
    trained, started = (train_supernet(images, "rs_ws", r, SCALE, 0) for r in (once, still))
    started_at = dict(started.named_parameters())
    moved = {
        name.split(".")[3]
        for name, parameter in trained.named_parameters()
        if ".operations." in name and not torch.equal(parameter, started_at[name])
    }
    edges = [name[:3] for name in moved]
    assert moved
    assert len(set(edges)) == len(edges), "one operation on an edge at most"
    assert not torch.equal(trained.classifier.weight, started.classifier.weight)


def test_cells_are_drawn_uniformly_and_one_a_mini_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[list[int] | None] = []

    def record(self: Supernet, images: Tensor, choice: list[int] | None = None) -> Tensor:
        drawn.append(choice)
        return self.classify(self.stem(images))

    monkeypatch.setattr(Supernet, "forward", record)
    train_supernet(half_images(), "rs_ws", RECIPE, SCALE, 0)
    assert len(drawn) == 2 * 128 / 16
    assert len({tuple(choice or ()) for choice in drawn}) > 12
    drawn.clear()
    train_supernet(half_images(), "one_shot", RECIPE, SCALE, 0)
    assert drawn == [None] * (128 // 16)


@every_way
def test_each_architecture_is_scored_by_itself(way: Way) -> None:
    images = half_images()
    supernet = train_supernet(images, way, RECIPE, SCALE, seed=0)
    before = weights(supernet)
    together = score_inherited(supernet, ARCHS, images, 64)
    for arch, score in zip(ARCHS[::-1], together[::-1], strict=True):
        (alone,) = score_inherited(supernet, [arch], images, 64)
        assert alone.accuracy == score.accuracy
        assert score.seconds > 0
    assert torch.equal(weights(supernet), before)


def test_a_score_is_the_accuracy_on_the_first_validation_images() -> None:
    images = half_images(validation=600)
    supernet = train_supernet(images, "rs_ws", RECIPE, SCALE, seed=0)
    for wanted, sizes in ((40, [40]), (513, [171, 171, 171]), (9999, [200, 200, 200])):
        (score,) = score_inherited(supernet, ARCHS[:1], images, wanted)
        inputs = images.normalise(images.validation_images[:wanted]).split(sizes)
        logits = torch.cat([supernet(batch, choice_of(ARCHS[0])) for batch in inputs])
        right = logits.argmax(dim=1) == images.validation_labels[:wanted]
        assert score.accuracy == pytest.approx(float(right.double().mean()))


def test_pruned_edges_change_no_output() -> None:
    supernet = train_supernet(half_images(), "rs_ws", RECIPE, SCALE, seed=0).double()
    images = torch.randn(5, 3, 8, 8, dtype=torch.float64)
    rng = np.random.default_rng(0)
    different = 0
    for _ in range(30):
        arch = SPACE.sample(rng)
        whole = [SPACE.operations.index(operation) for operation in SPACE.genotype(arch)]
        pruned = choice_of(arch)
        different += list(pruned) != whole
        torch.testing.assert_close(supernet(images, pruned), supernet(images, whole))
    assert different > 5


def test_weights_that_are_not_finite_give_no_score() -> None:
    images = half_images()
    supernet = train_supernet(images, "one_shot", RECIPE, SCALE, seed=0)
    with torch.no_grad():
        supernet.classifier.weight[0, 0] = math.inf
    assert all(math.isnan(s.accuracy) for s in score_inherited(supernet, ARCHS[:2], images, 64))


def test_without_validation_images_there_is_no_score() -> None:
    images = half_images(validation=0)
    supernet = train_supernet(images, "one_shot", RECIPE, SCALE, seed=0)
    with pytest.raises(ValueError, match="halves has no validation images"):
        score_inherited(supernet, ARCHS, images, 64)
