"""The DARTS evaluation network written naively, module by module, for a genotype's two cells."""

from __future__ import annotations

import torch
from tests.networks.naive_nasbench201 import relu_conv_bn
from torch import Tensor, nn

Edges = tuple[tuple[str, int], ...]


class FactorisedReduce(nn.Module):
    """On even sides the original's; on odd ones padded, as TransNAS-Bench-101 does it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.even = nn.Conv2d(inputs, outputs // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(inputs, outputs // 2, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(x)
        shifted = nn.functional.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
        return self.norm(torch.cat([self.even(x), self.odd(shifted)], dim=1))


def depthwise(c: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> list[nn.Module]:
    return [
        nn.ReLU(),
        nn.Conv2d(c, c, kernel, stride, padding, dilation, groups=c, bias=False),
        nn.Conv2d(c, c, 1, bias=False),
        nn.BatchNorm2d(c),
    ]


def make_operation(name: str, c: int, stride: int) -> nn.Module:
    match name:
        case "skip_connect":
            return nn.Identity() if stride == 1 else FactorisedReduce(c, c)
        case "max_pool_3x3":
            return nn.MaxPool2d(3, stride, padding=1)
        case "avg_pool_3x3":
            return nn.AvgPool2d(3, stride, padding=1, count_include_pad=False)
        case "sep_conv_3x3":
            return nn.Sequential(*depthwise(c, 3, stride, 1), *depthwise(c, 3, 1, 1))
        case "sep_conv_5x5":
            return nn.Sequential(*depthwise(c, 5, stride, 2), *depthwise(c, 5, 1, 2))
        case "dil_conv_3x3":
            return nn.Sequential(*depthwise(c, 3, stride, 2, dilation=2))
        case "dil_conv_5x5":
            return nn.Sequential(*depthwise(c, 5, stride, 4, dilation=2))
    raise ValueError(name)


class NaiveCell(nn.Module):
    def __init__(
        self, edges: Edges, inputs: tuple[int, int], c: int, *, shrinks: bool, shrunk: bool
    ) -> None:
        super().__init__()
        first, second = inputs
        self.first = FactorisedReduce(first, c) if shrunk else relu_conv_bn(first, c, 1)
        self.second = relu_conv_bn(second, c, 1)
        self.sources = [source for _, source in edges]
        self.operations = nn.ModuleList(
            make_operation(name, c, 2 if shrinks and source < 2 else 1) for name, source in edges
        )

    def forward(self, before_last: Tensor, last: Tensor) -> Tensor:
        states = [self.first(before_last), self.second(last)]
        for i in (0, 2, 4, 6):
            one = self.operations[i](states[self.sources[i]])
            other = self.operations[i + 1](states[self.sources[i + 1]])
            states.append(one + other)
        return torch.cat(states[2:], dim=1)


class NaiveDarts(nn.Module):
    """Parameters come in the same order as the library's."""

    def __init__(
        self, normal: Edges, reduce: Edges, c: int, layers: int, classes: int, stem_stride: int = 1
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 3 * c, 3, stem_stride, padding=1, bias=False), nn.BatchNorm2d(3 * c)
        )
        widths, shrunk = (3 * c, 3 * c), False
        self.cells = nn.ModuleList()
        for layer in range(layers):
            shrinks = layer in (layers // 3, 2 * layers // 3)
            c = 2 * c if shrinks else c
            edges = reduce if shrinks else normal
            self.cells.append(NaiveCell(edges, widths, c, shrinks=shrinks, shrunk=shrunk))
            widths, shrunk = (widths[1], 4 * c), shrinks
        self.classifier = nn.Linear(4 * c, classes)

    def forward(self, images: Tensor) -> Tensor:
        before_last = last = self.stem(images)
        for cell in self.cells:
            before_last, last = last, cell(before_last, last)
        return self.classifier(last.mean(dim=(2, 3)))
