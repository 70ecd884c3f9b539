import io
import pickle
import pickletools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.io import pickle_uses
from nascast.io.pickle_uses import Uses, count_uses

SHARED: list[Any] = ["a long text", "another"]
VALUES = [
    [],
    {"a": SHARED, "b": [SHARED, SHARED], ("t", 1): {1.5, None, True}},
    ["x" * 300, "y" * 70_000, 10**30, b"z" * 300, -1, 2**40, 0.1, "same", "same"],
    [[str(i)] * 2 for i in range(600)],
]


def reference(data: bytes) -> dict[int, int]:
    """Uses by number, as the standard library's own reader of opcodes tells."""
    counts: dict[int, int] = {}
    for code, argument, _ in pickletools.genops(data):
        if "GET" in code.name and isinstance(argument, int):
            counts[argument] = counts.get(argument, 0) + 1
    return counts


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("block", [32, 1 << 20])
def test_counts_what_the_standard_library_lists(
    value: Any, protocol: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pickle_uses, "_BLOCK_BYTES", block)
    data = pickle.dumps(value, protocol=protocol)
    if protocol == 0 and block == 32 and any("y" * 100 in str(part) for part in value):
        pytest.skip("a line longer than two blocks is refused")
    uses = count_uses(io.BytesIO(data + b"behind the end"))
    expected = reference(data)
    for number in range(2000):
        count = expected.get(number, 0)
        assert uses.needs(number) == (count > 0)
        for left in range(min(count, 254), 0, -1):
            assert uses.take(number) == (left == 1 and count < 255)


def test_what_is_needed_very_often_stays() -> None:
    uses = Uses()
    for _ in range(1000):
        uses.add(3)
    assert not any(uses.take(3) for _ in range(1000))
    assert not uses.take(99_999_999)


def test_damage_is_found() -> None:
    data = pickle.dumps(VALUES[1], protocol=2)
    for size in range(len(data)):
        with pytest.raises(EOFError, match="ends"):
            count_uses(io.BytesIO(data[:size]))
    with pytest.raises(ValueError, match="byte 255 is no opcode"):
        count_uses(io.BytesIO(b"\x80\x02\xff"))
    for program in (b"j\xff\xff\xff\xff.", b"r\xff\xff\xff\xff.", b"p4294967295\n.", b"g-1\n."):
        with pytest.raises(ValueError, match=r"an object has the number (4294967295|-1) after"):
            count_uses(io.BytesIO(b"\x80\x02N" + program))
    with pytest.raises(EOFError):
        count_uses(io.BytesIO(b"\x80\x04\x8d" + b"\xff" * 7 + b"\x7f" + b"text."))


@given(st.binary(max_size=60))
def test_any_bytes_end_or_are_refused(data: bytes) -> None:
    try:
        count_uses(io.BytesIO(data))
    except (EOFError, ValueError):
        return
    assert b"." in data
