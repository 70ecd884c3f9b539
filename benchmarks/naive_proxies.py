"""The obvious way to thirteen proxies: each on its own copy of the network, through autograd alone.

In single precision, as the shared pass is (synflow in double, as its definition needs), so that the
comparison is one of speed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.networks.counts import count_macs
from nascast.proxies.base import Batch

LAYERS = (nn.Conv2d, nn.Linear)
OFFSET = 1e-5


def naive_scores(model: nn.Module, batch: Batch, names: list[str]) -> dict[str, float]:
    """Return the scores of a network whose ReLUs are functions and whose batch norms are modules.

    Its features are in front of the last average, which the classifier reads.
    """
    return {name: NAIVE[name](copy.deepcopy(model).train(), batch) for name in names}


def _weights(model: nn.Module) -> list[Tensor]:
    return [module.weight for module in model.modules() if isinstance(module, LAYERS)]


def _pairs(model: nn.Module, batch: Batch) -> list[tuple[Tensor, Tensor]]:
    batch.loss(model(batch.inputs), batch.targets).backward()
    weights = _weights(model)
    return [(w.detach(), torch.zeros_like(w) if w.grad is None else w.grad) for w in weights]


def _params(model: nn.Module, batch: Batch) -> float:
    return float(sum(parameter.numel() for parameter in model.parameters()))


def _flops(model: nn.Module, batch: Batch) -> float:
    return 2.0 * count_macs(model, tuple(batch.inputs.shape[1:]))


def _l2_norm(model: nn.Module, batch: Batch) -> float:
    return sum(float(weight.detach().norm()) for weight in _weights(model))


def _grad_norm(model: nn.Module, batch: Batch) -> float:
    return sum(float(gradient.norm()) for _, gradient in _pairs(model, batch))


def _plain(model: nn.Module, batch: Batch) -> float:
    return sum(float((weight * gradient).sum()) for weight, gradient in _pairs(model, batch))


def _snip(model: nn.Module, batch: Batch) -> float:
    return sum(float((weight * gradient).abs().sum()) for weight, gradient in _pairs(model, batch))


def _grasp(model: nn.Module, batch: Batch) -> float:
    weights = _weights(model)
    loss = batch.loss(model(batch.inputs), batch.targets)
    gradients = torch.autograd.grad(loss, weights, create_graph=True, materialize_grads=True)
    squares = sum((g.detach() * g).sum() for g in gradients)
    assert isinstance(squares, Tensor)
    products = torch.autograd.grad(squares, weights, materialize_grads=True)
    return -sum(float((w.detach() * p).sum()) for w, p in zip(weights, products, strict=True))


def _fisher(model: nn.Module, batch: Batch) -> float:
    seen: list[Tensor] = []

    def keep(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        output.retain_grad()
        seen.append(output)

    for module in model.modules():
        if isinstance(module, LAYERS):
            module.register_forward_hook(keep)
    batch.loss(model(batch.inputs), batch.targets).backward()
    total = 0.0
    for output in seen:
        if output.grad is not None:
            saliency = (output.detach() * output.grad)[..., None].flatten(2)
            per_image = saliency.sum(dim=2)
            total += float(0.5 * per_image.square().mean(dim=0).sum())
    return total


def _jacobians(model: nn.Module, batch: Batch) -> NDArray[np.float64]:
    inputs = batch.inputs.clone().requires_grad_(True)
    model(inputs).sum().backward()
    assert inputs.grad is not None
    return inputs.grad.flatten(1).double().numpy()


def _jacov(model: nn.Module, batch: Batch) -> float:
    values = np.linalg.eigvalsh(np.corrcoef(_jacobians(model, batch))) + OFFSET
    return float(-np.sum(np.log(values) + 1 / values))


def _epe_nas(model: nn.Module, batch: Batch) -> float:
    rows = _jacobians(model, batch)
    assert batch.labels is not None
    labels = batch.labels.numpy()
    matrices = [np.atleast_2d(np.corrcoef(rows[labels == label])) for label in np.unique(labels)]
    return float(sum(abs(np.log(np.abs(matrix) + OFFSET).sum()) for matrix in matrices))


def _nwot(model: nn.Module, batch: Batch) -> float:
    relu, kernel = torch.relu, np.zeros((len(batch), len(batch)))

    def watched(x: Tensor) -> Tensor:
        nonlocal kernel
        codes = (x > 0).flatten(1).float()
        kernel = kernel + (codes @ codes.T + (1 - codes) @ (1 - codes).T).numpy()
        return relu(x)

    torch.relu = watched
    try:
        with torch.no_grad():
            model(batch.inputs)
    finally:
        torch.relu = relu
    return float(np.linalg.slogdet(kernel).logabsdet)


def _synflow(model: nn.Module, batch: Batch) -> float:
    model = model.double()
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(parent, name, nn.Identity())
    for parameter in model.parameters():
        parameter.data.abs_()
    model(torch.ones_like(batch.inputs[:1], dtype=torch.float64)).sum().backward()
    gradients = [(w.detach(), w.grad) for w in _weights(model) if w.grad is not None]
    return sum(float((weight * gradient).sum()) for weight, gradient in gradients)


@torch.no_grad()
def _zen(model: nn.Module, batch: Batch) -> float:
    generator = torch.Generator().manual_seed(0)
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for weight in _weights(model):
        weight.copy_(torch.randn(weight.shape, generator=generator))
    for module in model.modules():
        if isinstance(module, LAYERS) and module.bias is not None:
            module.bias.zero_()
    x, noise = (torch.randn(batch.inputs.shape, generator=generator) for _ in "xe")
    features: list[Tensor] = []
    norms[-1].register_forward_hook(lambda _, __, output: features.append(torch.relu(output)))
    for images in (x, x + 0.01 * noise):
        model(images.contiguous(memory_format=torch.channels_last))
    distance = (features[0] - features[1]).abs().flatten(1).sum(dim=1).mean()
    variances = torch.stack([norm.running_var.mean() for norm in norms])  # type: ignore[union-attr]
    return float(distance.log() + variances.log().sum() / 2)


NAIVE: dict[str, Callable[[nn.Module, Batch], float]] = {
    "epe_nas": _epe_nas,
    "fisher": _fisher,
    "flops": _flops,
    "grad_norm": _grad_norm,
    "grasp": _grasp,
    "jacov": _jacov,
    "l2_norm": _l2_norm,
    "nwot": _nwot,
    "params": _params,
    "plain": _plain,
    "snip": _snip,
    "synflow": _synflow,
    "zen": _zen,
}
