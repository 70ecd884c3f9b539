"""Expressivity: how far features move when the image moves a little."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.func import functional_call

from nascast.proxies.base import Proxy
from nascast.proxies.layers import WEIGHTED
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.watchers import PooledFeatures

_GAMMA = 1e-2


class Zen(Proxy):
    """``log mean |f(x) - f(x + 0.01 e)| + sum of log sqrt(mean running variance)``.

    The sum is over all batch norms.

    ``f`` are the features in front of the last global pooling (the outputs, where there is none),
    summed over channels and positions; ``x`` and ``e`` are normal noise of the mini-batch's shape,
    and so are all weights; batch norms start at scale 1 and shift 0. It reads no image. Cost: two
    forward passes.
    """

    name: ClassVar[str] = "zen"
    reference: ClassVar[str] = "Lin et al. 2021, 'Zen-NAS', algorithm 1 and its public code"

    @torch.no_grad()
    def score(self, seen: SharedPass) -> float:
        """Return the score of one draw of weights and noise."""
        shape, device = seen.batch.inputs.shape, seen.batch.inputs.device
        generator = torch.Generator(device).manual_seed(seen.seed)
        tensors = gaussian_network(seen.model, generator)
        noise, other = (torch.randn(shape, generator=generator, device=device) for _ in range(2))
        here = _features(seen.model, tensors, noise)
        there = _features(seen.model, tensors, noise + _GAMMA * other)
        distance = (here - there).abs().flatten(1).sum(dim=1).mean()
        variances = [
            tensors[f"{name}.running_var"].mean()
            for name, module in seen.model.named_modules()
            if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.track_running_stats
        ]
        scales = torch.stack(variances).log().sum() / 2 if variances else 0.0
        return float(distance.log() + scales)


def gaussian_network(model: nn.Module, generator: torch.Generator) -> dict[str, Tensor]:
    """Return parameters and buffers with normal weights, zero biases and fresh batch norms."""
    tensors = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    for prefix, module in model.named_modules():
        dot = f"{prefix}." if prefix else ""
        if isinstance(module, WEIGHTED):
            weight = tensors[f"{dot}weight"]
            weight.copy_(torch.randn(weight.shape, generator=generator, device=weight.device))
            if module.bias is not None:
                tensors[f"{dot}bias"].zero_()
        elif isinstance(module, nn.modules.batchnorm._BatchNorm):
            for key, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
                if f"{dot}{key}" in tensors:
                    tensors[f"{dot}{key}"].fill_(value)
    return tensors


def _features(model: nn.Module, tensors: dict[str, Tensor], inputs: Tensor) -> Tensor:
    pooled = PooledFeatures()
    with pooled:
        outputs: Tensor = functional_call(model, tensors, (inputs,))
    return outputs if pooled.features is None else pooled.features
