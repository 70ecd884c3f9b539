"""Expressivity: how far features move when the image moves a little."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from nascast.proxies.base import Proxy
from nascast.proxies.layers import WEIGHTED, one_tensor, replaced, weights_of
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.watchers import PooledFeatures

_GAMMA = 1e-2
_FRESH = {
    "weight": 1,
    "bias": 0,
    "running_mean": 0,
    "running_var": 1,
    "num_batches_tracked": 0,
}


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
        inputs = seen.batch.inputs
        generator = torch.Generator(inputs.device).manual_seed(seen.seed)
        tensors = gaussian_network(seen.model, generator)
        noise, other = (_normal_like(inputs, generator) for _ in range(2))
        with replaced(seen.model, tensors):
            here = _features(seen.model, noise)
            there = _features(seen.model, noise + _GAMMA * other)
        distance = (here - there).abs().flatten(1).sum(dim=1).mean()
        variances = [
            tensors[id(module.running_var)].mean()
            for module in seen.model.modules()
            if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.track_running_stats
        ]
        scales = torch.stack(variances).log().sum() / 2 if variances else 0.0
        return float(distance.log() + scales)


def gaussian_network(model: nn.Module, generator: torch.Generator) -> dict[int, Tensor]:
    """Return replacements of parameters and buffers, by the ``id`` of what they replace.

    Weights are normal, biases zero and batch norms fresh.
    """
    owned = [*model.parameters(), *model.buffers()]
    tensors = {id(tensor): tensor.detach().clone() for tensor in owned}
    for weight in weights_of(model):
        tensors[id(weight)] = _normal_like(weight, generator)
    for module in model.modules():
        is_norm = isinstance(module, nn.modules.batchnorm._BatchNorm)
        keys = _FRESH if is_norm else ("bias",) if isinstance(module, WEIGHTED) else ()
        for key in keys:
            own = getattr(module, key)
            if own is not None:
                tensors[id(own)].fill_(_FRESH[key])
    return tensors


def _normal_like(tensor: Tensor, generator: torch.Generator) -> Tensor:
    # Drawn in single precision and in one order, so that precision and layout see the same draw.
    drawn = torch.randn(tensor.shape, generator=generator, device=tensor.device)
    return torch.empty_like(tensor).copy_(drawn)


def _features(model: nn.Module, inputs: Tensor) -> Tensor:
    with PooledFeatures() as pooled:
        outputs = one_tensor(model, model(inputs))
    return outputs if pooled.features is None else pooled.features
