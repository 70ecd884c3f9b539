"""Reading what earlier stages left: the notes of fetched sources."""

from __future__ import annotations

import json
from pathlib import Path


def fetched(note: Path | str) -> tuple[str, Path]:
    """Return the source's name and the verified file that a note of ``fetch_source`` tells of."""
    note = Path(note)
    content = json.loads(note.read_text())
    return content["source"], note.parent / content["file"]
