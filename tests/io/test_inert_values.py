import io
import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from nascast.io.inert_values import BENCHMARK_GLOBALS, AlsoInert, Harmless, Inert, Tensor
from nascast.io.pickled_frames import LayoutError, Record


class Reader(pickle._Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return BENCHMARK_GLOBALS[module, name]


def read(data: bytes) -> Any:
    return Reader(io.BytesIO(data)).load()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "value", [np.float64(0.1), np.float32(0.5), np.int64(-7), np.bool_(True), np.float64("nan")]
)
def test_numpy_numbers_become_plain_ones(value: np.generic, protocol: int) -> None:
    found = read(pickle.dumps(value, protocol=protocol))
    assert type(found) is type(value.item())
    assert repr(found) == repr(value.item())


def test_ordered_dictionaries_and_sets_are_plain() -> None:
    found = read(pickle.dumps([OrderedDict(b=1, a=2), {3, 4}], protocol=2))
    assert found == [{"b": 1, "a": 2}, {3, 4}]
    assert type(found[0]) is dict


def test_every_entry_is_inert() -> None:
    for entry in BENCHMARK_GLOBALS.values():
        inert = isinstance(entry, type) and issubclass(entry, Record)
        assert inert or entry in (dict, set) or isinstance(entry, Harmless)


def test_functions_can_not_be_changed() -> None:
    encode = BENCHMARK_GLOBALS["_codecs", "encode"]
    with pytest.raises(LayoutError, match="a function with a state"):
        encode.__setstate__({"x": 1})
    with pytest.raises(LayoutError, match="unexpected encoding"):
        encode("text", "rot13")
    scalar = BENCHMARK_GLOBALS["numpy.core.multiarray", "scalar"]
    dtype = BENCHMARK_GLOBALS["numpy", "dtype"]("f8", 0, 1)
    dtype.__setstate__((3, "<", None, None, None, -1, -1, 0))
    assert scalar(dtype, np.float64(2.5).tobytes()) == 2.5
    with pytest.raises(LayoutError, match="no number"):
        scalar(dtype, b"123")


def test_tensors_keep_what_they_were_given() -> None:
    assert Tensor(1, 2).args == (1, 2)


def test_a_package_may_be_inert_as_a_whole() -> None:
    allowed = AlsoInert("model_src")
    assert allowed["model_src.graphs", "Graph"] is Inert
    assert allowed["model_src", "Graph"] is Inert
    assert allowed["collections", "OrderedDict"] is dict
    for other in ("model_src_evil", "os", "x.model_src"):
        assert (other, "system") not in allowed
    assert set(allowed) == set(BENCHMARK_GLOBALS)
    assert len(allowed) == len(BENCHMARK_GLOBALS)
    graph = Inert()
    graph.__setstate__({"nodes": [1]})
    assert graph.state == {"nodes": [1]}
