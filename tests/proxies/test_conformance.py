"""One suite for every registered proxy: a value or a status on the networks of all kinds."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from nascast.proxies import registry
from nascast.proxies.base import Batch, Status, status_of
from nascast.proxies.measure import Score, measure
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.tasks import registry as tasks
from nascast.tasks.jigsaw import piece_side
from nascast.tasks.networks import build_network

NAMES = registry.names()
IMAGES, CLASSES, SIDE = 4, 3, 32
# Behind pooled batch norms the images' gradients sum to zero, which makes their kernel singular.
SINGULAR = {"te_nas_ntk"}


def check(scores: dict[str, Score]) -> None:
    assert list(scores) == list(NAMES)
    for name, score in scores.items():
        if score.status is Status.UNDEFINED:
            assert math.isnan(score.value), name
            assert score.reason, name
        else:
            assert score.status is status_of(score.value), name
            assert not score.reason, name


def images(*shape: int) -> torch.Tensor:
    return torch.randn(IMAGES, *shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("space", ["nasbench101", "nasbench201", "darts", "ofa_mbv3"])
def test_every_space(space: str) -> None:
    offered = spaces.create(space)
    torch.manual_seed(0)
    scale = NetworkScale(8, 1, 2)
    network = offered.build(offered.sample(np.random.default_rng(0)), scale, CLASSES)
    labels = torch.arange(IMAGES) % 2
    given = Batch(images(3, SIDE, SIDE), labels, functional.cross_entropy, labels, CLASSES)
    scores = measure(network, given, NAMES)
    check(scores)
    assert {score.status for score in scores.values()} == {Status.OK}


@pytest.mark.parametrize("name", tasks.TRANSNAS)
def test_every_task(name: str) -> None:
    task = tasks.create(name)
    space = spaces.create("transnas_micro")
    torch.manual_seed(0)
    arch = space.sample(np.random.default_rng(1))
    network = build_network(space, arch, NetworkScale(8, 1, 1), task, SIDE, CLASSES)
    jigsaw = (9, 3, piece_side(SIDE), piece_side(SIDE))
    inputs = images(*(jigsaw if name == "jigsaw" else (3, SIDE, SIDE)))
    labels = torch.arange(IMAGES) % 2 if task.is_classification else None
    targets = {
        "autoencoder": torch.randint(255, (IMAGES, 3, SIDE, SIDE), dtype=torch.uint8),
        "normal": images(3, SIDE, SIDE).clamp(-1, 1).half(),
        "room_layout": images(6),
        "segmentsemantic": torch.randint(6, (IMAGES, SIDE, SIDE), dtype=torch.uint8),
    }.get(name, labels)
    assert targets is not None
    given = Batch(inputs, targets, task.loss, labels, CLASSES if task.is_classification else None)
    scores = measure(network, given, NAMES)
    check(scores)
    undefined = [name for name, score in scores.items() if score.status is Status.UNDEFINED]
    assert ("epe_nas" in undefined) is not task.is_classification
    # Only what needs classes may be undefined, and nothing else than ok is left.
    others = {score.status for proxy, score in scores.items() if proxy not in SINGULAR}
    assert others <= {Status.OK, Status.UNDEFINED}


def test_a_dead_network_is_data() -> None:
    space = spaces.create("nasbench201")
    dead = next(
        arch
        for arch in (space.sample(np.random.default_rng(seed)) for seed in range(1000))
        if space.is_dead(arch)
    )
    torch.manual_seed(0)
    network = space.build(dead, NetworkScale(8, 1, 2), CLASSES)
    labels = torch.arange(IMAGES) % 2
    given = Batch(images(3, 16, 16), labels, functional.cross_entropy, labels, CLASSES)
    scores = measure(network, given, NAMES)
    check(scores)
    assert scores["jacov"].status is Status.NAN
    assert scores["params"].status is Status.OK
