"""Runs a plan: the torch module of :mod:`nascast.networks.plan`."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from nascast.networks.plan import Node, Plan

_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "relu6": functional.relu6,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "swish": functional.silu,
    "hard_swish": functional.hardswish,
    "hard_sigmoid": functional.hardsigmoid,
    "gelu": functional.gelu,
    "global_pool": lambda x: x.mean(dim=(2, 3)),
    "shift": lambda x: functional.pad(x[:, :, 1:, 1:], (0, 1, 0, 1)),
    # Still attached to its input, so that dead branches keep a gradient of zero.
    "zero": lambda x: x * 0.0,
}


class PlannedNetwork(nn.Module):
    """The network of a plan, with torch's default initialisation in the order of the nodes.

    Shapes: images ``(n, c, h, w)`` to the last node's output. Any ``h`` and ``w`` run that the
    operations allow; those of the plan only served to count.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.nodes = tuple(plan.nodes)
        self.layers = nn.ModuleDict()
        for number, node in enumerate(self.nodes):
            layer = _layer(plan, node)
            if layer is not None:
                self.layers[str(number)] = layer
        self._last_use = _last_uses(self.nodes)

    def forward(self, images: Tensor) -> Tensor:
        """Return the output of the last node."""
        values: dict[int, Tensor] = {}
        for number, node in enumerate(self.nodes):
            inputs = [values[i] for i in node.inputs] or [images]
            values[number] = self._run(number, node, inputs)
            for i in set(node.inputs):
                # Without this, evaluation would hold every feature map at once.
                if self._last_use[i] == number:
                    del values[i]
        return values[len(self.nodes) - 1]

    def _run(self, number: int, node: Node, inputs: list[Tensor]) -> Tensor:
        x = inputs[0]
        if str(number) in self.layers:
            result: Tensor = self.layers[str(number)](x)
            return result
        if node.op == "input":
            return x
        if node.op == "add":
            total = x
            for other in inputs[1:]:
                total = total + other
            return total
        if node.op == "concat":
            return torch.cat(inputs, dim=1)
        if node.op == "mul":
            gate = inputs[1]
            return x * (gate if gate.dim() == x.dim() else gate[:, :, None, None])
        if node.op == "narrow":
            return x[:, : node.shape[0]]
        if node.op == "max_pool":
            return functional.max_pool2d(x, node.kernel, node.stride, node.padding)
        if node.op == "avg_pool":
            return functional.avg_pool2d(
                x, node.kernel, node.stride, node.padding, node.ceil, count_include_pad=False
            )
        return _FUNCTIONS[node.op](x)


def _layer(plan: Plan, node: Node) -> nn.Module | None:
    if node.op == "batch_norm":
        return nn.BatchNorm2d(node.shape[0], node.eps, node.momentum, node.affine)
    if node.op == "linear":
        return nn.Linear(plan.channels(node.inputs[0]), node.shape[0], node.bias)
    if node.op == "upsample":
        factor = node.shape[1] // plan.shape(node.inputs[0])[1]
        return nn.Upsample(scale_factor=factor)
    if node.op == "conv":
        return nn.Conv2d(
            plan.channels(node.inputs[0]), node.shape[0], node.kernel, node.stride,
            node.padding, node.dilation, node.groups, node.bias,
        )  # fmt: skip
    if node.op == "transposed_conv":
        return nn.ConvTranspose2d(
            plan.channels(node.inputs[0]), node.shape[0], node.kernel, node.stride,
            node.padding, bias=node.bias,
        )  # fmt: skip
    return None


def _last_uses(nodes: tuple[Node, ...]) -> dict[int, int]:
    """Return the last reader of every node; the output has none."""
    return {i: number for number, node in enumerate(nodes) for i in node.inputs}
