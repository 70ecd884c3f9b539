"""Objects come back as they were, and a file cannot reach for anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from sklearn.ensemble import RandomForestRegressor
from torch import nn

from nascast.predictors.objects import ModelFileError, load_object, save_object

SKLEARN = ("sklearn",)


class Holder:
    """Anything with attributes."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


def back(value: object, path: Path, packages: tuple[str, ...] = (__name__, "torch.nn")) -> Any:
    save_object(value, path, {"card": "a test"})
    loaded, metadata = load_object(path, packages)
    assert metadata == {"card": "a test"}
    return loaded


def test_values_arrays_and_networks_come_back(tmp_path: Path) -> None:
    shared = np.arange(6.0).reshape(2, 3)
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    value = Holder(
        numbers={"a": (1, 2.5, None)}, one=shared, same=shared, words=np.array(["x", "yy"]),
        scalar=np.float32(0.25), network=network, transposed=shared.T, names={"b", "c"},
        generator=np.random.RandomState(3),
    )  # fmt: skip
    loaded = back(value, tmp_path / "model.safetensors")
    assert loaded.numbers == value.numbers
    assert loaded.one is loaded.same
    np.testing.assert_array_equal(loaded.transposed, shared.T)
    assert loaded.words.tolist() == ["x", "yy"]
    assert loaded.scalar == np.float32(0.25)
    assert loaded.names == {"b", "c"}
    assert loaded.generator.rand() == np.random.RandomState(3).rand()
    x = torch.randn(4, 3)
    assert torch.equal(loaded.network(x), network(x))
    assert all(isinstance(p, nn.Parameter) and p.requires_grad for p in loaded.network.parameters())


def test_forests_predict_as_before(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(40, 3))
    forest = RandomForestRegressor(5, random_state=0).fit(x, x[:, 0])
    loaded = back(forest, tmp_path / "forest.safetensors", SKLEARN)
    np.testing.assert_array_equal(loaded.predict(x), forest.predict(x))


class Evil:
    def __reduce__(self) -> Any:
        return (eval, ("1/0",))


class Indirect:
    def __reduce__(self) -> Any:
        return (getattr, ("", "upper"))


@pytest.mark.parametrize("value", [Evil(), Indirect()])
def test_functions_are_never_called(value: object, tmp_path: Path) -> None:
    save_object(value, tmp_path / "evil.safetensors", {})
    with pytest.raises(ModelFileError, match=r"is refused: it names builtins\.(eval|getattr)"):
        load_object(tmp_path / "evil.safetensors", (__name__,))


def test_classes_of_other_modules_are_refused(tmp_path: Path) -> None:
    save_object(Holder(a=1), tmp_path / "model.safetensors", {})
    with pytest.raises(ModelFileError, match=rf"it names {__name__}\.Holder"):
        load_object(tmp_path / "model.safetensors", SKLEARN)


def test_what_a_module_borrowed_is_not_its_own(tmp_path: Path) -> None:
    data = f"c{__name__}\nPath\n.".encode()  # the pickle of that name alone
    path = tmp_path / "model.safetensors"
    save_file({"objects": torch.frombuffer(bytearray(data), dtype=torch.uint8)}, path)
    with pytest.raises(ModelFileError, match=rf"is refused: it names {__name__}\.Path"):
        load_object(path, (__name__,))


def test_a_file_that_is_no_model_says_so(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with pytest.raises(ModelFileError, match="does not exist"):
        load_object(path, SKLEARN)
    path.write_bytes(b"nothing")
    with pytest.raises(ModelFileError, match="is not a whole model file"):
        load_object(path, SKLEARN)
    save_file({"weight": torch.zeros(1)}, path)
    with pytest.raises(ModelFileError, match="holds tensors alone"):
        load_object(path, SKLEARN)
    save_file({"objects": torch.zeros(3, dtype=torch.uint8)}, path)
    with pytest.raises(ModelFileError, match="another make"):
        load_object(path, SKLEARN)


def test_what_cannot_be_put_down_is_an_error_and_no_file_is_left(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="Holder cannot be saved"):
        save_object(Holder(function=lambda: 0), tmp_path / "model.safetensors", {})
    assert not list(tmp_path.iterdir())
