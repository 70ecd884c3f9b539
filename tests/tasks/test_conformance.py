"""What every registered task must do, whatever it is."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from nascast.images.base import ImageSet
from nascast.spaces.base import NetworkScale, SearchSpace
from nascast.spaces.nasbench201 import NASBench201
from nascast.spaces.transnas_micro import TransNASMicro
from nascast.tasks.base import Task
from nascast.tasks.networks import build_network, count_network
from nascast.tasks.registry import create, names

# Without dead edges: those are counted, since the architecture owns them, but not computed.
CELL = NASBench201().parse(
    "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
)
SIZES = {16: "scenes", 32: "large_scenes"}


@pytest.fixture(params=names())
def task(request: pytest.FixtureRequest) -> Task:
    made: Task = create(request.param)
    return made


@pytest.fixture(params=SIZES)
def images(request: pytest.FixtureRequest) -> ImageSet:
    made: ImageSet = request.getfixturevalue(SIZES[request.param])
    return made


def test_a_network_takes_the_inputs_and_the_loss_its_outputs(task: Task, images: ImageSet) -> None:
    targets, test_targets = task.targets(images)
    assert (len(targets), len(test_targets)) == (len(images.train_images), len(images.test_images))
    some = slice(0, 6)
    inputs = task.inputs(images, images.train_images[some], targets[some])
    assert inputs.dtype == torch.float32
    model = build_network(
        NASBench201(), CELL, NetworkScale(4, 1, 2), task, images.size[0], images.num_classes
    )
    outputs = model(inputs)
    task.loss(outputs, targets[some]).backward()
    classes = task.outputs(images.num_classes)
    expected = (6, classes, *images.size) if outputs.ndim == 4 else (6, classes)
    assert outputs.shape == expected


def test_sums_over_batches_are_those_of_the_whole(task: Task, scenes: ImageSet) -> None:
    targets = task.targets(scenes)[1]
    model = build_network(NASBench201(), CELL, NetworkScale(4, 1, 2), task, 16, 10)
    with torch.no_grad():
        outputs = model.eval()(task.inputs(scenes, scenes.test_images, targets))
        whole = float(task.loss(outputs, targets))
        parts = [(outputs[:5], targets[:5]), (outputs[5:], targets[5:])]
        total = sum(float(task.loss(*part, "sum")) for part in parts)
        tallies = torch.stack([task.tally(*part) for part in parts]).sum(dim=0)
    assert total / len(targets) == pytest.approx(whole, rel=1e-5)
    score = task.score(tallies, len(targets))
    assert score == pytest.approx(task.score(task.tally(outputs, targets), len(targets)), rel=1e-5)
    assert task.metric_range[0] <= score <= task.metric_range[1]


def test_a_guess_is_a_finite_loss_and_a_metric_in_range(task: Task, scenes: ImageSet) -> None:
    loss, metric = task.guess(task.targets(scenes)[1], scenes.num_classes)
    assert 0 < loss < 10
    assert task.metric_range[0] <= metric < task.metric_range[1]
    assert not task.is_classification or task.metric == "accuracy"


def test_targets_and_inputs_are_the_same_every_time(task: Task, scenes: ImageSet) -> None:
    first, again = task.targets(scenes), task.targets(scenes)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    inputs = [task.inputs(scenes, scenes.test_images, targets[1]) for targets in (first, again)]
    assert torch.equal(*inputs)


@pytest.mark.parametrize("side", SIZES)
@pytest.mark.parametrize(
    ("space", "spec", "scale"),
    [
        (NASBench201(), CELL.spec, NetworkScale(4, 1, 2)),
        (NASBench201(), CELL.spec, NetworkScale(6, 2)),
        (TransNASMicro(), "64-41414-1_02_333", NetworkScale(4, 1)),
    ],
    ids=["small", "deep", "transnas"],
)
def test_counts_are_those_of_the_built_network(
    space: SearchSpace, spec: str, scale: NetworkScale, side: int, task: Task
) -> None:
    arch = space.parse(spec)
    size = count_network(space, arch, scale, task, side, 7)
    images = torch.zeros((1, 3, side, side), dtype=torch.uint8)
    one = torch.zeros(1, dtype=torch.int64)
    stand_in = ImageSet("x", images, one, images, one, 0, 7, (0.5,) * 3, (0.5,) * 3)
    inputs = task.inputs(stand_in, images, one)
    with torch.device("meta"):
        model = build_network(space, arch, scale, task, side, 7).eval()
    assert size.params == sum(p.numel() for p in model.parameters())
    counter = FlopCounterMode(display=False)
    with counter:
        model(inputs.to("meta"))
    assert 2 * size.macs == counter.get_total_flops()
