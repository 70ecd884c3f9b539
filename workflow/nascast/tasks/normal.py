"""TransNAS-Bench-101's surface normals: which way does each visible surface face?"""

from torch import Tensor

from nascast.images.base import ImageSet
from nascast.tasks.translation import Translation


class Normal(Translation):
    """The target has the components of the unit normal as channels."""

    name = "normal"
    dense = "normals"

    def targets(self, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Return the normals, float16, ``(n, 3, H, W)``, components in [-1, 1]."""
        return self.dense_targets(images)

    def as_images(self, targets: Tensor) -> Tensor:
        """Return the components as float32."""
        return targets.float()
