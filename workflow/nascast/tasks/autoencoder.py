"""TransNAS-Bench-101's autoencoder: give the image back."""

from torch import Tensor

from nascast.images.base import ImageSet
from nascast.tasks.translation import Translation


class Autoencoder(Translation):
    """The target is the image itself, noise included."""

    name = "autoencoder"

    def targets(self, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Return the images, uint8, ``(n, 3, H, W)``."""
        return images.train_images, images.test_images

    def as_images(self, targets: Tensor) -> Tensor:
        """Return [0, 255] as [-1, 1]."""
        return targets.float() / 127.5 - 1
