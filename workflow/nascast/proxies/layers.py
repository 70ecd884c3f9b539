"""The layers that proxies sum over, and how a network is left as it was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

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
    """Return the weights of :func:`weighted_layers`; a tensor that layers share comes once."""
    found: dict[int, Tensor] = {}
    for layer in weighted_layers(model):
        assert isinstance(layer.weight, Tensor)
        found.setdefault(id(layer.weight), layer.weight)
    return list(found.values())


@contextmanager
def measuring(model: nn.Module) -> Iterator[None]:
    """Put a network in the mode of all proxies and restore it afterwards, whatever happens.

    Batch norms use the statistics of the mini-batch, as the original proxies do; dropout is off, so
    that a score does not depend on its noise. All weights are differentiable; running statistics
    and gradients come back as they were.
    """
    modes = [(module, module.training) for module in model.modules()]
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    parameters = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    try:
        for module, _ in modes:
            module.training = not isinstance(module, nn.modules.dropout._DropoutNd)
        for parameter, _ in parameters:
            parameter.requires_grad_(True)
        yield
    finally:
        for module, training in modes:
            module.training = training
        for parameter, trainable in parameters:
            parameter.requires_grad_(trainable)
        with torch.no_grad():
            for buffer, before in buffers:
                buffer.copy_(before)
