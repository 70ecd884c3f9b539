from __future__ import annotations

import json
from pathlib import Path

import pytest

from nascast.spaces.nasbench201 import NASBench201
from nascast.stages.files import SPACES, fetched, make_space


def test_a_note_leads_to_its_file(tmp_path: Path) -> None:
    note = tmp_path / "images.json"
    note.write_text(json.dumps({"source": "images_packed", "file": "packed.parquet"}))
    assert fetched(note) == ("images_packed", tmp_path / "packed.parquet")
    assert fetched(str(note)) == fetched(note)


def test_spaces_are_made_by_name() -> None:
    assert isinstance(make_space("nasbench201"), NASBench201)
    for name in SPACES:
        assert make_space(name).name == name
    with pytest.raises(ValueError, match="unknown search space 'darts'; choose one of nasbench201"):
        make_space("darts")
