"""Computation graphs of any torch module, from one forward pass without data."""

from __future__ import annotations

import copy
import re
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_map_only

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.normal_form import Operation, graph_of_nodes, normalise
from nascast.graphs.recorder import ReadsValues, Recorder, tensors_in, without_data

_LIBRARIES = (Path(torch.__file__).parent, Path(__file__).parent)
# What torch says when code asks a tensor without data for its values.
_NO_VALUES = re.compile(r"meta tensor|meta device type tensor")


class UnknownOperation(UserWarning):
    """Operations of a network that GENNAPE's vocabulary has no type for."""


def graph_of_module(module: nn.Module, *args: Any, **kwargs: Any) -> ComputationGraph:
    """Return the computation graph of a module's forward pass in evaluation mode.

    A copy of the module without data runs once and is recorded, so that nothing is computed and the
    module stays as it is. Layers, functions and operators of tensors leave the same record; modules
    and weights that are used more than once show with every use, their parameters with the first.
    Recurrent layers are unrolled. Forward hooks run as a part of the forward pass.

    Args:
        module: on any device, in any mode.
        *args: what its forward pass takes, tensors with a batch axis; only their shapes and types
            matter, so that ``torch.empty(1, 3, 32, 32, device="meta")`` will do. FLOPs are those of
            the whole batch.
        **kwargs: the same, by name.

    Returns:
        One ``Input`` a tensor among the arguments that an output depends on, one ``Output`` a
        tensor of the result. FLOPs and parameters are those of a forward pass counted by
        ``torch.utils.flop_counter``, less what no output depends on.

    Warns:
        UnknownOperation: once, naming all operations that got the type ``Unknown``.

    Raises:
        GraphError: the forward pass cannot run on these arguments or without data, depends on the
            values of its inputs, or returns nothing that depends on them.
    """
    name = type(module).__name__
    recorder = Recorder()
    model = _copy_without_data(module, name)
    for parameter in model.parameters():
        recorder.add_parameter(parameter)
    args, kwargs = tree_map_only(Tensor, without_data, (args, kwargs))
    for tensor in tensors_in((args, kwargs)):
        recorder.add_input(tensor)
    try:
        with torch.no_grad(), recorder:
            results = tensors_in(model(*args, **kwargs))
    except Exception as error:
        raise GraphError(_explain(error, name)) from error
    if not results:
        raise GraphError(
            f"{name} returns no tensor; its forward pass must return tensors, alone or in tuples, "
            "lists or dictionaries"
        )
    for tensor in results:
        recorder.add_output(tensor)
    nodes = _normalise(recorder.operations, name)
    _warn_of_unknown(nodes, name)
    return graph_of_nodes(nodes)


def _normalise(operations: list[Operation], name: str) -> list[Operation]:
    try:
        return normalise(operations)
    except GraphError as error:
        raise GraphError(f"{name}: {error}") from error


def _copy_without_data(module: nn.Module, name: str) -> nn.Module:
    """Return a copy in evaluation mode whose parameters and buffers have no data."""
    if any(is_lazy(parameter) for parameter in module.parameters()):
        raise GraphError(
            f"{name} has lazy parameters, whose shapes are not known yet; run it once on real "
            "images, then trace it"
        )
    memo: dict[int, Any] = {}
    for part in module.modules():
        for tensor in (*part._parameters.values(), *part._buffers.values()):
            if tensor is not None:
                memo[id(tensor)] = _like(tensor)
        for value in vars(part).values():
            if isinstance(value, Tensor):
                # Plain attributes may be read; those with a history cannot be copied otherwise.
                memo[id(value)] = value.detach().clone()
    try:
        return copy.deepcopy(module, memo).eval()
    except Exception as error:
        raise GraphError(
            f"{name} cannot be traced because copy.deepcopy cannot copy it "
            f"({_first_line(error)}); keep what cannot be copied outside of the module"
        ) from error


def _like(tensor: Tensor) -> Tensor:
    empty = without_data(tensor)
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(empty, requires_grad=tensor.requires_grad)
    return empty


def _explain(error: Exception, name: str) -> str:
    place = _place_of(error)
    if isinstance(error, ReadsValues) or _NO_VALUES.search(str(error)):
        what = f" ({error})" if isinstance(error, ReadsValues) else ""
        return (
            f"{name} cannot be traced: its forward pass reads values of a tensor{what}{place}, so "
            "its operations would depend on the data; choose with torch.where in place of if, take "
            "fixed sizes in place of masks, or trace the part that is meant as a module of its own"
        )
    return (
        f"{name} cannot be traced: its forward pass fails on these arguments without data{place}: "
        f"{_first_line(error)}"
    )


def _place_of(error: Exception) -> str:
    """Say which line of the user's own code raised an error, if any."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if not any(library in file.parents for library in _LIBRARIES):
            return f" at {file}:{frame.lineno} in {frame.name}"
    return ""


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _warn_of_unknown(nodes: list[Operation], name: str) -> None:
    unknown = Counter(node.name.lstrip("_") for node in nodes if node.type == "Unknown")
    if unknown:
        listed = ", ".join(f"{operation} ({count})" for operation, count in unknown.items())
        warnings.warn(
            f"GENNAPE's vocabulary has no type for some operations of {name}, which get the type "
            f"Unknown: {listed}",
            UnknownOperation,
            stacklevel=3,
        )
