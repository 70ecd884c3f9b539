"""Classification of whole images by the image set's own labels."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn import functional

from nascast.images.base import ImageSet
from nascast.tasks.base import Reduction, Task
from nascast.tasks.heads import Head, PooledHead

ACCURACY = "accuracy"


class Classification(Task):
    """One right class for each input: cross-entropy and accuracy (top 1)."""

    name = "classification"
    metric = ACCURACY
    metric_range = (0.0, 1.0)
    is_classification = True
    head: Head = PooledHead()

    def outputs(self, num_classes: int) -> int:
        """Return the classes of the image set."""
        return num_classes

    def targets(self, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Return the labels, int64."""
        return images.train_labels, images.test_labels

    def loss(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the cross-entropy in nats."""
        return functional.cross_entropy(outputs, targets, reduction=reduction)

    def tally(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return how many of the largest logits are at the right class."""
        return (outputs.argmax(dim=1) == targets).sum()

    def score(self, tally: Tensor, count: int) -> float:
        """Return the share of right answers."""
        return float(tally) / count

    def guess(self, targets: Tensor, num_classes: int) -> tuple[float, float]:
        """Return what equal probabilities give."""
        classes = self.outputs(num_classes)
        return math.log(classes), 1 / classes
