import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.io.provenance import (
    Provenance,
    ProvenanceError,
    collect,
    config_hash,
    package_versions,
)

settings = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def make(tmp_path: Path, **changes: object) -> Provenance:
    (tmp_path / "in.csv").write_text("1")
    values: dict[str, object] = {
        "stage": "labels",
        "fingerprint": "f",
        "config": {"epochs": 3},
        "inputs": [tmp_path / "in.csv"],
        "seed": 7,
    }
    return collect(**{**values, **changes})  # type: ignore[arg-type]


def test_json_round_trip(tmp_path: Path) -> None:
    provenance = make(tmp_path)
    assert Provenance.from_json(provenance.to_json()) == provenance
    assert Provenance.from_json(provenance.to_json().encode()) == provenance


def test_inputs_are_hashed_by_name(tmp_path: Path) -> None:
    assert make(tmp_path).inputs == {"in.csv": hashlib.sha256(b"1").hexdigest()}


def test_names_no_place_nor_time(tmp_path: Path) -> None:
    text = make(tmp_path).to_json()
    assert str(tmp_path) not in text
    assert make(tmp_path).to_json() == text
    assert set(json.loads(text)) == {
        "stage", "code_fingerprint", "config_hash", "inputs", "versions", "device", "seed"
    }  # fmt: skip


def test_a_changed_setting_or_input_shows(tmp_path: Path) -> None:
    first = make(tmp_path)
    assert make(tmp_path, config={"epochs": 4}).config_hash != first.config_hash
    (tmp_path / "other.csv").write_text("2")
    assert make(tmp_path, inputs={"in.csv": tmp_path / "other.csv"}).inputs != first.inputs


def test_equal_file_names_are_told_apart_by_folder(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "shard=0.parquet").write_text(folder)
    files = [tmp_path / folder / "shard=0.parquet" for folder in ("a", "b")]
    assert set(make(tmp_path, inputs=files).inputs) == {"a/shard=0.parquet", "b/shard=0.parquet"}
    with pytest.raises(ProvenanceError, match=r"two inputs are called a/shard=0\.parquet"):
        make(tmp_path, inputs=[files[0], files[0]])


def test_a_folder_stands_for_its_shards(tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    (folder / "shard=0.parquet").write_text("0")
    first = make(tmp_path, inputs=[folder]).inputs
    (folder / "notes.txt").write_text("not read by anyone")
    assert make(tmp_path, inputs=[folder]).inputs == first
    (folder / "shard=1.parquet").write_text("1")
    assert make(tmp_path, inputs=[folder]).inputs != first


def test_a_missing_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match=r"gone\.csv: No such file"):
        make(tmp_path, inputs=[tmp_path / "gone.csv"])


@given(st.dictionaries(st.text(), settings, max_size=4))
def test_config_hash_ignores_key_order(config: dict[str, object]) -> None:
    assert config_hash(config) == config_hash(dict(reversed(config.items())))


@given(st.dictionaries(st.text(), settings, min_size=1, max_size=4))
def test_config_hash_sees_a_removed_key(config: dict[str, object]) -> None:
    smaller = dict(list(config.items())[1:])
    assert config_hash(config) != config_hash(smaller)


def test_config_hash_treats_tuples_as_lists_and_refuses_objects() -> None:
    assert config_hash({"a": (1, 2)}) == config_hash({"a": [1, 2]})
    assert config_hash({"a": 1}) != config_hash({"a": "1"})
    with pytest.raises(ProvenanceError, match=r"config\.a\[1\]\.b is a set"):
        config_hash({"a": [0, {"b": {1}}]})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"stage": "x"}', "\x00"])
def test_foreign_text_is_refused(text: str) -> None:
    with pytest.raises(ProvenanceError):
        Provenance.from_json(text)


def test_torch_is_named_only_if_loaded_and_never_loaded() -> None:
    program = (
        "import sys, types; from nascast.io.provenance import package_versions as versions;"
        "assert 'torch' not in versions() and 'torch' not in sys.modules;"
        "sys.modules['torch'] = types.ModuleType('torch'); assert 'torch' in versions()"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert package_versions()["python"] == ".".join(map(str, sys.version_info[:3]))
