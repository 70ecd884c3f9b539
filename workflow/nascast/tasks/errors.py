"""The one error of this room."""

from nascast.errors import NascastError


class TaskError(NascastError):
    """A task that is unknown, or that an image set or a search space cannot serve."""
