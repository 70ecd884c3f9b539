"""Reading what earlier stages left: fetched sources, image sets and pools of architectures."""

from __future__ import annotations

import json
from pathlib import Path

from nascast.spaces.base import SearchSpace
from nascast.spaces.nasbench201 import NASBench201

SPACES: dict[str, type[SearchSpace]] = {"nasbench201": NASBench201}


def fetched(note: Path | str) -> tuple[str, Path]:
    """Return the source's name and the verified file that a note of ``fetch_source`` tells of."""
    note = Path(note)
    content = json.loads(note.read_text())
    return content["source"], note.parent / content["file"]


def make_space(name: str) -> SearchSpace:
    """Return the search space registered under ``name``."""
    if name not in SPACES:
        raise ValueError(f"unknown search space {name!r}; choose one of {', '.join(SPACES)}")
    return SPACES[name]()
