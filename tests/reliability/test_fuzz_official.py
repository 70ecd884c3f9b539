"""Whatever bytes an official file has, it is read or refused by name; nothing else ever happens.

Each format gets 50 inputs in the normal run and 2,000 with ``-m reliability``.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.reliability.official_formats import FORMATS, Format

from nascast.errors import NascastError

NORMAL, MANY = 50, 2000
every_format = pytest.mark.parametrize("name", FORMATS)

# How to damage: what is done, where (a share of the length), how long, and with which bytes.
DAMAGE = st.tuples(
    st.sampled_from(["flip", "flip", "set", "cut", "drop", "repeat", "insert", "swap"]),
    st.floats(0, 1, exclude_max=True),
    st.integers(1, 40),
    st.binary(min_size=1, max_size=12),
)


def damaged(content: bytes, steps: list[tuple[str, float, int, bytes]]) -> bytes:
    """Apply some damages, one after the other."""
    for kind, share, length, new in steps:
        place = int(share * len(content))
        part = content[place : place + length]
        before, behind = content[:place], content[place + len(part) :]
        if kind == "flip" and part:
            flipped = part[0] ^ (1 << length % 8)
            content = before + bytes([flipped]) + part[1:] + behind
        elif kind == "set":
            content = before + new + behind[max(len(new) - len(part), 0) :]
        elif kind == "cut":
            content = before
        elif kind == "drop":
            content = before + behind
        elif kind == "repeat":
            content = before + part * 3 + behind
        elif kind == "insert":
            content = before + new + part + behind
        elif kind == "swap":
            content = behind + part + before
    return content


def read(form: Format, content: bytes, folder: Path) -> object:
    path = folder / form.filename
    path.write_bytes(form.pack(content))
    return form.read(path)


def fuzz(name: str, folder: Path, examples: int) -> None:
    form = FORMATS[name]
    content = form.content()

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=examples == NORMAL,
    )
    @given(
        st.lists(DAMAGE, min_size=1, max_size=4).map(lambda steps: damaged(content, steps))
        | st.binary(max_size=200)
    )
    def every(data: bytes) -> None:
        with suppress(NascastError):  # any other exception fails the test
            read(form, data, folder)

    every()


@every_format
def test_what_is_damaged_below_is_a_whole_file_first(name: str, tmp_path: Path) -> None:
    assert read(FORMATS[name], FORMATS[name].content(), tmp_path)


@every_format
def test_damaged_files_are_read_or_refused(name: str, tmp_path: Path) -> None:
    fuzz(name, tmp_path, NORMAL)


@pytest.mark.reliability
@every_format
def test_thousands_of_damaged_files_are_read_or_refused(name: str, tmp_path: Path) -> None:
    fuzz(name, tmp_path, MANY)
