"""The layers that proxies sum over, and how a network is left as it was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from nascast.proxies.errors import ProxyError

WEIGHTED = (
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
    nn.Linear,
)
"""Kinds of layers whose weights are scored; biases and norms never are."""


def weighted_layers(model: nn.Module) -> list[nn.Module]:
    """Return the convolutions and linear layers in module order, each once."""
    return [module for module in model.modules() if isinstance(module, WEIGHTED)]


def weights_of(model: nn.Module) -> list[Tensor]:
    """Return the weights of :func:`weighted_layers`; a tensor that layers share comes once.

    Raises:
        ProxyError: a weight is computed from other tensors, as with weight normalisation.
    """
    found: dict[int, Tensor] = {}
    for layer in weighted_layers(model):
        if not isinstance(layer.weight, nn.Parameter):
            raise ProxyError(
                f"a {type(layer).__name__} of {type(model).__name__} computes its weight from "
                "other tensors; remove the parametrisation before the network is scored"
            )
        found.setdefault(id(layer.weight), layer.weight)
    return list(found.values())


def scored_weights(model: nn.Module) -> list[Tensor]:
    """Return :func:`weights_of`, of which there is at least one.

    Raises:
        ProxyError: as :func:`weights_of`, or there is none.
    """
    weights = weights_of(model)
    if not weights:
        raise ProxyError(
            f"{type(model).__name__} has neither convolutions nor linear layers, so there are no "
            "weights that could be scored"
        )
    return weights


def one_tensor(model: nn.Module, outputs: object) -> Tensor:
    """Return a network's outputs if they are what proxies read.

    Raises:
        ProxyError: they are something else than one tensor.
    """
    if not isinstance(outputs, Tensor):
        raise ProxyError(
            f"{type(model).__name__} returns {type(outputs).__name__}, not one tensor; wrap it in "
            "a module that returns what its loss reads"
        )
    return outputs


@contextmanager
def measuring(model: nn.Module) -> Iterator[None]:
    """Put a network in the mode of all proxies and restore it afterwards, whatever happens.

    Batch norms use the statistics of the mini-batch, as the original proxies do; dropout is off, so
    that a score does not depend on its noise. All weights are differentiable, even where the caller
    has switched gradients off; running statistics and gradients come back as they were.
    """
    modes = [(module, module.training) for module in model.modules()]
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    parameters = [(p, p.requires_grad) for p in model.parameters() if p.is_floating_point()]
    try:
        for module, _ in modes:
            module.training = not isinstance(module, nn.modules.dropout._DropoutNd)
        for parameter, _ in parameters:
            parameter.requires_grad_(True)
        with torch.enable_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
        for parameter, trainable in parameters:
            parameter.requires_grad_(trainable)
        with torch.no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)


@contextmanager
def replaced(model: nn.Module, tensors: dict[int, Tensor]) -> Iterator[None]:
    """Let a network compute with other parameters and buffers.

    ``torch.func.functional_call`` leaves a module that has two names in a model with the new
    tensors; here, all that share a tensor get, and lose, its replacement together.

    Args:
        model: the network; it has its own tensors again afterwards, whatever happens.
        tensors: replacements by the ``id`` of what they replace.
    """
    kept = []
    try:
        for module in model.modules():
            for group in (module._parameters, module._buffers):
                for key, own in group.items():
                    if own is not None and id(own) in tensors:
                        kept.append((group, key, own))
                        group[key] = tensors[id(own)]  # type: ignore[assignment]
        yield
    finally:
        for group, key, own in kept:
            group[key] = own  # type: ignore[assignment]
