"""Trains a supernet of NAS-Bench-201 and scores architectures that inherit its weights.

Source: Bender et al. 2018 (OneShot) and Li & Talwalkar 2019 (RS-WS), see
:mod:`nascast.networks.supernet`; optimiser and schedule as White et al. 2021 ran both in NASLib.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from nascast.images.base import ImageSet
from nascast.images.batches import image_order
from nascast.networks.supernet import Supernet
from nascast.seeds import derive_seed
from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.four_node_cells import EDGES
from nascast.spaces.nasbench201 import NASBench201
from nascast.tasks.classification import Classification

Way = Literal["one_shot", "rs_ws"]
WAYS: tuple[Way, ...] = ("one_shot", "rs_ws")
"""Every operation of every edge in each mini-batch, averaged; or one random cell a mini-batch."""

Choice = tuple[int, ...]

_SPACE = NASBench201()
_TASK = Classification()
# Large enough for the statistics of its norms, small enough for a cache.
_EVALUATION_BATCH = 256


@dataclass(frozen=True)
class SupernetRecipe:
    """How a supernet is trained and asked.

    Attributes:
        one_shot_epochs: passes over the training images where all operations are mixed.
        rs_ws_epochs: passes where each mini-batch draws a cell.
        batch_size: images a mini-batch.
        lr: learning rate of SGD at the start.
        final_lr: learning rate at the end of half a cosine, taken step by step.
        momentum: SGD momentum, not Nesterov's.
        weight_decay: L2 penalty on every parameter that a mini-batch reaches.
        clip: largest norm of the gradient of all parameters together.
        validation: validation images that architectures are scored on, at most.
    """

    one_shot_epochs: int
    rs_ws_epochs: int
    batch_size: int = 64
    lr: float = 0.025
    final_lr: float = 0.001
    momentum: float = 0.9
    weight_decay: float = 3e-4
    clip: float = 5.0
    validation: int = 1024


@dataclass(frozen=True)
class Score:
    """What one architecture gets out of inherited weights.

    Attributes:
        accuracy: on the validation images, in [0, 1]; NaN if a logit is not finite.
        seconds: wall clock.
    """

    accuracy: float
    seconds: float


def train_supernet(
    images: ImageSet, way: Way, recipe: SupernetRecipe, scale: NetworkScale, seed: int
) -> Supernet:
    """Train a supernet on the training images without the validation part.

    Initial weights and order of the images come from the identity (image set, ``seed``), so they
    are the same in both ways. torch's global generator is left as it was.

    Args:
        images: the image set, on the device and at the size to train at.
        way: what runs in a mini-batch.
        recipe: the schedule.
        scale: width and depth of the network.
        seed: counts the trainings on one image set from zero.
    """
    identity = derive_seed("supernets", images.name, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(identity)
        supernet = Supernet(
            EDGES,
            _SPACE.operations,
            scale.channels,
            scale.repeats,
            images.num_classes,
            stem_stride=scale.stem_stride,
        )
    device = images.train_images.device
    supernet.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    # Not fused: torch's fused SGD refuses parameters whose first gradient comes later than others'.
    optimiser = torch.optim.SGD(
        supernet.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        foreach=True,
    )
    epochs = recipe.one_shot_epochs if way == "one_shot" else recipe.rs_ws_epochs
    count = len(images.fit_labels)
    order = image_order(count, epochs * -(-count // recipe.batch_size), recipe.batch_size, identity)
    choices = _choices(way, derive_seed("supernets", "cells", images.name, seed))
    for step, (batch, choice) in enumerate(zip(order.to(device), choices, strict=False)):
        cosine = 0.5 * (1 + math.cos(math.pi * step / len(order)))
        for group in optimiser.param_groups:
            group["lr"] = recipe.final_lr + (recipe.lr - recipe.final_lr) * cosine
        labels = images.train_labels[batch]
        inputs = _TASK.inputs(images, images.train_images[batch], labels)
        optimiser.zero_grad(set_to_none=True)
        _TASK.loss(supernet(inputs, choice), labels).backward()
        nn.utils.clip_grad_norm_(supernet.parameters(), recipe.clip)
        optimiser.step()
    return supernet


def _choices(way: Way, seed: int) -> Iterator[Choice | None]:
    rng = np.random.default_rng(seed)
    while True:
        yield None if way == "one_shot" else choice_of(_SPACE.sample(rng))


def choice_of(arch: Architecture) -> Choice:
    """Return the number of the operation on each edge, ``none`` where it has no influence.

    In a supernet an operation on an empty node gives zeros, since its norm shifts nothing: leaving
    out every edge that lies on no path changes no output.

    Raises:
        ValueError: an architecture of another space.
    """
    genotype = _SPACE.genotype(_SPACE.prune(arch))
    return tuple(_SPACE.operations.index(operation) for operation in genotype)


@torch.inference_mode()
def score_inherited(
    supernet: Supernet, archs: Sequence[Architecture], images: ImageSet, validation: int
) -> list[Score]:
    """Return what each architecture scores with the weights of the supernet, nothing retrained.

    Only the operations of the architecture run. Norms take their statistics from the images of one
    batch; the batches are the same for all architectures, so each is scored by itself.

    Args:
        supernet: a trained supernet on the device of ``images``.
        archs: architectures of NAS-Bench-201.
        images: the image set.
        validation: how many validation images to look at, at most.

    Raises:
        ValueError: the image set holds out no validation images.
    """
    if not images.validation:
        raise ValueError(
            f"{images.name} has no validation images to score inherited weights on; hold some out"
        )
    labels = images.validation_labels[:validation]
    inputs = _TASK.inputs(images, images.validation_images[:validation], labels)
    batches = -(-len(labels) // _EVALUATION_BATCH)
    features = [supernet.stem(batch) for batch in inputs.tensor_split(batches)]
    scores = []
    for arch in archs:
        start = time.perf_counter()
        choice = choice_of(arch)
        logits = torch.cat([supernet.classify(batch, choice) for batch in features])
        accuracy = _accuracy(logits, labels)
        scores.append(Score(accuracy, time.perf_counter() - start))
    return scores


def _accuracy(logits: Tensor, labels: Tensor) -> float:
    if not bool(logits.isfinite().all()):
        return math.nan
    return _TASK.score(_TASK.tally(logits, labels), len(labels))
