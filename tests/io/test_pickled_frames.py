import io
import pickle

import numpy as np
import pandas as pd
import pytest

from nascast.io.pickled_frames import ARRAY_GLOBALS, FRAME_GLOBALS, LayoutError, Record, rebuild


def manager(blocks: list[tuple[object, object]], columns: list[str], rows: int) -> object:
    """Records of the layout that pandas 0.14 to 1.2 wrote."""
    axes = [index(np.array(columns, dtype=object)), index(np.arange(rows))]
    layout = {"axes": axes, "blocks": [{"values": v, "mgr_locs": p} for v, p in blocks]}
    record = FRAME_GLOBALS["pandas.core.internals.managers", "BlockManager"]()
    record.__setstate__((axes, None, None, {"0.14.1": layout}))
    return record


def array(values: np.ndarray) -> object:
    class Reader(pickle._Unpickler):
        def find_class(self, module: str, name: str) -> object:
            return ARRAY_GLOBALS[module, name]

    return Reader(io.BytesIO(pickle.dumps(values, protocol=4))).load()


def index(values: np.ndarray) -> object:
    kind = FRAME_GLOBALS["pandas.core.indexes.base", "Index"]
    fields = {"data": array(values), "name": None}
    return FRAME_GLOBALS["pandas.core.indexes.base", "_new_Index"](kind, fields)


def frame(state: object) -> Record:
    record = FRAME_GLOBALS["pandas.core.frame", "DataFrame"]()
    record.__setstate__(state)
    return record  # type: ignore[no-any-return]


def test_old_layout_puts_blocks_at_their_columns() -> None:
    numbers = array(np.array([[1.0, 2.0], [3.0, 4.0]]))
    texts = array(np.array([["p", "q"]], dtype=object))
    blocks = [(numbers, slice(0, 4, 2)), (texts, array(np.array([1])))]
    back = rebuild(frame({"_data": manager(blocks, ["x", "t", "y"], 2)}))
    expected = pd.DataFrame({"x": [1.0, 2.0], "t": ["p", "q"], "y": [3.0, 4.0]})
    pd.testing.assert_frame_equal(back, expected, check_column_type=False, check_dtype=False)


@pytest.mark.parametrize(
    ("places", "columns", "rows", "message"),
    [
        (slice(0, 2, 1), ["x", "y", "z"], 2, "columns without values"),
        (slice(0, 3, 1), ["x", "y"], 2, "a block off its columns"),
        (slice(1, 3, 1), ["x", "y"], 2, "columns without values, or twice"),
        (slice(0, 2, 1), ["x", "y"], 3, "a block of shape"),
    ],
)
def test_blocks_that_do_not_fit_are_refused(
    places: slice, columns: list[str], rows: int, message: str
) -> None:
    blocks = [(array(np.zeros((2, 2))), places)]
    with pytest.raises(LayoutError, match=message):
        rebuild(frame({"_data": manager(blocks, columns, rows)}))


@pytest.mark.parametrize("state", [None, {}, {"_mgr": 1}, []])
def test_a_frame_needs_its_manager(state: object) -> None:
    with pytest.raises(LayoutError, match="a frame without its manager"):
        rebuild(frame(state))


def test_plain_values_pass_unchanged() -> None:
    value = {"a": [1, (2.5, None)], b"b": {3}, "c": "text"}
    assert rebuild(value) == value


def test_no_entry_is_a_foreign_function() -> None:
    """Every allowed global is an inert record, or the harmless type ``slice``."""
    for entry in FRAME_GLOBALS.values():
        assert entry is slice or (isinstance(entry, type) and issubclass(entry, Record))
