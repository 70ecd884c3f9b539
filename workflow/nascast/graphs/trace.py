"""Computation graphs of any torch module, from one forward pass without data."""

from __future__ import annotations

import copy
import warnings
from collections import Counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_map_only

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.failures import explain, first_line, reads_values
from nascast.graphs.normal_form import Operation, graph_of_nodes, normalise
from nascast.graphs.recorder import Recorder, tensors_in, without_data


class UnknownOperation(UserWarning):
    """Operations of a network that GENNAPE's vocabulary has no type for."""


def graph_of_module(module: nn.Module, *args: Any, **kwargs: Any) -> ComputationGraph:
    """Return the computation graph of a module's forward pass in evaluation mode.

    A copy of the module without data runs once and is recorded, so that nothing is computed and the
    module stays as it is. Layers, functions and operators of tensors leave the same record; modules
    and weights that are used more than once show with every use, their parameters with the first.
    Recurrent layers are unrolled. Forward hooks run as a part of the forward pass. It may read the
    values of constants and buffers, not those of its inputs and parameters.

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
        GraphError: the module cannot be copied, its forward pass cannot run on these arguments or
            without data, reads values that it must not, or returns nothing that depends on them.
    """
    name = type(module).__name__
    recorder, results = _record(module, args, kwargs, name)
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


def _record(
    module: nn.Module, args: Any, kwargs: Any, name: str, *, keep_buffers: bool = False
) -> tuple[Recorder, list[Tensor]]:
    """Run a copy of a module; return the record and the tensors that the copy returned."""
    model = _copy_without_data(module, name, keep_buffers)
    recorder = Recorder()
    for parameter in model.parameters():
        recorder.add_parameter(parameter)
    own_args, own_kwargs = tree_map_only(Tensor, without_data, (args, kwargs))
    tensors = tensors_in((own_args, own_kwargs))
    for tensor in tensors:
        recorder.add_input(tensor)
    try:
        with torch.no_grad(), recorder:
            return recorder, tensors_in(model(*own_args, **own_kwargs))
    except Exception as error:
        has_values = any(not buffer.is_meta for buffer in module.buffers())
        if reads_values(error) and has_values and not keep_buffers:
            # The values may be those of a buffer, which are part of the network. They are not kept
            # before they are needed: large ones need not be copied, and most are never read.
            return _record(module, args, kwargs, name, keep_buffers=True)
        raise GraphError(explain(error, name, model, tensors)) from error


def _normalise(operations: list[Operation], name: str) -> list[Operation]:
    try:
        return normalise(operations)
    except GraphError as error:
        raise GraphError(f"{name}: {error}") from error


def _copy_without_data(module: nn.Module, name: str, keep_buffers: bool) -> nn.Module:
    """Return a copy in evaluation mode whose parameters, and buffers unless kept, have no data."""
    if any(is_lazy(tensor) for tensor in (*module.parameters(), *module.buffers())):
        raise GraphError(
            f"{name} has lazy parameters, whose shapes are not known yet; run it once on real "
            "images, then trace it"
        )
    copied = _with_data if keep_buffers else without_data
    memo: dict[int, Any] = {}
    for part in module.modules():
        for parameter in part._parameters.values():
            if parameter is not None:
                empty = without_data(parameter)
                memo[id(parameter)] = nn.Parameter(empty, requires_grad=parameter.requires_grad)
        memo |= {id(b): copied(b) for b in part._buffers.values() if b is not None}
        # Plain attributes may be read; those with a history cannot be copied otherwise.
        memo |= {id(v): _with_data(v) for v in vars(part).values() if isinstance(v, Tensor)}
    try:
        model = copy.deepcopy(module, memo)
        model.eval()
    except Exception as error:
        raise GraphError(
            f"{name} cannot be traced because copy.deepcopy cannot copy it "
            f"({first_line(error)}); keep what cannot be copied outside of the module"
        ) from error
    return model


def _with_data(tensor: Tensor) -> Tensor:
    """Return a copy on the host; of tensors that have no data, one without."""
    return without_data(tensor) if tensor.is_meta else tensor.detach().to("cpu", copy=True)


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
