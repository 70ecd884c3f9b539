"""Flow of ones through a network whose weights are all positive."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.func import functional_call

from nascast.proxies.base import Proxy
from nascast.proxies.layers import weights_of
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.watchers import WithoutBatchNorm


class Synflow(Proxy):
    """``sum of |W| * dR/d|W|`` with ``R`` the sum of the outputs for one image of ones.

    All parameters are replaced by their absolute values, batch norms by the identity, and
    everything runs in double precision, as products over the layers leave single precision's range.
    It reads no image. Cost: a forward and a backward pass of one image.
    """

    name: ClassVar[str] = "synflow"
    reference: ClassVar[str] = (
        "Tanaka et al. 2020, equation 2; Abdelfattah et al. 2021, section 3.2"
    )

    def score(self, seen: SharedPass) -> float:
        """Return the sum over the weights of convolutions and linear layers."""
        weights, gradients = synaptic_flow(seen)
        products = (w * g for w, g in zip(weights, gradients, strict=True))
        return float(torch.stack([product.sum() for product in products]).sum())


def synaptic_flow(seen: SharedPass) -> tuple[list[Tensor], list[Tensor]]:
    """Return the absolute weights that are scored and their gradients of ``R``, float64."""
    model = seen.model
    absolute = {
        name: parameter.detach().abs().double().requires_grad_(True)
        for name, parameter in model.named_parameters()
    }
    buffers = {name: _double(buffer).clone() for name, buffer in model.named_buffers()}
    scored = {id(weight) for weight in weights_of(model)}
    weights = [absolute[name] for name, old in model.named_parameters() if id(old) in scored]
    ones = torch.ones_like(seen.batch.inputs[:1], dtype=torch.float64)
    with WithoutBatchNorm():
        outputs = functional_call(model, absolute | buffers, (ones,))
    gradients = torch.autograd.grad(outputs.sum(), weights, materialize_grads=True)
    return [weight.detach() for weight in weights], list(gradients)


def _double(tensor: Tensor) -> Tensor:
    return tensor.double() if tensor.is_floating_point() else tensor
