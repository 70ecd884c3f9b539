import io
import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nascast.errors import NascastError
from nascast.io.inert_values import BENCHMARK_GLOBALS
from nascast.io.pickle_uses import count_uses
from nascast.io.streamed_pickle import load_streamed, stream_pickle
from nascast.io.unpickle import PickleFormatError, UnsafePickleError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
    | st.binary(min_size=1, max_size=5),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=4)
    | st.tuples(inner, inner),
    max_leaves=12,
)  # fmt: skip


def read(data: bytes, **options: Any) -> Any:
    return stream_pickle(io.BytesIO(data), "file.pkl", **options)


@given(PLAIN, st.integers(2, 5), st.booleans())
def test_plain_values_come_back(value: Any, protocol: int, forget: bool) -> None:
    shared = [value, {"again": value}, value]
    data = pickle.dumps(shared, protocol=protocol)
    uses = count_uses(io.BytesIO(data)) if forget else None
    found = read(data, uses=uses)
    assert found == shared
    if isinstance(value, list | dict) and value:
        assert found[0] is found[1]["again"] is found[2]


def test_the_stream_stops_behind_the_pickle() -> None:
    stream = io.BytesIO(b"".join(pickle.dumps(part, protocol=2) for part in ([1], {2: 3})) + b"end")
    assert stream_pickle(stream, "file.pkl") == [1]
    assert stream_pickle(stream, "file.pkl") == {2: 3}
    assert stream.read() == b"end"


def test_filled_dictionaries_are_shown_inner_ones_first() -> None:
    shown = []

    def shrink(filled: dict[Any, Any]) -> None:
        shown.append(dict(filled))
        if "big" in filled:
            filled.clear()
            filled["small"] = True

    value = OrderedDict(a={"big": {1: 2.5}}, b={"single": 0})
    assert read(pickle.dumps(value), shrink=shrink) == {"a": {"small": True}, "b": {"single": 0}}
    assert shown == [
        {1: 2.5},
        {"big": {1: 2.5}},
        {"single": 0},
        {"a": {"small": True}, "b": {"single": 0}},
    ]


def test_errors_of_the_caller_pass_unchanged() -> None:
    def shrink(filled: dict[Any, Any]) -> None:
        raise NascastError("mine")

    with pytest.raises(NascastError, match=r"^mine$"):
        read(pickle.dumps({1: 2}), shrink=shrink)


class Evil:
    def __init__(self, function: Any, *args: Any) -> None:
        self._call = (function, args)

    def __reduce__(self) -> Any:
        return self._call


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_no_code_runs(tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "ran"
    for evil in (
        Evil(os.system, f"touch {mark}"),
        Evil(eval, f"open({str(mark)!r}, 'w')"),
        Evil(getattr, "text", "upper"),
    ):
        for hidden in (evil, {"a": [evil]}, [{"train_losses": evil}]):
            with pytest.raises(UnsafePickleError, match=r"file\.pkl is refused: it asks for"):
                read(pickle.dumps(hidden, protocol=protocol))
    assert not mark.exists()


@pytest.mark.parametrize(
    "program",
    [
        b"c_codecs\nencode\n}X\x01\x00\x00\x00xK\x01sb.",  # state on a function
        b"c_codecs\nencode\n(N}X\x0c\x00\x00\x00__defaults__K\x01stb.",
        b"ccollections\nOrderedDict\nN}X\x01\x00\x00\x00xK\x01s\x86b.",  # state on a type
        b"cnumpy\ndtype\nN}X\x0c\x00\x00\x00__setstate__K\x01s\x86b.",
        b"c_codecs\nencode\n)\x81.",  # a new object of a function
        b"]K\x01K\x02s.",  # an entry of a list
        b"}K\x01a.",  # an item of a dictionary
        b"\x82\x01.",  # an extension
        b"h\x00.",  # what was never remembered
        b"0.",  # an empty stack
        b"\x80\xff.",  # a protocol of the future
    ],
)
def test_odd_programs_change_nothing(program: bytes) -> None:
    kinds = [value for value in BENCHMARK_GLOBALS.values() if isinstance(value, type)]
    before = [dict(vars(kind)) for kind in kinds]
    with pytest.raises(PickleFormatError, match=r"file\.pkl is damaged or no file of this kind"):
        read(program)
    assert [dict(vars(kind)) for kind in kinds] == before


def test_a_claimed_number_costs_no_memory() -> None:
    """The fast unpickler would reserve 32 GB for this one byte."""
    assert read(b"\x80\x02K\x07r\xff\xff\xff\xff.") == 7


def test_truncation_is_damage() -> None:
    data = pickle.dumps({"a": [1.5, "text"] * 5}, protocol=4)
    for size in range(len(data)):
        with pytest.raises(PickleFormatError, match=r"file\.pkl is damaged"):
            read(data[:size])


def test_a_file_is_read_with_a_memory_that_forgets(tmp_path: Path) -> None:
    value = [["text", {"a": 1}], ["text", {"a": 1}]]
    value.append(value[0])
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(value))
    found = load_streamed(tmp_path / "a.pkl")
    assert found == value
    assert found[2] is found[0]
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(value)[:-9])
    with pytest.raises(PickleFormatError, match=r"a\.pkl is damaged"):
        load_streamed(tmp_path / "a.pkl")
    with pytest.raises(PickleFormatError, match=r"cannot read .*none\.pkl: No such file"):
        load_streamed(tmp_path / "none.pkl")
