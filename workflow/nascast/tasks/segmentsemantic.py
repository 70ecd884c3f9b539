"""TransNAS-Bench-101's semantic segmentation: to what does each pixel belong?"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from nascast.images.base import ImageSet
from nascast.images.scenes_render import CLUTTER_SEGMENT
from nascast.tasks.base import Reduction, Task
from nascast.tasks.heads import DecoderHead

SEGMENTS = CLUTTER_SEGMENT + 1


class SegmentSemantic(Task):
    """Cross-entropy of every pixel and mean intersection over union; 17 classes in the benchmark.

    As there, one confusion matrix is summed over all images, and classes that neither occur nor
    are predicted are left out of the mean.
    """

    name = "segmentsemantic"
    metric = "miou"
    metric_range = (0.0, 1.0)
    dense = "segmentation"
    head = DecoderHead()

    def outputs(self, num_classes: int) -> int:
        """Return the number of segmentation classes."""
        return SEGMENTS

    def targets(self, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Return the classes of the pixels, uint8, ``(n, H, W)``."""
        return self.dense_targets(images)

    def loss(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the mean cross-entropy over the pixels, in nats."""
        mean = functional.cross_entropy(outputs, targets.long())
        return mean if reduction == "mean" else mean * len(targets)

    def tally(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the pixels of each true (row) and predicted (column) class, int64."""
        pairs = targets.long() * SEGMENTS + outputs.argmax(dim=1)
        return torch.bincount(pairs.flatten(), minlength=SEGMENTS**2).view(SEGMENTS, SEGMENTS)

    def score(self, tally: Tensor, count: int) -> float:
        """Return the mean intersection over union."""
        pixels = tally.double()
        right = pixels.diagonal()
        union = pixels.sum(dim=0) + pixels.sum(dim=1) - right
        return float((right / union)[union > 0].mean())

    def guess(self, targets: Tensor, num_classes: int) -> tuple[float, float]:
        """Return what equal probabilities give, with ties going to the first class."""
        return self.blind_guess(targets, (SEGMENTS, *targets.shape[1:]))
