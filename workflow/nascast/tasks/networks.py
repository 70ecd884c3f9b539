"""The network that an architecture becomes for a task, and its size."""

from __future__ import annotations

from torch import nn

from nascast.networks.counts import Size
from nascast.spaces.base import Architecture, NetworkScale, SearchSpace
from nascast.tasks.base import Task
from nascast.tasks.heads import Backbone


def build_network(
    space: SearchSpace,
    arch: Architecture,
    scale: NetworkScale,
    task: Task,
    image_size: int,
    num_classes: int = 10,
) -> nn.Module:
    """Build the network of an architecture for a task, from torch's global generator.

    Args:
        space: the space of ``arch``.
        arch: the architecture.
        scale: width and depth of the backbone.
        task: what the network is for.
        image_size: side of the images in pixels.
        num_classes: classes of the image set, for tasks on its labels.

    Raises:
        TaskError: the space or the image size cannot serve the task.
    """
    backbone = Backbone(space, arch, scale, image_size)
    return task.head.build(backbone, task.outputs(num_classes))


def count_network(
    space: SearchSpace,
    arch: Architecture,
    scale: NetworkScale,
    task: Task,
    image_size: int,
    num_classes: int = 10,
) -> Size:
    """Return parameters and MACs of :func:`build_network`'s result, without building it."""
    backbone = Backbone(space, arch, scale, image_size)
    return task.head.count(backbone, task.outputs(num_classes))
