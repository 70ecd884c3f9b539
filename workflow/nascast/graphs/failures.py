"""What to tell about a forward pass that could not be recorded."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from nascast.graphs.computation import GraphError

_LIBRARIES = (Path(torch.__file__).parent, Path(__file__).parent)
# What torch says when code asks a tensor without data for its values.
_NO_VALUES = re.compile(r"meta tensor|meta device type tensor|unallocated storage")


class ReadsValues(GraphError):
    """An operation needs values to go on, so that the record would depend on them."""


def reads_values(error: Exception) -> bool:
    """Return whether an error comes from code that asks for the values of a tensor."""
    return isinstance(error, ReadsValues) or _NO_VALUES.search(str(error)) is not None


def explain(error: Exception, name: str, model: nn.Module, tensors: Sequence[Tensor]) -> str:
    """Return what is wrong, where, and what to do.

    Args:
        error: what the forward pass raised.
        name: of the network.
        model: the module that ran.
        tensors: its arguments.
    """
    place = _layer_of(error, model) + _line_of(error)
    if reads_values(error):
        what = f" ({error})" if isinstance(error, ReadsValues) else ""
        return (
            f"{name} cannot be traced: its forward pass reads values of a tensor{what}{place}, so "
            "its operations would depend on the data; choose with torch.where in place of if, take "
            "fixed sizes in place of masks, or trace the part that is meant as a module of its own"
        )
    shapes = ", ".join(str(tuple(tensor.shape)) for tensor in tensors) or "none"
    return (
        f"{name} cannot be traced: its forward pass fails on these arguments (tensors: {shapes}) "
        f"without data{place}: {first_line(error)}"
    )


def first_line(error: Exception) -> str:
    """Return the first line of an error's message, its type if it has none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _layer_of(error: Exception, model: nn.Module) -> str:
    """Say in which layer of a model an error was raised, if not in the model's own code."""
    names = {id(part): (name, type(part).__name__) for name, part in model.named_modules()}
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        name, kind = names.get(id(frame.f_locals.get("self")), ("", ""))
        if kind:
            return f" in layer {name} ({kind})" if name else ""
    return ""


def _line_of(error: Exception) -> str:
    """Say which line of the user's own code raised an error, if any."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if not any(library in file.parents for library in _LIBRARIES):
            return f" at {file}:{frame.lineno} in {frame.name}"
    return ""
