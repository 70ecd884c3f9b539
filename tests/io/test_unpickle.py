import gzip
import io
import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nascast.io.catalogue import load_sources
from nascast.io.pickled_frames import ARRAY_GLOBALS
from nascast.io.unpickle import PickleFormatError, UnsafePickleError, load_pickle

ROOT = Path(__file__).parents[2]


class Calls:
    """Pickles as a call of a function, which reading the pickle would make."""

    def __init__(self, function: Callable[..., object] | type, *args: object) -> None:
        self.reduced = (function, args)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.reduced


def save(tmp_path: Path, value: object, protocol: int = 4) -> Path:
    path = tmp_path / "table.pkl"
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


def stack_global(module: str, name: str) -> bytes:
    """A pickle that returns a global, dotted names included."""
    texts = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name))
    return b"\x80\x04" + texts + b"\x93."


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=">i4").reshape(3, 4),
        np.asfortranarray(np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3)),
        np.array([True, False]),
        np.array(["conv3x3", "none"]),
        np.array(["conv3x3", None, 1], dtype=object),
        np.zeros((0, 3)),
    ],
    ids=str,
)
def test_arrays_come_back(tmp_path: Path, array: np.ndarray, protocol: int) -> None:
    back = load_pickle(save(tmp_path, {"x": [array]}, protocol))["x"][0]
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_frames_of_numbers_come_back(tmp_path: Path, protocol: int) -> None:
    texts = pd.Series(["a", "b"], dtype=object)
    frame = pd.DataFrame({"n": [3, 1], "x": [0.5, np.nan], "m": [1, 2], "t": texts})
    frame.columns = frame.columns.astype(object)
    back = load_pickle(save(tmp_path, frame, protocol))
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, check_column_type=False)
    assert list(back.dtypes[["n", "x", "m"]]) == [np.int64, np.float64, np.int64]


def test_python2_batches_come_back(tmp_path: Path) -> None:
    """The layout of CIFAR's archives: protocol 2, 8-bit strings for keys and raw data."""
    header = b"\x80\x02}(U\x04dataq\x00"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x02K\x02\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x04\x00\x7f\x80\xfftb"
    )
    data = header + array + b"U\x06labels]K\x07au."
    back = load_pickle(io.BytesIO(data), allowed=ARRAY_GLOBALS, encoding="bytes")
    np.testing.assert_array_equal(back[b"data"], np.array([[0, 127], [128, 255]], np.uint8))
    assert back[b"labels"] == [7]
    latin = load_pickle(io.BytesIO(data), encoding="latin1")
    np.testing.assert_array_equal(latin["data"], back[b"data"])


MALICIOUS = {
    "os.system": (pickle.dumps(Calls(os.system, "exit 1")), r"(posix|os)\.system"),
    "eval": (pickle.dumps(Calls(eval, "1")), r"builtins\.eval"),
    "getattr": (pickle.dumps(Calls(getattr, [], "append")), r"builtins\.getattr"),
    "import": (pickle.dumps(Calls(__import__, "os")), r"builtins\.__import__"),
    "old protocol": (b"c__builtin__\neval\n(S'1'\ntR.", r"__builtin__\.eval"),
    "inst": (b"(S'exit 1'\nios\nsystem\n.", r"os\.system"),
    "pandas io": (stack_global("pandas.io.common", "os.system"), r"pandas\.io\.common\.os\.system"),
    "dotted": (
        stack_global("pandas.core.frame", "DataFrame.__init__.__globals__"),
        r"pandas\.core\.frame\.DataFrame\.__init__\.__globals__",
    ),
    "pandas eval": (stack_global("pandas", "eval"), r"pandas\.eval"),
    "numpy load": (stack_global("numpy", "load"), r"numpy\.load"),
    "own code": (stack_global("nascast.cli", "main"), r"nascast\.cli\.main"),
}


