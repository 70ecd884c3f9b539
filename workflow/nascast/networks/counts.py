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
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    total = 0

    def add_conv(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        assert isinstance(module, nn.Conv2d)
        per_position = module.weight[0].numel()
        total += per_position * output.numel()

    def add_linear(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        assert isinstance(module, nn.Linear)
        total += module.in_features * output.numel()

    handles = []
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            handles.append(module.register_forward_hook(add_conv))
        elif isinstance(module, nn.Linear):
            handles.append(module.register_forward_hook(add_linear))
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            model(torch.zeros((1, *input_shape), device=device))
    finally:
        model.train(was_training)
        for handle in handles:
            handle.remove()
    return total
