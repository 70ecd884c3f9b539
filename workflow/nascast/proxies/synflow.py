"""Flow of ones through a network whose weights are all positive."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from nascast.proxies.base import Proxy
from nascast.proxies.curvature import gradients_of
from nascast.proxies.layers import one_tensor, replaced, scored_weights
from nascast.proxies.second_order import or_zeros
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.watchers import UnboundedFlow


class Synflow(Proxy):
    """``sum of |W| * dR/d|W|`` with ``R`` the sum of the outputs for one image of ones.

    All parameters are replaced by their absolute values, batch norms and a squashing at the very
    end (the tanh of a decoder, which would saturate) by the identity, and everything runs in double
    precision, as products over the layers leave single precision's range.
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
    scored = scored_weights(model)
    absolute = {
        id(parameter): parameter.detach().double().abs().requires_grad_(True)
        for parameter in model.parameters()
    }
    buffers = {id(buffer): _double(buffer) for buffer in model.buffers()}
    weights = [absolute[id(weight)] for weight in scored]
    ones = torch.ones_like(seen.batch.inputs[:1], dtype=torch.float64)
    with replaced(model, absolute | buffers), UnboundedFlow() as flow:
        outputs = flow.before_squashing(one_tensor(model, model(ones)))
    found = gradients_of(outputs.sum(), weights)
    gradients = [or_zeros(gradient, w) for gradient, w in zip(found, weights, strict=True)]
    return [weight.detach() for weight in weights], gradients


def _double(buffer: Tensor) -> Tensor:
    return buffer.double().clone() if buffer.is_floating_point() else buffer.clone()
