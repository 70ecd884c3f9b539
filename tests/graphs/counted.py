"""Reference counts of a forward pass: torch's own flop counter, and the parameters it uses."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from nascast.graphs.computation import ComputationGraph


def counted_flops(module: nn.Module, *args: Any, **kwargs: Any) -> int:
    """FLOPs of one forward pass in evaluation mode on the meta device."""
    model = copy.deepcopy(module).to("meta").eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(*args, **kwargs)
    return int(counter.get_total_flops())


def assert_counts(graph: ComputationGraph, module: nn.Module, *args: Any, **kwargs: Any) -> None:
    """A graph has the FLOPs and all parameters of the module's forward pass."""
    assert int(graph.flops.sum()) == counted_flops(module, *args, **kwargs)
    assert int(graph.params.sum()) == sum(p.numel() for p in module.parameters())


def meta(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """A tensor without data."""
    return torch.empty(shape, dtype=dtype, device="meta")
