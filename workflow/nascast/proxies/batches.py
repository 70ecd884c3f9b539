"""The mini-batch that the networks of a task are measured on."""

from __future__ import annotations

from nascast.images.base import ImageSet
from nascast.images.batches import image_order
from nascast.proxies.base import Batch
from nascast.tasks.base import Task


def task_batch(images: ImageSet, task: Task, size: int, seed: int) -> Batch:
    """Return training images with what the task asks of them, without augmentation.

    All networks see the same mini-batch, as in NAS-Bench-Suite-Zero: what it is like then changes
    their order less than if each had its own.

    Args:
        images: the image set, on the device and at the size to measure at.
        task: gives inputs, targets and the loss.
        size: images.
        seed: which mini-batch.

    Raises:
        TaskError: the image set cannot serve the task.
    """
    (chosen,) = image_order(len(images.fit_labels), 1, size, seed)
    targets = task.targets(images)[0][chosen.to(images.train_labels.device)]
    inputs = task.inputs(images, images.train_images[chosen.to(targets.device)], targets)
    classes = task.outputs(images.num_classes) if task.is_classification else None
    return Batch(inputs, targets, task.loss, targets if task.is_classification else None, classes)
