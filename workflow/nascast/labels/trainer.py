"""Trains one network once and records its learning curves: the source of the mini labels."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nascast.images.base import ImageSet
from nascast.images.batches import image_order
from nascast.seeds import derive_seed
from nascast.spaces.base import Architecture, NetworkScale, SearchSpace
from nascast.tasks.base import Task
from nascast.tasks.classification import ACCURACY, Classification
from nascast.tasks.networks import build_network
from nascast.tasks.registry import CLASSIFICATION

_EVALUATION_BATCH = 512
_CLASSIFICATION = Classification()


@dataclass(frozen=True)
class Recipe:
    """How a label is trained; an *epoch* is a fixed number of mini-batches, not a data pass.

    Attributes:
        steps: mini-batches in total.
        epochs: points on the learning curves; ``steps`` is a multiple of it.
        batch_size: images a mini-batch.
        lr: peak learning rate; it falls to zero along half a cosine, step by step.
        momentum: SGD momentum.
        nesterov: whether the momentum is Nesterov's.
        weight_decay: L2 penalty on every parameter.
        validation: validation images at the end of each epoch, at most.
        test: test images at the end of the training, at most.
        norm_momentum: share of a mini-batch in the running statistics of all batch norms; None
            keeps each network's own. Families made for long trainings have shares as small as
            0.003, with which the statistics of a few hundred mini-batches stay close to where they
            were initialised, and evaluation measures little but that.
    """

    steps: int = 240
    epochs: int = 12
    batch_size: int = 64
    lr: float = 0.03
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    validation: int = 1024
    test: int = 4096
    norm_momentum: float | None = 0.1

    def __post_init__(self) -> None:
        for name in ("steps", "epochs", "batch_size", "validation", "test"):
            if getattr(self, name) < 1:
                raise ValueError(f"Recipe.{name} must be at least 1, got {getattr(self, name)}")
        if self.steps % self.epochs:
            raise ValueError(
                f"Recipe.steps={self.steps} must be a multiple of epochs={self.epochs}, so that "
                "every epoch of the curves has the same number of mini-batches"
            )
        if self.lr <= 0:
            raise ValueError(f"Recipe.lr must be positive, got {self.lr}")
        if self.norm_momentum is not None and not 0 < self.norm_momentum <= 1:
            raise ValueError(
                f"Recipe.norm_momentum must lie in (0, 1] or be None, got {self.norm_momentum}"
            )


@dataclass(frozen=True)
class TrainingRecord:
    """What one training left behind; of classifications, losses are in nats.

    Attributes:
        train_loss: mean loss over the mini-batches of each epoch.
        val_loss: loss on the validation images at the end of each epoch.
        train_metric: the task's metric over the mini-batches of each epoch, as trained on.
        val_metric: the metric on the validation images at the end of each epoch.
        test_loss: final loss on the test images.
        test_metric: final metric on the test images.
        train_seconds: wall-clock time of training and evaluation.
        status: ``"ok"``, or ``"diverged"`` if a loss was not finite: from that epoch on, all values
            are those of guessing, for classifications ``log(classes)`` and ``1 / classes``.
        metric: name of the metric; higher is better.
    """

    train_loss: list[float]
    val_loss: list[float]
    train_metric: list[float]
    val_metric: list[float]
    test_loss: float
    test_metric: float
    train_seconds: float
    status: str
    metric: str = ACCURACY

    @property
    def is_accuracy(self) -> bool:
        """Whether the metric is an accuracy."""
        return self.metric == ACCURACY


def train_label(
    space: SearchSpace,
    arch: Architecture,
    images: ImageSet,
    recipe: Recipe,
    scale: NetworkScale,
    seed: int,
    task: Task = _CLASSIFICATION,
) -> TrainingRecord:
    """Build and train an architecture for its label number ``seed`` on an image set.

    Initialisation and image order come from the identity (architecture, image set, ``seed``, and
    the task unless it is plain classification), so a label is the same in every shard and order.
    torch's global generator is left as it was.

    Args:
        space: the space of ``arch``.
        arch: the architecture.
        images: the image set, already on the device and at the size to train at; where the
            architecture has a resolution of its own, the images are resized to that first.
        recipe: the schedule.
        scale: width and depth of the network.
        seed: counts the trainings of one architecture from zero.
        task: what the network is trained for.

    Raises:
        TaskError: the space or the image set cannot serve the task.
    """
    # Labels of plain classification shipped before there were other tasks.
    own = () if task.name == CLASSIFICATION else (task.name,)
    identity = derive_seed("labels", arch.arch_id, images.name, *own, seed)
    side = space.image_size(arch, images.size[0])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(identity)
        model = build_network(space, arch, scale, task, side, images.num_classes)
    own_images = images if side == images.size[0] else images.resize(side)
    return train_network(model, own_images, recipe, identity, task)


def train_network(
    model: nn.Module,
    images: ImageSet,
    recipe: Recipe,
    seed: int,
    task: Task = _CLASSIFICATION,
) -> TrainingRecord:
    """Train ``model`` in place on ``images`` and record its curves.

    Mini-batches are drawn without replacement, pass after pass, from a generator of their own, so
    that nothing but ``seed`` and the initialised model decides the result on one device.

    Args:
        model: an initialised network for the task on the device of ``images``.
        images: the image set; its validation part gives the curves, its test part the label.
        recipe: the schedule.
        seed: decides the order of the images.
        task: gives inputs and targets, the loss and the metric.

    Returns:
        The record; a network that diverges is recorded, not raised.

    Raises:
        TaskError: the image set cannot serve the task.
    """
    start = time.perf_counter()
    device = images.train_images.device
    model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if recipe.norm_momentum is not None:
        for norm in (m for m in model.modules() if isinstance(m, nn.BatchNorm2d)):
            norm.momentum = recipe.norm_momentum
    optimiser = torch.optim.SGD(
        model.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
        fused=True,  # one kernel for all parameters: a tenth of a shrunken network's step
    )
    fit = len(images.fit_labels)
    order = image_order(fit, recipe.steps, recipe.batch_size, seed).to(device)
    targets, test_targets = task.targets(images)
    held_out = slice(fit, fit + recipe.validation)
    val_inputs = task.inputs(images, images.train_images[held_out], targets[held_out])
    curves: list[tuple[float, float, float, float]] = []
    for first in range(0, recipe.steps, recipe.steps // recipe.epochs):
        batches = order[first : first + recipe.steps // recipe.epochs]
        trained = _train_epoch(model, optimiser, task, images, targets, recipe, batches, first)
        point = (*trained, *evaluate(model, task, val_inputs, targets[held_out]))
        if not all(map(math.isfinite, point)):
            break
        curves.append(point)
    test_targets = test_targets[: recipe.test]
    test_inputs = task.inputs(images, images.test_images[: recipe.test], test_targets)
    final = evaluate(model, task, test_inputs, test_targets)
    diverged = len(curves) < recipe.epochs or not all(map(math.isfinite, final))
    if diverged:
        final = task.guess(test_targets, images.num_classes)
        curves += [(*final, *final)] * (recipe.epochs - len(curves))
    train_loss, train_metric, val_loss, val_metric = map(list, zip(*curves, strict=True))
    return TrainingRecord(
        train_loss=train_loss,
        val_loss=val_loss,
        train_metric=train_metric,
        val_metric=val_metric,
        test_loss=final[0],
        test_metric=final[1],
        train_seconds=time.perf_counter() - start,
        status="diverged" if diverged else "ok",
        metric=task.metric,
    )


def evaluate(model: nn.Module, task: Task, inputs: Tensor, targets: Tensor) -> tuple[float, float]:
    """Return mean loss and metric of ``model`` in evaluation mode.

    Args:
        model: a network for the task; it is left in training mode.
        task: gives loss and metric.
        inputs: what the network reads, n examples.
        targets: their targets.
    """
    model.eval()
    loss = torch.zeros((), device=inputs.device)
    tallies = []
    with torch.inference_mode():
        for start in range(0, len(targets), _EVALUATION_BATCH):
            target = targets[start : start + _EVALUATION_BATCH]
            outputs = model(inputs[start : start + _EVALUATION_BATCH])
            loss += task.loss(outputs, target, "sum")
            tallies.append(task.tally(outputs, target))
    model.train()
    return float(loss) / len(targets), task.score(torch.stack(tallies).sum(dim=0), len(targets))


def _train_epoch(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    task: Task,
    images: ImageSet,
    targets: Tensor,
    recipe: Recipe,
    batches: Tensor,
    first_step: int,
) -> tuple[float, float]:
    losses = torch.zeros((), device=batches.device)
    tallies = []
    for step, batch in enumerate(batches, start=first_step):
        for group in optimiser.param_groups:
            group["lr"] = recipe.lr * 0.5 * (1 + math.cos(math.pi * step / recipe.steps))
        target = targets[batch]
        outputs = model(task.inputs(images, images.train_images[batch], target))
        loss = task.loss(outputs, target)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        # Summed on the device: a host copy a step would stall a GPU.
        losses += loss.detach()
        tallies.append(task.tally(outputs.detach(), target))
    metric = task.score(torch.stack(tallies).sum(dim=0), len(batches) * recipe.batch_size)
    return float(losses) / len(batches), metric
