"""Partial training under NAP2's protocol, with snapshots of the layer statistics on the way.

Source: NAP2, trace protocol: SGD with Nesterov momentum at a constant learning rate (the cosine
schedule spans 200 epochs, so it hardly moves here), cross-entropy, no gradient clipping; a snapshot
is taken after the optimiser's step, so its gradient is that of the last mini-batch.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nascast.images.augment import Augmentation
from nascast.images.base import ImageSet
from nascast.images.batches import image_order
from nascast.networks.evaluate import evaluate
from nascast.traces.collector import RecordedTensor, TraceCollector


@dataclass(frozen=True, slots=True)
class TraceProtocol:
    """How a network is partially trained and recorded.

    Attributes:
        steps: mini-batches in all.
        interval: mini-batches between two snapshots; the first is taken after ``interval``.
        evaluate_at: mini-batches after which the validation images are evaluated.
        batch_size: images in a mini-batch.
        learning_rate, momentum, weight_decay: SGD's, with Nesterov momentum.
        validation_images: how many validation images an evaluation looks at, at most.
    """

    steps: int
    interval: int
    evaluate_at: tuple[int, ...]
    batch_size: int = 256
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    validation_images: int = 5000

    def __post_init__(self) -> None:
        if self.interval < 1 or self.steps < self.interval:
            raise ValueError(
                f"a trace of {self.steps} mini-batches with a snapshot every {self.interval} has "
                "no snapshot; lower the interval or raise the steps"
            )
        beyond = [step for step in self.evaluate_at if not 1 <= step <= self.steps]
        if beyond:
            raise ValueError(f"evaluate_at={beyond} lies outside 1..{self.steps} mini-batches")

    @property
    def snapshot_steps(self) -> tuple[int, ...]:
        """The mini-batches after which a snapshot is taken."""
        return tuple(range(self.interval, self.steps + 1, self.interval))


@dataclass(frozen=True)
class NetworkTrace:
    """What one partial training left behind; everything on the host.

    Attributes:
        tensors: the recorded parameters in module order (``layers`` of them).
        snapshot_steps: int, ``(snapshots,)``.
        statistics: float32, ``(snapshots, 2, layers, 12, 100)``; weights, then gradients.
        train_loss: float32, ``(steps,)``: cross-entropy of every mini-batch in nats.
        train_acc: float32, ``(steps,)``: accuracy on every mini-batch, in [0, 1].
        val_loss, val_acc: float32, ``(steps,)``: NaN but at the evaluated steps.
        seconds: float64, ``(steps,)``: wall-clock time of training and recording so far, without
            evaluation; on CUDA only the last value has waited for the device.
        status: ``"ok"``, ``"diverged"`` (a loss that is not finite) or ``"dead"`` (no gradient
            reaches the first layer, so the network cannot learn).
    """

    tensors: tuple[RecordedTensor, ...]
    snapshot_steps: NDArray[np.int32]
    statistics: NDArray[np.float32]
    train_loss: NDArray[np.float32]
    train_acc: NDArray[np.float32]
    val_loss: NDArray[np.float32]
    val_acc: NDArray[np.float32]
    seconds: NDArray[np.float64]
    status: str


def trace_network(
    model: nn.Module,
    images: ImageSet,
    augmentation: Augmentation,
    protocol: TraceProtocol,
    seed: int,
) -> NetworkTrace:
    """Train ``model`` for ``protocol.steps`` mini-batches and record it.

    Args:
        model: a freshly initialised network on the images' device; it is trained in place.
        images: the image set; its validation part is never trained on.
        augmentation: what a training batch goes through.
        protocol: training and recording settings.
        seed: decides the order of the images and their augmentation, alike on every device. One
            seed for all networks of an image set makes their losses comparable batch by batch.
    """
    collector = TraceCollector(model)
    optimiser = _make_optimiser(model, protocol)
    device = images.train_images.device
    order = image_order(len(images.fit_labels), protocol.steps, protocol.batch_size, seed)
    generator = torch.Generator().manual_seed(seed)
    held_out = _channels_last(
        augmentation.prepare(images, images.validation_images[: protocol.validation_images])
    )
    held_out_labels = images.validation_labels[: protocol.validation_images]
    metrics = torch.full((4, protocol.steps), torch.nan, device=device)
    seconds = np.zeros(protocol.steps)
    snapshots: list[Tensor] = []
    snapshot_steps, evaluate_at = set(protocol.snapshot_steps), set(protocol.evaluate_at)
    evaluation_time, start = 0.0, time.perf_counter()
    model.train()
    for step, chosen in enumerate(order.to(device), start=1):
        labels = images.train_labels[chosen]
        batch = augmentation(images, images.train_images[chosen], generator)
        logits = model(_channels_last(batch))
        loss = functional.cross_entropy(logits, labels)
        optimiser.zero_grad(set_to_none=False)
        loss.backward()
        optimiser.step()
        # Losses stay on the device: reading them here would wait for it at every mini-batch.
        metrics[0, step - 1] = loss.detach()
        metrics[1, step - 1] = (logits.detach().argmax(1) == labels).float().mean()
        if step in snapshot_steps:
            snapshots.append(collector.snapshot())
        seconds[step - 1] = time.perf_counter() - start - evaluation_time
        if step in evaluate_at:
            before = time.perf_counter()
            metrics[2:, step - 1] = evaluate(model, held_out, held_out_labels)
            evaluation_time += time.perf_counter() - before
    statistics = torch.stack(snapshots).cpu().numpy()
    host = metrics.cpu().numpy()
    seconds[-1] = time.perf_counter() - start - evaluation_time
    return NetworkTrace(
        tensors=collector.tensors,
        snapshot_steps=np.array(protocol.snapshot_steps, dtype=np.int32),
        statistics=statistics,
        train_loss=host[0],
        train_acc=host[1],
        val_loss=host[2],
        val_acc=host[3],
        seconds=seconds,
        status=_status(host[0], statistics),
    )


def _make_optimiser(model: nn.Module, protocol: TraceProtocol) -> torch.optim.Optimizer:
    # Branches that cannot reach the output get a zero gradient, not none at all, so that weight
    # decay acts on them as it does in the original, which multiplies their result by zero.
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    return torch.optim.SGD(
        model.parameters(),
        lr=protocol.learning_rate,
        momentum=protocol.momentum,
        weight_decay=protocol.weight_decay,
        nesterov=True,
        fused=True,  # one kernel for all parameters: a tenth of a shrunken network's step
    )


def _channels_last(batch: Tensor) -> Tensor:
    # Convolutions of shrunken networks run about 1.5 times faster in this memory format on a CPU.
    return batch.contiguous(memory_format=torch.channels_last)


def _status(train_loss: NDArray[np.float32], statistics: NDArray[np.float32]) -> str:
    if not np.isfinite(train_loss).all():
        return "diverged"
    first_layer_gradient = statistics[0, 1, 0]
    return "ok" if np.any(first_layer_gradient) else "dead"
