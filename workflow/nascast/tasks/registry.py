"""Every task by its name.

Another distribution adds a task through the entry-point group ``nascast.tasks``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nascast.registry import Registry
from nascast.tasks.errors import TaskError

if TYPE_CHECKING:
    from nascast.tasks.base import Task

CLASSIFICATION = "classification"
"""The task of an image set's own labels, whose labels carry the image set's name."""

BUILT_IN = {
    CLASSIFICATION: "nascast.tasks.classification:Classification",
    "class_object": "nascast.tasks.class_object:ClassObject",
    "class_scene": "nascast.tasks.class_scene:ClassScene",
    "jigsaw": "nascast.tasks.jigsaw:Jigsaw",
    "autoencoder": "nascast.tasks.autoencoder:Autoencoder",
    "room_layout": "nascast.tasks.room_layout:RoomLayout",
    "normal": "nascast.tasks.normal:Normal",
    "segmentsemantic": "nascast.tasks.segmentsemantic:SegmentSemantic",
}
TRANSNAS = tuple(BUILT_IN)[1:]
"""The seven tasks of TransNAS-Bench-101."""

READS_DENSE = frozenset({"class_scene", "room_layout", "normal", "segmentsemantic"})
"""Tasks that need an image set with dense targets; known here without importing torch."""

REGISTRY = Registry("task", "nascast.tasks", BUILT_IN, TaskError)
names = REGISTRY.names
module_of = REGISTRY.module_of


def create(name: str, **settings: int) -> Task:
    """Return the task registered under ``name``.

    Args:
        name: a registered name.
        settings: of the task, e.g. ``permutations`` of ``jigsaw``.

    Raises:
        TaskError: as :meth:`nascast.registry.Registry.load`, or a setting does not exist, or what
            is registered is no task.
    """
    from nascast.tasks.base import Task

    kind = REGISTRY.load(name)
    if not (isinstance(kind, type) and issubclass(kind, Task)):
        raise TaskError(f"task {name!r} does not fulfil the contract nascast.tasks.base.Task")
    try:
        return kind(**settings)
    except TypeError as error:
        raise TaskError(f"task {name!r} has other settings than {sorted(settings)}") from error
