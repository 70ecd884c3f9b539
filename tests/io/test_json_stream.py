import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.io import json_stream
from nascast.io.json_stream import JsonError, stream_entries

CONTENT = {
    "a": {"x": {"score": 1.5e-7, "names": ["é", 'quote "']}, "y": 12345},
    "b": {},
    "c": {"z": None},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def flat(content: dict[str, dict[str, Any]]) -> list[tuple[str, str, Any]]:
    return [(outer, inner, value) for outer, its in content.items() for inner, value in its.items()]


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
def test_entries_in_order_whatever_the_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, indent: int | None
) -> None:
    monkeypatch.setattr(json_stream, "_BLOCK_CHARACTERS", block)
    path = written(tmp_path / "a.json", json.dumps(CONTENT, indent=indent) + "\n")
    assert list(stream_entries(path)) == flat(CONTENT)


@given(content=st.dictionaries(st.text(max_size=4), st.dictionaries(st.text(max_size=4), JSON)))
def test_any_object_of_objects(content: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.mktemp("any") / "a.json", json.dumps(content))
    assert list(stream_entries(path)) == flat(content)


def test_numbers_beyond_json(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", '{"a": {"x": [Infinity, -Infinity, 1e999]}}')
    assert list(stream_entries(path)) == [("a", "x", [float("inf"), float("-inf"), float("inf")])]


def test_every_truncation_is_found(tmp_path: Path) -> None:
    text = json.dumps(CONTENT)
    for size in range(len(text)):
        path = written(tmp_path / "a.json", text[:size])
        with pytest.raises(JsonError, match=r"a\.json, character \d+: .*fetch it again"):
            list(stream_entries(path))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[1]", "character 0: expected {, found ["),
        ('{"a": [1]}', "character 6: expected {, found ["),
        ('{"a": {1: 2}}', "expected a key, found 1"),
        ('{"a": {"b" 2}}', "expected :, found 2"),
        ('{"a": {"b": 1 "c": 2}}', 'expected , or }, found "'),
        ('{"a": {"b": oops}}', "Expecting value"),
        ('{"a": {}} {}', "something follows the end"),
        ('{"a": {"b": ' + "[" * 100_000 + "}}", "nested too deeply"),
        ('{"a": {"b": ' + "9" * 10_000 + "}}", "digits"),
    ],
)
def test_other_texts_say_where(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(JsonError) as caught:
        list(stream_entries(written(tmp_path / "a.json", text)))
    assert fault in str(caught.value)


def test_a_value_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_BLOCK_CHARACTERS", 10)
    path = written(tmp_path / "a.json", json.dumps({"a": {"b": "x" * 300}}))
    assert len(list(stream_entries(path, longest=400))) == 1
    with pytest.raises(JsonError, match="a value has more than 100 characters"):
        list(stream_entries(path, longest=100))


def test_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"a": {"\xff": 1}}')
    with pytest.raises(JsonError, match=r"a\.json is no text in UTF-8"):
        list(stream_entries(tmp_path / "a.json"))
    with pytest.raises(JsonError, match=r"cannot read .*: No such file"):
        list(stream_entries(tmp_path / "none.json"))
