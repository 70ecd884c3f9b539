"""Exact size counts of any module: parameters and multiply-accumulates.

MACs count convolutions and linear layers only, which is what NAS-Bench-201 prints as FLOPs.
On the meta device a count is free of arithmetic and memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Size:
    """How large a network is.

    Attributes:
        params: trainable parameters.
        macs: multiply-accumulates of one forward pass of one image (conv and linear layers).
    """

    params: int
    macs: int


def count_params(model: nn.Module) -> int:
    """Return the number of trainable parameters."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def count_macs(model: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Return the multiply-accumulates of one forward pass on one input of ``input_shape``.

    Args:
        model: any module, which is left as it is; one that was built under
            ``torch.device("meta")`` is counted without arithmetic and memory.
        input_shape: shape of one input without the batch axis.
    """
    like = next((p for p in model.parameters() if p.is_floating_point()), torch.zeros(()))
    total = 0

    def add(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        assert isinstance(layer.weight, Tensor)
        # A transposed convolution spreads every number of its input; the others gather.
        spreads = isinstance(layer, nn.modules.conv._ConvTransposeNd)
        total += layer.weight[0].numel() * (inputs[0] if spreads else output).numel()

    kinds = (nn.modules.conv._ConvNd, nn.Linear)
    layers = [module for module in model.modules() if isinstance(module, kinds)]
    handles = [layer.register_forward_hook(add) for layer in layers]
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            model(torch.zeros((1, *input_shape), device=like.device, dtype=like.dtype))
    finally:
        for module, training in modes:
            module.training = training
        for handle in handles:
            handle.remove()
    return total
