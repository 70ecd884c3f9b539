"""The NAS-Bench-201 network written naively: every edge computed, ``none`` multiplies by zero."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.nasbench201 import EDGES, NASBench201


class Zero(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mul(0.0)


def relu_conv_bn(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(inputs, outputs, kernel, stride, padding=(kernel - 1) // 2, bias=False),
        nn.BatchNorm2d(outputs),
    )


def make_operation(name: str, channels: int) -> nn.Module:
    if name == "none":
        return Zero()
    if name == "skip_connect":
        return nn.Identity()
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    return relu_conv_bn(channels, channels, 3 if name == "nor_conv_3x3" else 1)


class NaiveCell(nn.Module):
    def __init__(self, genotype: tuple[str, ...], channels: int) -> None:
        super().__init__()
        self.edges = nn.ModuleList(make_operation(name, channels) for name in genotype)

    def forward(self, x: Tensor) -> Tensor:
        nodes = [x]
        for node in range(1, 4):
            incoming = [
                operation(nodes[source])
                for (source, target), operation in zip(EDGES, self.edges, strict=True)
                if target == node
            ]
            nodes.append(torch.stack(incoming).sum(0))
        return nodes[3]


class NaiveReduction(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            relu_conv_bn(channels, 2 * channels, 3, 2), relu_conv_bn(2 * channels, 2 * channels, 3)
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(2, 2), nn.Conv2d(channels, 2 * channels, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + self.main(x)


def naive_network(
    arch: Architecture, scale: NetworkScale, num_classes: int = 10, in_channels: int = 3
) -> nn.Sequential:
    """Return the network; its parameters come in the same order as the library's."""
    genotype = NASBench201().genotype(arch)
    width = scale.channels
    layers: list[nn.Module] = [
        nn.Conv2d(in_channels, width, 3, scale.stem_stride, padding=1, bias=False),
        nn.BatchNorm2d(width),
    ]
    for stage in range(3):
        if stage:
            layers.append(NaiveReduction(width))
            width *= 2
        layers += [NaiveCell(genotype, width) for _ in range(scale.repeats)]
    layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(width, num_classes))


def copy_parameters(source: nn.Module, target: nn.Module) -> None:
    with torch.no_grad():
        for theirs, ours in zip(source.parameters(), target.parameters(), strict=True):
            assert theirs.shape == ours.shape
            ours.copy_(theirs)
