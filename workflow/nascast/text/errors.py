"""What goes wrong in this room."""

from __future__ import annotations

from nascast.errors import NascastError


class TextError(NascastError):
    """An operation is not described, descriptions contradict each other, or an encoder fails."""
