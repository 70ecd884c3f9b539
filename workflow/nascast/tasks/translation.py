"""Image to image: a decoder with a tanh, the absolute error, structural similarity."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor
from torch.nn import functional

from nascast.tasks.base import Reduction, Task
from nascast.tasks.heads import DecoderHead
from nascast.tasks.ssim import ssim

_CHANNELS = 3


class Translation(Task):
    """Base of the tasks whose target is an image of three channels.

    The benchmark's loss is 0.99 of the absolute error and 0.01 of an adversary's; here it is the
    absolute error alone. Its metric is the structural similarity, as here.
    """

    metric = "ssim"
    metric_range = (-1.0, 1.0)
    head = DecoderHead("tanh")

    @abstractmethod
    def as_images(self, targets: Tensor) -> Tensor:
        """Return targets as they are stored as float32 ``(b, 3, H, W)`` in [-1, 1]."""

    def outputs(self, num_classes: int) -> int:
        """Return the channels of the target."""
        return _CHANNELS

    def loss(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the mean absolute error over pixels and channels, in [0, 2]."""
        mean = functional.l1_loss(outputs, self.as_images(targets))
        return mean if reduction == "mean" else mean * len(targets)

    def tally(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the sum of the structural similarities, with both images brought to [0, 1]."""
        return ssim((outputs + 1) / 2, (self.as_images(targets) + 1) / 2).sum()

    def score(self, tally: Tensor, count: int) -> float:
        """Return the mean structural similarity."""
        return float(tally) / count

    def guess(self, targets: Tensor, num_classes: int) -> tuple[float, float]:
        """Return what plain grey gives."""
        return self.blind_guess(targets, tuple(targets.shape[1:]))
