"""Trains one network once and records its learning curves: the source of the mini labels."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from nascast.images.base import ImageSet
from nascast.images.batches import image_order
from nascast.seeds import derive_seed
from nascast.spaces.base import Architecture, NetworkScale, SearchSpace

_EVALUATION_BATCH = 512


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


@dataclass(frozen=True)
class TrainingRecord:
    """What one training left behind; losses in nats, accuracies in [0, 1].

    Attributes:
        train_loss: mean loss over the mini-batches of each epoch.
        val_loss: loss on the validation images at the end of each epoch.
        train_acc: accuracy over the mini-batches of each epoch, as they were trained on.
        val_acc: accuracy on the validation images at the end of each epoch.
        test_loss: final loss on the test images.
        test_acc: final accuracy on the test images.
        train_seconds: wall-clock time of training and evaluation.
        status: ``"ok"``, or ``"diverged"`` if a loss was not finite: from that epoch on, all values
            are those of guessing, ``1 / num_classes`` and ``log(num_classes)``.
    """

    train_loss: list[float]
    val_loss: list[float]
    train_acc: list[float]
    val_acc: list[float]
    test_loss: float
    test_acc: float
    train_seconds: float
    status: str


def train_label(
    space: SearchSpace,
    arch: Architecture,
    images: ImageSet,
    recipe: Recipe,
    scale: NetworkScale,
    seed: int,
) -> TrainingRecord:
    """Build and train an architecture for its label number ``seed`` on an image set.

    Initialisation and image order come from the identity (architecture, image set, ``seed``), so a
    label is the same in every shard and order. torch's global generator is left as it was.

    Args:
        space: the space of ``arch``.
        arch: the architecture.
        images: the image set, already on the device and at the size to train at; where the
            architecture has a resolution of its own, the images are resized to that first.
        recipe: the schedule.
        scale: width and depth of the network.
        seed: counts the trainings of one architecture from zero.
    """
    identity = derive_seed("labels", arch.arch_id, images.name, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(identity)
        model = space.build(arch, scale, images.num_classes)
    side = space.image_size(arch, images.size[0])
    own_images = images if side == images.size[0] else images.resize(side)
    return train_network(model, own_images, recipe, identity)


def train_network(model: nn.Module, images: ImageSet, recipe: Recipe, seed: int) -> TrainingRecord:
    """Train ``model`` in place on ``images`` and record its curves.

    Mini-batches are drawn without replacement, pass after pass, from a generator of their own, so
    that nothing but ``seed`` and the initialised model decides the result on one device.

    Args:
        model: an initialised classifier on the device of ``images``.
        images: the image set; its validation part gives the curves, its test part the label.
        recipe: the schedule.
        seed: decides the order of the images.

    Returns:
        The record; a network that diverges is recorded, not raised.
    """
    start = time.perf_counter()
    device = images.train_images.device
    model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.SGD(
        model.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
        fused=True,  # one kernel for all parameters: a tenth of a shrunken network's step
    )
    order = image_order(len(images.fit_labels), recipe.steps, recipe.batch_size, seed).to(device)
    held_out = _prepare(images, images.validation_images[: recipe.validation])
    held_out_labels = images.validation_labels[: recipe.validation]
    curves: list[tuple[float, float, float, float]] = []
    for first in range(0, recipe.steps, recipe.steps // recipe.epochs):
        batches = order[first : first + recipe.steps // recipe.epochs]
        trained = _train_epoch(model, optimiser, images, recipe, batches, first)
        point = (*trained, *evaluate(model, held_out, held_out_labels))
        if not all(map(math.isfinite, point)):
            break
        curves.append(point)
    test_inputs = _prepare(images, images.test_images[: recipe.test])
    final = evaluate(model, test_inputs, images.test_labels[: recipe.test])
    diverged = len(curves) < recipe.epochs or not math.isfinite(final[0])
    guess = (math.log(images.num_classes), 1 / images.num_classes)
    curves += [(*guess, *guess)] * (recipe.epochs - len(curves))
    train_loss, train_acc, val_loss, val_acc = (list(curve) for curve in zip(*curves, strict=True))
    test_loss, test_acc = guess if diverged else final
    return TrainingRecord(
        train_loss=train_loss,
        val_loss=val_loss,
        train_acc=train_acc,
        val_acc=val_acc,
        test_loss=test_loss,
        test_acc=test_acc,
        train_seconds=time.perf_counter() - start,
        status="diverged" if diverged else "ok",
    )


def evaluate(model: nn.Module, inputs: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return mean cross-entropy (nats) and accuracy of ``model`` in evaluation mode.

    Args:
        model: a classifier; it is left in training mode.
        inputs: normalised images, (n, 3, H, W).
        labels: (n,).
    """
    model.eval()
    loss = torch.zeros((), device=inputs.device)
    correct = torch.zeros((), device=inputs.device)
    with torch.inference_mode():
        for start in range(0, len(labels), _EVALUATION_BATCH):
            target = labels[start : start + _EVALUATION_BATCH]
            logits = model(inputs[start : start + _EVALUATION_BATCH])
            loss += functional.cross_entropy(logits, target, reduction="sum")
            correct += (logits.argmax(dim=1) == target).sum()
    model.train()
    return float(loss) / len(labels), float(correct) / len(labels)


def _prepare(images: ImageSet, batch: Tensor) -> Tensor:
    return images.normalise(batch).contiguous(memory_format=torch.channels_last)


def _train_epoch(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    images: ImageSet,
    recipe: Recipe,
    batches: Tensor,
    first_step: int,
) -> tuple[float, float]:
    losses = torch.zeros((), device=batches.device)
    correct = torch.zeros((), device=batches.device)
    for step, batch in enumerate(batches, start=first_step):
        for group in optimiser.param_groups:
            group["lr"] = recipe.lr * 0.5 * (1 + math.cos(math.pi * step / recipe.steps))
        labels = images.train_labels[batch]
        logits = model(_prepare(images, images.train_images[batch]))
        loss = functional.cross_entropy(logits, labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        # Summed on the device: a host copy a step would stall a GPU.
        losses += loss.detach()
        correct += (logits.detach().argmax(dim=1) == labels).sum()
    return float(losses) / len(batches), float(correct) / (len(batches) * recipe.batch_size)
