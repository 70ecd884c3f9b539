"""Looks at a candidate before anything is measured: whether it can be built, traced and run."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.trace import UnknownOperation, graph_of_module
from nascast.ranking.base import (
    Candidate,
    CandidateError,
    Failure,
    Network,
    RankingError,
    Setting,
    Shape,
)
from nascast.ranking.candidates import CLASSES, spec_shape
from nascast.ranking.user_code import describe
from nascast.spaces import registry as spaces


def look_at(
    candidates: Sequence[Candidate], setting: Setting, tell: Callable[[str], None]
) -> tuple[list[Network], list[Failure]]:
    """Return what can be run, and what cannot with the reason; both in the order given."""
    networks: list[Network] = []
    failures: list[Failure] = []
    for number, candidate in enumerate(candidates, start=1):
        tell(f"looking at {number}/{len(candidates)} {candidate.name}")
        try:
            networks.append(look(candidate, setting))
        except RankingError:
            raise
        except CandidateError as error:
            failures.append(Failure(candidate.name, candidate.place, str(error)))
    return networks, failures


def look(candidate: Candidate, setting: Setting) -> Network:
    """Return a candidate with its size and shapes.

    Raises:
        CandidateError: it cannot be built, has no parameters, reads another input shape, raises in
            its forward pass, or cannot be traced.
    """
    if candidate.arch is not None:
        return _look_at_spec(candidate, setting)
    model = built(candidate, 0)
    params = sum(parameter.numel() for parameter in model.parameters())
    if not params:
        raise CandidateError("has no parameters, so there is nothing that could be trained")
    example = example_of(candidate, setting)
    outputs = _run(model, example)  # first: its errors say more than those without data
    graph = graph_of(model, example)
    return Network(candidate, tuple(example.shape[1:]), outputs, params, graph)


def built(candidate: Candidate, repeat: int) -> nn.Module:
    """Return a candidate's network.

    Raises:
        CandidateError: the user's code raises.
        RankingError: a function that makes all networks does.
    """
    try:
        model = candidate.build(repeat)
    except (CandidateError, RankingError):
        raise
    except (Exception, SystemExit) as error:
        raise CandidateError(f"cannot be built: {describe(error)}") from error
    return model


def ready(candidate: Candidate, repeat: int, device: torch.device) -> nn.Module:
    """Return a candidate's network on a device; a copy where it is on another one.

    Raises:
        CandidateError, RankingError: as :func:`built`.
    """
    model = built(candidate, repeat)
    places = {tensor.device.type for tensor in (*model.parameters(), *model.buffers())}
    return model if places <= {device.type} else copy.deepcopy(model).to(device)


def example_of(candidate: Candidate, setting: Setting) -> Tensor:
    """Return one input with its batch axis, of batch size 2.

    Raises:
        CandidateError: none was given, nor its shape.
    """
    example = candidate.example
    if example is None and setting.input_shape is None:
        raise CandidateError(
            "has no example input; return (name, module, example input) or give --input-shape"
        )
    if example is None:
        assert setting.input_shape is not None
        generator = torch.Generator().manual_seed(0)
        return torch.randn((2, *setting.input_shape), generator=generator)
    return torch.cat([example[:1], example[:1]]).cpu()


def graph_of(model: nn.Module, example: Tensor) -> ComputationGraph:
    """Return the computation graph for one input; CandidateError where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownOperation)
        try:
            return graph_of_module(model, example[:1])
        except GraphError as error:
            raise CandidateError(str(error)) from error


def _look_at_spec(candidate: Candidate, setting: Setting) -> Network:
    arch = candidate.arch
    assert arch is not None
    space = spaces.create(arch.space)
    classes = setting.classes or CLASSES
    try:
        shape: Shape = spec_shape(space, arch, setting)
        plan = space.plan(arch, space.published, shape[1], classes, shape[0])
    except ValueError as error:
        raise CandidateError(str(error)) from error
    return Network(candidate, shape, (classes,), plan.params(), graph_of_plan(plan))


def _run(model: nn.Module, example: Tensor) -> Shape:
    """Run a copy on two inputs; return the shape of the output for one."""
    try:
        with torch.no_grad(), torch.random.fork_rng():
            output = copy.deepcopy(model).cpu().eval()(example)
    except Exception as error:
        raise CandidateError(
            f"raises in forward on two inputs of {' x '.join(map(str, example.shape[1:]))}: "
            f"{describe(error)}"
        ) from error
    if not isinstance(output, Tensor):
        raise CandidateError(
            f"returns a {type(output).__name__}, not one tensor; wrap it in a module that does"
        )
    if output.dim() == 0 or len(output) != len(example):
        raise CandidateError(
            f"returns {tuple(output.shape)} for two inputs; the first axis must be the batch"
        )
    return tuple(output.shape[1:])
