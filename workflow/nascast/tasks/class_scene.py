"""TransNAS-Bench-101's scene classification: what kind of place the scene shows."""

from torch import Tensor

from nascast.images.base import ImageSet
from nascast.images.scenes_render import SCENE_TYPES
from nascast.tasks.classification import Classification


class ClassScene(Classification):
    """The type of the room behind the object; 47 soft classes in the benchmark."""

    name = "class_scene"
    dense = "scene"

    def outputs(self, num_classes: int) -> int:
        """Return the number of scene types."""
        return len(SCENE_TYPES)

    def targets(self, images: ImageSet) -> tuple[Tensor, Tensor]:
        """Return the scene types, int64."""
        return self.dense_targets(images)