@pytest.mark.parametrize("attack", MALICIOUS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_malicious_pickles_are_refused_by_name(
    tmp_path: Path, attack: str, pack: Callable[[bytes], bytes]
) -> None:
    data, named = MALICIOUS[attack]
    path = tmp_path / "table.pkl"
    path.write_bytes(pack(data))
    with pytest.raises(UnsafePickleError, match=rf"table\.pkl is refused: it asks for {named},"):
        load_pickle(path)


def test_a_malicious_part_of_a_real_table_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    table = np.array([1, Calls(os.mkdir, str(marker))], dtype=object)
    with pytest.raises(UnsafePickleError, match="mkdir"):
        load_pickle(save(tmp_path, table))
    assert not marker.exists()


def test_partial_calls_nothing(tmp_path: Path) -> None:
    """The pandas pickles need ``functools.partial``; here it cannot carry a call."""
    partial = b"\x80\x04\x8c\x09functools\x8c\x07partial\x93"
    call = partial + b"\x8c\x08builtins\x8c\x05slice\x93\x85RK\x07\x85R."
    with pytest.raises(PickleFormatError, match="a lone block means nothing"):
        load_pickle(io.BytesIO(call))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a pickle",
        pickle.dumps(np.arange(99))[:-40],
        gzip.compress(pickle.dumps([1]))[:-9],
        pickle.dumps(np.zeros(2, dtype=[("a", "i4")])),
        pickle.dumps(np.zeros(2, dtype="M8[s]")),
        pickle.dumps(np.arange(4)).replace(b"K\x04\x85", b"K\x05\x85"),
        b"\x80\x04\x8c\x05numpy\x8c\x07ndarray\x93.",
        b"\x80\x04\x8c\x05numpy\x8c\x07ndarray\x93}\x8c\x01aK\x01sb.",
        b"\x80\x04]\x94h\x00a.",
    ],
    ids=[
        "empty", "text", "truncated", "truncated gzip", "structured", "dates", "wrong shape",
        "lone type", "state on a type", "endless list",
    ],
)  # fmt: skip
def test_what_is_no_table_is_said_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "table.pkl").write_bytes(data)
    with pytest.raises(PickleFormatError, match=r"table\.pkl cannot be read as a pickled table"):
        load_pickle(tmp_path / "table.pkl")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PickleFormatError, match=r"gone\.pkl: No such file"):
        load_pickle(tmp_path / "gone.pkl")


@pytest.mark.parametrize(
    ("name", "rows", "column", "best"),
    [
        ("nasbench201_epoch12", 15_625, "cifar10-test", 89.16),
        ("nasbench101_labels", 423_624, "accuracy", 0.943176),
        ("nasbench101_params", 423_624, "params", 49.979274),
    ],
)
def test_the_published_tables_load(
    mirror: Path, name: str, rows: int, column: str, best: float
) -> None:
    path = mirror / load_sources(ROOT / "config" / "sources.yaml")[name].filename
    if not path.is_file():
        pytest.skip(f"the mirror lacks {path.name}")
    frame = load_pickle(path)
    assert len(frame) == rows
    assert list(frame.index[[0, -1]]) == [0, rows - 1]
    assert frame[column].max() == pytest.approx(best, abs=5e-3 if best > 80 else 5e-7)


def test_nothing_else_unpickles() -> None:
    """Three modules read pickles, each by an allow-list; another way in makes them worthless."""
    pattern = re.compile(
        r"^\s*(import|from)\s+(pickle|cloudpickle|dill|shelve|marshal|joblib)\b"
        r"|weights_only\s*=\s*False|allow_pickle\s*=\s*True|read_pickle|joblib\.load"
        r"|torch\.load\((?!.*weights_only\s*=\s*True)",
        re.MULTILINE,
    )
    library = ROOT / "workflow" / "nascast"
    readers = ("io/unpickle.py", "io/streamed_pickle.py", "predictors/objects.py")
    allowed = {library / name for name in readers}
    files = [path for path in (ROOT / "workflow").rglob("*") if path.suffix in (".py", ".smk")]
    assert allowed <= set(files)
    found = {
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for path in files
        if path not in allowed
        for match in pattern.finditer(path.read_text("utf-8"))
    }
    assert not found


def test_the_bytes_of_a_member_are_read_as_well() -> None:
    assert load_pickle(pickle.dumps({"a": [1, 2]})) == {"a": [1, 2]}


def test_a_claimed_number_costs_no_memory() -> None:
    """The unpickler alone would reserve 32 GB for these eight bytes."""
    with pytest.raises(PickleFormatError, match="an object has the number 4294967295 after"):
        load_pickle(b"\x80\x02K\x07r\xff\xff\xff\xff.")
