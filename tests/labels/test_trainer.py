"""The label trainer on tiny sets: learning, reproducibility, divergence, unseen images."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from nascast.images.base import ImageSet
from nascast.images.batches import image_order
from nascast.images.scenes import make_scenes
from nascast.labels.trainer import Recipe, evaluate, train_label, train_network
from nascast.seeds import derive_seed
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench201 import NASBench201
from nascast.tasks.base import Task
from nascast.tasks.class_object import ClassObject
from nascast.tasks.classification import Classification
from nascast.tasks.errors import TaskError
from nascast.tasks.jigsaw import Jigsaw
from nascast.tasks.normal import Normal
from nascast.tasks.registry import TRANSNAS, create

RECIPE = Recipe(steps=24, epochs=4, batch_size=16, lr=0.05, validation=32, test=40)
SPACE = NASBench201()
CONV_CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|"
EMPTY_CELL = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def half_images(train: int = 128) -> ImageSet:
    """Two classes: the bright half is above or below."""
    generator = torch.Generator().manual_seed(11)
    count = train + 32 + 40
    labels = torch.arange(count) % 2
    pixels = torch.randint(90, (count, 3, 8, 8), generator=generator, dtype=torch.uint8)
    pixels[labels == 0, :, :4] += 120
    pixels[labels == 1, :, 4:] += 120
    return ImageSet(
        "halves",
        pixels[: train + 32],
        labels[: train + 32],
        pixels[train + 32 :],
        labels[train + 32 :],
        32,
        2,
        (0.4, 0.4, 0.4),
        (0.25, 0.25, 0.25),
    )


def linear_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(192, 2))


def test_an_easy_task_is_learnt_and_recorded() -> None:
    record = train_network(linear_model(), half_images(), replace(RECIPE, lr=0.002), seed=1)
    assert record.status == "ok"
    curves = (record.train_loss, record.val_loss, record.train_metric, record.val_metric)
    assert [len(curve) for curve in curves] == [4, 4, 4, 4]
    assert record.test_metric == 1.0
    assert record.val_loss[-1] < record.val_loss[0] < math.log(2)
    assert record.test_loss == pytest.approx(record.val_loss[-1], abs=0.05)
    assert record.train_seconds > 0


def test_a_label_is_reproducible_and_leaves_the_global_generator_alone() -> None:
    images = half_images()
    arch = SPACE.parse(CONV_CELL)
    scale = NetworkScale(4, 1, 2)
    torch.manual_seed(5)
    expected_draw = torch.rand(1)
    torch.manual_seed(5)
    first = train_label(SPACE, arch, images, RECIPE, scale, seed=0)
    assert torch.equal(torch.rand(1), expected_draw)
    again = train_label(SPACE, arch, images, RECIPE, scale, seed=0)
    other = train_label(SPACE, arch, images, RECIPE, scale, seed=1)
    assert replace(first, train_seconds=0.0) == replace(again, train_seconds=0.0)
    assert first.train_loss != other.train_loss


def test_a_cell_without_any_path_trains_to_a_guess() -> None:
    record = train_label(
        SPACE, SPACE.parse(EMPTY_CELL), half_images(), RECIPE, NetworkScale(4, 1, 2), seed=0
    )
    assert record.status == "ok"
    assert record.test_metric == pytest.approx(0.5)
    assert record.test_loss == pytest.approx(math.log(2), abs=0.05)


class Exploding(nn.Module):
    """A classifier whose logits overflow from a given forward pass on."""

    def __init__(self, healthy_passes: int) -> None:
        super().__init__()
        self.inner = nn.Linear(192, 2)
        self.left = healthy_passes

    def forward(self, images: Tensor) -> Tensor:
        self.left -= 1
        logits: Tensor = self.inner(images.flatten(1))
        return logits if self.left >= 0 else logits * math.inf


def test_divergence_is_recorded_with_the_values_of_guessing() -> None:
    # the first epoch's six mini-batches and its validation pass are healthy
    record = train_network(Exploding(healthy_passes=7), half_images(), RECIPE, seed=1)
    assert record.status == "diverged"
    assert record.test_metric == 0.5
    assert record.test_loss == pytest.approx(math.log(2))
    assert record.val_loss[0] != pytest.approx(math.log(2))
    assert record.val_loss[1:] == [math.log(2)] * 3
    assert record.train_metric[1:] == [0.5] * 3


def test_divergence_from_the_learning_rate() -> None:
    model = linear_model()
    record = train_network(model, half_images(), replace(RECIPE, lr=1e30), seed=1)
    assert record.status == "diverged"
    assert len(record.val_loss) == 4


def test_validation_and_test_images_are_never_trained_on() -> None:
    images = half_images()
    spoilt = images.train_labels.clone()
    spoilt[-32:] = 1 - spoilt[-32:]
    plain, swapped = linear_model(), linear_model()
    train_network(plain, images, RECIPE, seed=1)
    record = train_network(
        swapped,
        replace(images, train_labels=spoilt, test_labels=1 - images.test_labels),
        RECIPE,
        seed=1,
    )
    assert all(
        torch.equal(a, b) for a, b in zip(plain.parameters(), swapped.parameters(), strict=True)
    )
    assert record.val_metric[-1] == 0.0
    assert record.test_metric == 0.0


def test_training_is_plain_sgd_with_a_cosine() -> None:
    """Two full-batch steps against the update rule written out by hand."""
    images = half_images(train=16)
    recipe = Recipe(2, 1, 16, 0.1, 0.9, nesterov=True, weight_decay=0.01, validation=4, test=4)
    trained, manual = linear_model(), linear_model()
    record = train_network(trained, images, recipe, seed=3)
    inputs = images.normalise(images.fit_images)
    velocity = [torch.zeros_like(p) for p in manual.parameters()]
    losses = []
    for step in range(2):
        lr = 0.1 * (1 + math.cos(math.pi * step / 2)) / 2
        loss = functional.cross_entropy(manual(inputs), images.fit_labels)
        losses.append(float(loss.detach()))
        gradients = torch.autograd.grad(loss, list(manual.parameters()))
        with torch.no_grad():
            for p, g, v in zip(manual.parameters(), gradients, velocity, strict=True):
                g = g + 0.01 * p
                v.mul_(0.9).add_(g)
                p -= lr * (g + 0.9 * v)
    for a, b in zip(trained.parameters(), manual.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)
    assert record.train_loss == pytest.approx([sum(losses) / 2], rel=1e-5)


def plain_training(
    model: nn.Module, images: ImageSet, recipe: Recipe, seed: int
) -> dict[str, list[float]]:
    """Classification without tasks: what made the labels that ship."""
    optimiser = torch.optim.SGD(
        model.to(memory_format=torch.channels_last).parameters(),  # type: ignore[call-overload]
        recipe.lr, recipe.momentum, weight_decay=recipe.weight_decay, nesterov=True, fused=True,
    )  # fmt: skip

    def inputs(batch: Tensor) -> Tensor:
        return images.normalise(batch).contiguous(memory_format=torch.channels_last)

    def look_at(batch: Tensor, labels: Tensor) -> tuple[float, float]:
        model.eval()
        with torch.inference_mode():
            logits = model(inputs(batch))
            loss = float(functional.cross_entropy(logits, labels, reduction="sum"))
            right = float((logits.argmax(dim=1) == labels).sum())
        model.train()
        return loss / len(labels), right / len(labels)

    order = image_order(len(images.fit_labels), recipe.steps, recipe.batch_size, seed)
    found: dict[str, list[float]] = {"train": [], "val": []}
    losses, right = torch.zeros(()), 0
    for step, batch in enumerate(order):
        optimiser.param_groups[0]["lr"] = (
            recipe.lr * 0.5 * (1 + math.cos(math.pi * step / recipe.steps))
        )
        labels = images.train_labels[batch]
        logits = model(inputs(images.train_images[batch]))
        loss = functional.cross_entropy(logits, labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        losses += loss.detach()
        right += int((logits.argmax(dim=1) == labels).sum())
        per_epoch = recipe.steps // recipe.epochs
        if (step + 1) % per_epoch == 0:
            found["train"] += [float(losses) / per_epoch, right / per_epoch / recipe.batch_size]
            found["val"] += look_at(images.validation_images, images.validation_labels)
            losses, right = torch.zeros(()), 0
    found["test"] = [*look_at(images.test_images, images.test_labels)]
    return found


def test_classification_is_bit_for_bit_what_it_was_before_there_were_tasks() -> None:
    images, arch, scale = half_images(), SPACE.parse(CONV_CELL), NetworkScale(4, 1, 2)
    record = train_label(SPACE, arch, images, RECIPE, scale, seed=0)
    identity = derive_seed("labels", arch.arch_id, images.name, 0)
    torch.manual_seed(identity)
    plain = plain_training(SPACE.build(arch, scale, 2), images, RECIPE, identity)
    assert plain["train"][::2] == record.train_loss
    assert plain["train"][1::2] == record.train_metric
    assert plain["val"][::2] == record.val_loss
    assert plain["val"][1::2] == record.val_metric
    assert plain["test"] == [record.test_loss, record.test_metric]
    # Written down when the trainer knew classification only.
    assert record.train_loss == pytest.approx(
        [0.4326161940892537, 0.17429260412851968, 0.06517917414506276, 0.036194282273451485],
        rel=1e-4,
    )
    assert record.val_loss == pytest.approx(
        [0.5487631559371948, 0.23031404614448547, 0.13873085379600525, 0.10370460897684097],
        rel=1e-4,
    )
    assert record.test_loss == pytest.approx(0.10384910106658936, rel=1e-4)


@pytest.fixture(scope="module")
def scenes() -> ImageSet:
    return make_scenes("rooms10", size=16, train=128, validation=16, test=24, dense=True)


@pytest.mark.parametrize("name", TRANSNAS)
def test_every_task_is_learnt_by_the_same_loop(name: str, scenes: ImageSet) -> None:
    task = create(name)
    recipe = replace(RECIPE, steps=32, lr=0.1)
    arch, scale = SPACE.parse(CONV_CELL), NetworkScale(4, 1, 2)
    record = train_label(SPACE, arch, scenes, recipe, scale, 0, task)
    assert record.status == "ok"
    assert record.metric == task.metric
    assert record.train_loss[-1] < record.train_loss[0]
    low, high = task.metric_range
    assert all(low <= value <= high for value in [*record.val_metric, record.test_metric])


@pytest.mark.parametrize(("share", "expected"), [(0.25, 0.25), (None, 0.003)])
def test_running_statistics_settle_at_the_share_of_the_recipe(
    share: float | None, expected: float
) -> None:
    norm = nn.BatchNorm2d(3, momentum=0.003)
    model = nn.Sequential(norm, nn.Flatten(), nn.LazyLinear(2))
    model(torch.zeros(2, 3, *half_images().size))
    norm.running_mean.fill_(1e6)
    train_network(model, half_images(), replace(RECIPE, norm_momentum=share), seed=1)
    # Of the first mean, (1 - share)^k is left after k mini-batches; the images' own is about 0.
    left = 1e6 * (1 - expected) ** RECIPE.steps
    assert norm.running_mean.tolist() == pytest.approx([left] * 3, rel=1e-5, abs=2)


def test_another_task_is_another_training(scenes: ImageSet) -> None:
    arch, scale = SPACE.parse(CONV_CELL), NetworkScale(4, 1, 2)
    short = replace(RECIPE, steps=4)

    def losses(task: Task, seed: int = 0) -> list[float]:
        return train_label(SPACE, arch, scenes, short, scale, seed, task).train_loss

    assert losses(ClassObject()) == losses(ClassObject())
    # The same labels and the same head, but an identity of its own.
    assert losses(ClassObject()) != losses(Classification())
    assert losses(Jigsaw(4)) != losses(Jigsaw(4), seed=1)


def test_dense_tasks_that_diverge_have_the_values_of_guessing(scenes: ImageSet) -> None:
    class Overflowing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv2d(3, 3, 1)

        def forward(self, images: Tensor) -> Tensor:
            values: Tensor = self.layer(images)
            return values * math.inf

    task = Normal()
    record = train_network(Overflowing(), scenes, RECIPE, 1, task)
    targets = scenes.extra["test_normals"].float()
    assert record.status == "diverged"
    assert record.test_loss == pytest.approx(float(targets.abs().mean()), rel=1e-5)
    assert record.val_loss == [record.test_loss] * 4
    assert record.train_metric == [record.test_metric] * 4


def test_an_image_set_without_the_dense_target_is_refused() -> None:
    with pytest.raises(TaskError, match=r"normal: the image set halves has no dense target 'norm"):
        train_network(linear_model(), half_images(), RECIPE, 1, Normal())


def test_evaluation_uses_running_statistics_and_does_not_move_them() -> None:
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(192), nn.Linear(192, 2))
    images = half_images()
    inputs = images.normalise(images.test_images)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    loss, accuracy = evaluate(model, Classification(), inputs, images.test_labels)
    assert model.training
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    model.eval()
    logits = model(inputs)
    assert loss == pytest.approx(
        float(functional.cross_entropy(logits.detach(), images.test_labels))
    )
    assert accuracy == pytest.approx(
        float((logits.argmax(1) == images.test_labels).double().mean())
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 25}, "steps=25 must be a multiple of epochs=4"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"lr": 0.0}, "lr must be positive"),
        ({"norm_momentum": 0.0}, r"norm_momentum must lie in \(0, 1\] or be None"),
    ],
)
def test_impossible_recipes_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(RECIPE, **change)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_gpu_agrees_with_cpu_on_an_easy_task() -> None:
    images = half_images()
    cpu = train_network(linear_model(), images, RECIPE, seed=1)
    gpu = train_network(linear_model().cuda(), images.to("cuda"), RECIPE, seed=1)
    assert gpu.train_loss == pytest.approx(cpu.train_loss, rel=1e-3)
    assert gpu.test_metric == cpu.test_metric
