"""Fitted models as safetensors files: arrays as they are, and how they belong together.

Libraries of trees and kernels keep their state in objects of their own, which only a pickle can put
down. Here the pickle holds no array and may name nothing but classes of modules that the reader
allows: it builds objects, but runs no function and reaches no other module. Arrays and tensors,
that is nearly all of the bytes, lie beside it in the same file.
"""

from __future__ import annotations

import importlib
import io
import pickle
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from nascast.errors import NascastError

_OBJECTS = "objects"
# What builds plain containers and NumPy's scalars and generators; none of it calls anything else.
_HARMLESS = {
    ("builtins", name) for name in ("set", "frozenset", "slice", "complex", "bytearray", "object")
} | {
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("copyreg", "_reconstructor"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.random._pickle", "__randomstate_ctor"),
    ("numpy.random._pickle", "__bit_generator_ctor"),
    ("numpy.random._mt19937", "MT19937"),
    ("torch._C._nn", "gelu"),
    ("torch", "device"),
    ("torch", "Size"),
    ("torch", "dtype"),
}


class ModelFileError(NascastError):
    """A model file is missing, damaged, or holds what a model has no need of."""


def save_object(value: object, path: Path, metadata: Mapping[str, str]) -> None:
    """Write an object and text about it under a temporary name, then rename.

    Raises:
        ModelFileError: a part of the object cannot be written, such as a function made on the fly.
    """
    buffer = io.BytesIO()
    pickler = _Pickler(buffer)
    try:
        pickler.dump(value)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ModelFileError(f"{type(value).__name__} cannot be saved: {error}") from error
    tensors = dict(pickler.tensors)
    tensors[_OBJECTS] = torch.frombuffer(bytearray(buffer.getvalue()), dtype=torch.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    save_file(tensors, temporary, metadata=dict(metadata))
    temporary.replace(path)


def load_object(path: Path, packages: Collection[str]) -> tuple[Any, dict[str, str]]:
    """Read what :func:`save_object` wrote: the object and the text about it.

    Args:
        path: the file.
        packages: modules, with all below them, whose classes the file may name.

    Raises:
        ModelFileError: the file is missing or damaged, or names anything else.
    """
    try:
        with safe_open(path, framework="pt") as content:
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
            metadata = content.metadata() or {}
    except FileNotFoundError as error:
        raise ModelFileError(f"{path} does not exist") from error
    except (SafetensorError, OSError) as error:
        raise ModelFileError(f"{path} is not a whole model file: {error}") from error
    if _OBJECTS not in tensors:
        raise ModelFileError(f"{path} holds tensors alone, no model")
    data = tensors.pop(_OBJECTS).numpy().tobytes()
    unpickler = _Unpickler(io.BytesIO(data), path, tensors, tuple(packages))
    try:
        return unpickler.load(), metadata
    except ModelFileError:
        raise
    except Exception as error:  # a damaged pickle can raise whatever its parts raise
        raise ModelFileError(
            f"{path} holds a model of another make ({type(error).__name__}: {error}); fit it again"
        ) from error


class _Pickler(pickle.Pickler):
    """Puts arrays and tensors aside; an array that is used twice is put aside once."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.tensors: dict[str, Tensor] = {}
        self._names: dict[int, str] = {}
        self._kept: list[object] = []  # or another object could get the id of one that is gone

    def persistent_id(self, value: object) -> tuple[str, str, bool] | None:
        """Return where an array lies in the file; None for everything else."""
        if isinstance(value, Tensor):
            kind, tensor, learns = "tensor", value.detach(), value.requires_grad
            kind = "parameter" if isinstance(value, nn.Parameter) else kind
        elif isinstance(value, np.ndarray) and type(value) is np.ndarray and _plain(value.dtype):
            kind, tensor, learns = "array", torch.from_numpy(np.array(value)), False
        else:
            return None
        name = self._names.setdefault(id(value), str(len(self._names)))
        if name not in self.tensors:
            self._kept.append(value)
            self.tensors[name] = tensor.contiguous().clone()
        return kind, name, learns


def _plain(dtype: np.dtype[Any]) -> bool:
    """Return whether torch has this type of numbers, in this machine's order of bytes."""
    return dtype.isnative and dtype.kind in "fiub" and dtype != np.dtype(np.float128)


class _Unpickler(pickle.Unpickler):
    def __init__(
        self,
        file: io.BytesIO,
        path: Path,
        tensors: Mapping[str, Tensor],
        packages: tuple[str, ...],
    ) -> None:
        super().__init__(file)
        self._path, self._tensors, self._packages = path, tensors, packages
        self._made: dict[tuple[str, str, bool], Any] = {}

    def persistent_load(self, pid: tuple[str, str, bool]) -> Any:
        """Return an array, parameter or tensor of the file."""
        kind, name, learns = pid
        if pid not in self._made:
            tensor = self._tensors[name]
            if kind == "array":
                self._made[pid] = tensor.numpy()
            elif kind == "parameter":
                self._made[pid] = nn.Parameter(tensor, requires_grad=learns)
            else:
                self._made[pid] = tensor.requires_grad_(learns)
        return self._made[pid]

    def find_class(self, module: str, name: str) -> Any:
        """Return a class of an allowed module; refuse everything else by name."""
        if (module, name) in _HARMLESS:
            return super().find_class(module, name)
        if any(module == package or module.startswith(f"{package}.") for package in self._packages):
            found: Any = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
            if (
                isinstance(found, type)
                and found.__module__.split(".")[0] == module.split(".", maxsplit=1)[0]
            ):
                return found
        raise ModelFileError(
            f"{self._path} is refused: it names {module}.{name}, which no model needs. Do not open "
            "it elsewhere unless you trust who made it"
        )
