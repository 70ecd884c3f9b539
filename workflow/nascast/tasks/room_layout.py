"""TransNAS-Bench-101's room layout: where do the walls meet?"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from nascast.images.base import ImageSet
from nascast.tasks.base import Reduction, Task
from nascast.tasks.heads import PooledHead

_COORDINATES = 6


class RoomLayout(Task):
    """Regression of the back wall's sides and of the vanishing point.

    The benchmark's targets are nine numbers of the room's bounding box; here they are the six that
    describe a made room. Either way they are standardised, so that guessing the mean has loss 1.
    """

    name = "room_layout"
    metric = "negative_l2"
    metric_range = (-float("inf"), 0.0)
    dense = "layout"
    head = PooledHead()

    def outputs(self, num_classes: int) -> int:
        """Return the number of coordinates."""
        return _COORDINATES

    def targets(self, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Return the layouts, float32, ``(n, 6)``, mean 0 and variance 1 over what is trained on.

        Raises:
            TaskError: the image set has no layouts.
        """
        train, test = self.dense_targets(images)
        fit = train[: len(images.fit_labels)]
        mean, std = fit.mean(dim=0), fit.std(dim=0, correction=0)
        return (train - mean) / std, (test - mean) / std

    def loss(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the mean squared error over the coordinates."""
        mean = functional.mse_loss(outputs, targets)
        return mean if reduction == "mean" else mean * len(targets)

    def tally(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the sum of the losses."""
        return self.loss(outputs, targets, "sum")

    def score(self, tally: Tensor, count: int) -> float:
        """Return minus the mean loss."""
        return -float(tally) / count

    def guess(self, targets: Tensor, num_classes: int) -> tuple[float, float]:
        """Return what the mean layout gives."""
        return self.blind_guess(targets, (_COORDINATES,))
