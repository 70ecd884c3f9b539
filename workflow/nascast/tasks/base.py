"""What every task offers: from an image set to inputs and targets, a loss and a metric.

Source of the seven tasks: Duan et al. 2021, "TransNAS-Bench-101: Improving Transferability and
Generalizability of Cross-Task Neural Architecture Search", section 3.1, and its public code.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import torch
from torch import Tensor

from nascast.images.base import ImageSet
from nascast.tasks.errors import TaskError
from nascast.tasks.heads import Head

Reduction = Literal["mean", "sum"]
"""Over the examples of a batch; within an example a loss is always a mean."""


class Task(ABC):
    """A task. A higher metric is better in every one of them.

    Attributes:
        name: registered name.
        metric: name of the metric, e.g. ``"accuracy"`` or ``"ssim"``.
        metric_range: lowest and highest value that the metric can take.
        is_classification: whether each input has one right class out of several: the loss is then
            the cross-entropy in nats and the metric the accuracy.
        dense: the dense target of made images that the task reads, if it reads one.
        head: what stands behind the backbone.
    """

    name: str
    metric: str
    metric_range: tuple[float, float]
    is_classification: bool = False
    dense: str | None = None
    head: Head

    @abstractmethod
    def outputs(self, num_classes: int) -> int:
        """Return how many numbers a network puts out for an input (for a pixel, if dense).

        Args:
            num_classes: classes of the image set; only tasks on its labels ask for them.
        """

    @abstractmethod
    def targets(self, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Return the targets of the training part (validation included) and of the test part.

        Raises:
            TaskError: the image set lacks the dense target of the task.
        """

    def inputs(self, images: ImageSet, batch: Tensor, targets: Tensor) -> Tensor:
        """Return what a network reads.

        Args:
            images: the set that ``batch`` was taken from.
            batch: uint8 images, ``(b, 3, H, W)``.
            targets: their targets.

        Returns:
            float32, normalised; ``(b, 3, H, W)`` unless the task cuts the images up.
        """
        return images.normalise(batch).contiguous(memory_format=torch.channels_last)

    @abstractmethod
    def loss(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the loss of a batch as a scalar."""

    @abstractmethod
    def tally(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return what :meth:`score` needs of a batch; tallies of batches are added."""

    @abstractmethod
    def score(self, tally: Tensor, count: int) -> float:
        """Return the metric of ``count`` examples from the sum of their tallies."""

    @abstractmethod
    def guess(self, targets: Tensor, num_classes: int) -> tuple[float, float]:
        """Return loss and metric of a network that has learnt nothing.

        Args:
            targets: of the examples to guess.
            num_classes: classes of the image set.
        """

    def blind_guess(self, targets: Tensor, shape: tuple[int, ...]) -> tuple[float, float]:
        """Return loss and metric of zeros of a shape for every example."""
        losses, tallies = [], []
        for some in targets.split(_BATCH):
            zeros = torch.zeros((len(some), *shape), device=targets.device)
            losses.append(self.loss(zeros, some, "sum"))
            tallies.append(self.tally(zeros, some))
        loss = float(torch.stack(losses).sum()) / len(targets)
        return loss, self.score(torch.stack(tallies).sum(dim=0), len(targets))

    def dense_targets(self, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Return the dense target named by :attr:`dense`; TaskError if the set lacks it."""
        found = [images.extra.get(f"{part}_{self.dense}") for part in ("train", "test")]
        if found[0] is None or found[1] is None:
            raise TaskError(
                f"task {self.name}: the image set {images.name} has no dense target "
                f"{self.dense!r} at {images.size[0]} pixels; make it with dense targets (the "
                f"prepared set {images.name}-dense), which resizing drops"
            )
        return found[0], found[1]


_BATCH = 512
