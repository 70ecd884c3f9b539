"""The networks of TransNAS-Bench-101 written naively: every edge computed, zeros included."""

from __future__ import annotations

from collections.abc import Callable

import torch
from tests.networks.naive_darts import FactorisedReduce
from tests.networks.naive_nasbench201 import relu_conv_bn
from torch import Tensor, nn

# Makes a block from input channels, output channels and stride.
MakeBlock = Callable[[int, int, int], nn.Module]


class Zero(nn.Module):
    def __init__(self, outputs: int, stride: int) -> None:
        super().__init__()
        self.outputs, self.stride = outputs, stride

    def forward(self, x: Tensor) -> Tensor:
        small = x[:, :1, :: self.stride, :: self.stride]
        return torch.zeros_like(small).expand(-1, self.outputs, -1, -1)


def make_operation(digit: str, inputs: int, outputs: int, stride: int) -> nn.Module:
    if digit == "0":
        return Zero(outputs, stride)
    if digit == "1":
        unchanged = stride == 1 and inputs == outputs
        return nn.Identity() if unchanged else FactorisedReduce(inputs, outputs)
    return relu_conv_bn(inputs, outputs, 1 if digit == "2" else 3, stride)


class NaiveCell(nn.Module):
    """A cell from its code, e.g. ``1_02_333``."""

    def __init__(self, code: str, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.nodes = nn.ModuleList()
        for digits in code.split("_"):
            shapes = [(inputs, stride)] + [(outputs, 1)] * (len(digits) - 1)
            self.nodes.append(
                nn.ModuleList(
                    make_operation(digit, wide, outputs, step)
                    for digit, (wide, step) in zip(digits, shapes, strict=True)
                )
            )

    def forward(self, x: Tensor) -> Tensor:
        states = [x]
        for operations in self.nodes:
            incoming = [op(state) for op, state in zip(operations, states, strict=True)]
            states.append(torch.stack(incoming).sum(0))
        return states[-1]


class NaiveResidual(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            relu_conv_bn(inputs, outputs, 3, stride), relu_conv_bn(outputs, outputs, 3)
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        return self.main(x) + self.shortcut(x)


def naive_network(
    modules: str, block: MakeBlock, c: int, blocks: int, classes: int, stem_stride: int = 2
) -> nn.Sequential:
    """Return the network; its parameters come in the same order as the library's."""
    layers: list[nn.Module] = [
        nn.Conv2d(3, c // 2, 3, stem_stride, padding=1, bias=False),
        nn.BatchNorm2d(c // 2),
        relu_conv_bn(c // 2, c, 3, stem_stride),
    ]
    for digit in modules:
        widens, shrinks = {"1": (1, 1), "2": (2, 1), "3": (1, 2), "4": (2, 2)}[digit]
        layers.append(block(c, widens * c, shrinks))
        c *= widens
        layers += [block(c, c, 1) for _ in range(blocks - 1)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, classes))
