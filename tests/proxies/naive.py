"""The thirteen proxies from their formulas: slow, obvious, in double precision.

Every one works on a copy of the model of its own and shares nothing with the others.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from nascast.proxies.base import Batch

LAYERS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


def ready(model: nn.Module) -> nn.Module:
    """A copy that trains, without the noise of dropout, and nothing of it is frozen."""
    copied = copy.deepcopy(model).double().train().requires_grad_(True)
    for module in copied.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return copied


def weights(model: nn.Module) -> list[nn.Parameter]:
    found: list[nn.Parameter] = []
    for module in model.modules():
        if isinstance(module, LAYERS) and not any(module.weight is other for other in found):
            found.append(module.weight)
    return found


def loss_of(model: nn.Module, batch: Batch) -> Tensor:
    return batch.loss(model(batch.inputs.double()), batch.targets)


def pairs(model: nn.Module, batch: Batch) -> list[tuple[Tensor, Tensor]]:
    """Every weight and its gradient."""
    model = ready(model)
    loss_of(model, batch).backward()
    found = []
    for weight in weights(model):
        gradient = torch.zeros_like(weight) if weight.grad is None else weight.grad
        found.append((weight.detach(), gradient))
    return found


def params(model: nn.Module, batch: Batch) -> float:
    return float(sum(math.prod(parameter.shape) for parameter in model.parameters()))


def flops(model: nn.Module, batch: Batch) -> float:
    """A convolution of ones with weights of one, padded with ones too, counts its products."""
    model, total = ready(model), 0

    def count(layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        nonlocal total
        if isinstance(layer, nn.Linear):
            total += 2 * layer.in_features * output.numel()
            return
        kernel = math.prod(layer.kernel_size)
        if isinstance(layer, nn.ConvTranspose2d):
            total += 2 * inputs[0].numel() * layer.out_channels // layer.groups * kernel
        else:
            total += 2 * output.numel() * layer.in_channels // layer.groups * kernel

    for module in model.modules():
        if isinstance(module, LAYERS):
            module.register_forward_hook(count)
    model.eval()(batch.inputs[:1].double())
    return float(total)


def l2_norm(model: nn.Module, batch: Batch) -> float:
    return sum(float((weight.detach().double() ** 2).sum()) ** 0.5 for weight in weights(model))


def grad_norm(model: nn.Module, batch: Batch) -> float:
    return sum(float((gradient**2).sum()) ** 0.5 for _, gradient in pairs(model, batch))


def plain(model: nn.Module, batch: Batch) -> float:
    return sum(float((weight * gradient).sum()) for weight, gradient in pairs(model, batch))


def snip(model: nn.Module, batch: Batch) -> float:
    return sum(float((weight * gradient).abs().sum()) for weight, gradient in pairs(model, batch))


def grasp(model: nn.Module, batch: Batch) -> float:
    """The gradient of half the gradient's squared norm is the Hessian times the gradient."""
    model = ready(model)
    found = weights(model)
    gradients = torch.autograd.grad(
        loss_of(model, batch), found, create_graph=True, allow_unused=True
    )
    half = sum((gradient**2).sum() for gradient in gradients if gradient is not None) / 2
    assert isinstance(half, Tensor)
    half.backward()
    return -sum(float((w.detach() * w.grad).sum()) for w in found if w.grad is not None)


