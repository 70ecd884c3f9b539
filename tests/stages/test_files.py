from __future__ import annotations

import json
from pathlib import Path

from nascast.stages.files import fetched


def test_a_note_leads_to_its_file(tmp_path: Path) -> None:
    note = tmp_path / "images.json"
    note.write_text(json.dumps({"source": "images_packed", "file": "packed.parquet"}))
    assert fetched(note) == ("images_packed", tmp_path / "packed.parquet")
    assert fetched(str(note)) == fetched(note)