def fisher(model: nn.Module, batch: Batch) -> float:
    model = ready(model)
    seen: list[tuple[nn.Module, Tensor]] = []

    def keep(layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        output.retain_grad()
        seen.append((layer, output))
        return output.clone()

    for module in model.modules():
        if isinstance(module, LAYERS):
            module.register_forward_hook(keep)
    loss_of(model, batch).backward()
    total = 0.0
    for layer, output in seen:
        if output.grad is None:
            continue
        # Images first, channels second, positions last.
        saliency = output.detach() * output.grad
        if isinstance(layer, nn.Linear):
            saliency = saliency.movedim(-1, 1)
        for channel in range(saliency.shape[1]):
            squares = [float(image[channel].sum()) ** 2 for image in saliency]
            total += 0.5 * sum(squares) / len(squares)
    return total


def jacobians(model: nn.Module, batch: Batch) -> Tensor:
    inputs = batch.inputs.double().clone().requires_grad_(True)
    ready(model)(inputs).sum().backward()
    assert inputs.grad is not None
    return inputs.grad.flatten(1)


def correlations(rows: Tensor) -> Tensor:
    """Pearson's, pair by pair."""
    centred = [row - row.mean() for row in rows]
    matrix = torch.zeros(len(rows), len(rows), dtype=torch.float64)
    for (i, a), (j, b) in product(enumerate(centred), repeat=2):
        matrix[i, j] = (a * b).sum() / ((a * a).sum() * (b * b).sum()).sqrt()
    return matrix


def jacov(model: nn.Module, batch: Batch) -> float:
    values = torch.linalg.eigvals(correlations(jacobians(model, batch))).real
    return -sum(math.log(value + 1e-5) + 1 / (value + 1e-5) for value in values.tolist())


def epe_nas(model: nn.Module, batch: Batch) -> float:
    rows = jacobians(model, batch)
    assert batch.labels is not None
    assert batch.num_classes is not None
    sums = []
    for label in sorted(set(batch.labels.tolist())):
        matrix = correlations(rows[batch.labels == label])
        total = float((matrix.abs() + 1e-5).log().sum())
        sums.append(total / len(matrix) if batch.num_classes > 100 else total)
    if batch.num_classes <= 100:
        return sum(abs(total) for total in sums)
    return sum(abs(a - b) for a, b in product(sums, repeat=2)) / len(sums)


class Gates(TorchDispatchMode):
    """Sees what the rectifiers compute, below everything that Python calls."""

    def __init__(self) -> None:
        super().__init__()
        self.patterns: list[Tensor] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        name = func.overloadpacket.__name__
        if name in {"relu", "relu_", "hardswish", "hardtanh", "hardtanh_", "relu6"}:
            assert name != "hardtanh" or args[1] == 0
            self.patterns.append((args[0] > 0).flatten(1))
        return func(*args, **(kwargs or {}))


def nwot(model: nn.Module, batch: Batch) -> float:
    with Gates() as gates, torch.no_grad():
        ready(model)(batch.inputs.double())
    images = len(batch.inputs)
    codes = torch.cat([pattern.reshape(images, -1) for pattern in gates.patterns], dim=1)
    kernel = torch.zeros(images, images, dtype=torch.float64)
    for i, j in product(range(images), repeat=2):
        kernel[i, j] = (codes[i] == codes[j]).sum()
    return math.log(abs(float(torch.linalg.det(kernel))))


def synflow(model: nn.Module, batch: Batch) -> float:
    model = ready(model)
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(parent, name, nn.Identity())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.abs_()
    model(torch.ones(1, *batch.inputs.shape[1:], dtype=torch.float64)).sum().backward()
    return sum(float((w.detach() * w.grad).sum()) for w in weights(model) if w.grad is not None)


def zen(model: nn.Module, batch: Batch, seed: int = 0) -> float:
    model = ready(model)
    generator = torch.Generator().manual_seed(seed)
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    with torch.no_grad():
        for weight in weights(model):
            weight.copy_(torch.randn(weight.shape, generator=generator))
        for module in model.modules():
            if isinstance(module, LAYERS) and module.bias is not None:
                module.bias.zero_()
        for norm in norms:
            norm.reset_parameters()
        x, noise = (torch.randn(batch.inputs.shape, generator=generator).double() for _ in "xe")
        features = getattr(model, "features", model)
        first, second = features(x), features(x + 0.01 * noise)
    distances = [float((a - b).abs().sum()) for a, b in zip(first, second, strict=True)]
    variances = [float(norm.running_var.mean()) for norm in norms]
    return math.log(sum(distances) / len(distances)) + sum(
        math.log(math.sqrt(variance)) for variance in variances
    )


NAIVE: dict[str, Callable[[nn.Module, Batch], float]] = {
    function.__name__: function
    for function in (
        epe_nas, fisher, flops, grad_norm, grasp, jacov, l2_norm, nwot, params, plain, snip,
        synflow, zen,
    )
}  # fmt: skip
