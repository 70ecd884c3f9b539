"""The once-for-all networks written naively in torch, from the settings of the supernets.

Lists of kernels and ratios have an entry for every block of the supernet; a depth says how many of
a stage's blocks are used. Widths are rounded here, not looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

T = TypeVar("T")


def round8(value: float) -> int:
    """The nearest multiple of 8 (upwards at halves), one more where that loses over a tenth."""
    below = int(value) - int(value) % 8
    nearest = below if value - below < below + 8 - value else below + 8
    nearest = max(nearest, 8)
    return nearest + 8 if nearest < 0.9 * value else nearest


def conv_bn(
    inputs: int, outputs: int, kernel: int, stride: int, eps: float, act: nn.Module | None,
    groups: int = 1,
) -> nn.Sequential:  # fmt: skip
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs, eps), *([] if act is None else [act]))


class Gate(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = round8(channels // 4)
        self.layers = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, hidden, 1), nn.ReLU(),
            nn.Conv2d(hidden, channels, 1), nn.Hardsigmoid(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return x * self.layers(x)


class MBConv(nn.Module):
    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int, ratio: int, eps: float,
        act: nn.Module, gated: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        hidden = round8(inputs * ratio)
        layers = [] if ratio == 1 else [conv_bn(inputs, hidden, 1, 1, eps, act)]
        layers.append(conv_bn(hidden, hidden, kernel, stride, eps, act, groups=hidden))
        layers += [Gate(hidden)] if gated else []
        self.layers = nn.Sequential(*layers, conv_bn(hidden, outputs, 1, 1, eps, None))
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x) if self.residual else self.layers(x)


def mobile_blocks(
    ks: Sequence[int], e: Sequence[int], d: Sequence[int], widths: Sequence[int],
    strides: Sequence[int], acts: Sequence[nn.Module], gates: Sequence[bool], eps: float,
) -> list[nn.Module]:  # fmt: skip
    layers: list[nn.Module] = []
    for stage, depth in enumerate(d):
        for block in range(depth):
            inputs = widths[stage] if block == 0 else widths[stage + 1]
            stride = strides[stage] if block == 0 else 1
            number = 4 * stage + block
            layers.append(
                MBConv(
                    inputs, widths[stage + 1], ks[number], stride, e[number], eps, acts[stage],
                    gates[stage],
                )
            )  # fmt: skip
    return layers


def proxylessnas(
    ks: Sequence[int], e: Sequence[int], d: Sequence[int], classes: int
) -> nn.Sequential:
    """``ks`` and ``e`` have 21 entries, ``d`` has 6."""
    base = (32, 16, 24, 40, 80, 96, 192, 320, 1280)
    stem, *widths, last = (round8(1.3 * width) for width in base)
    act = nn.ReLU6()
    return nn.Sequential(
        conv_bn(3, stem, 3, 2, 1e-3, act),
        MBConv(stem, widths[0], 3, 1, 1, 1e-3, act),
        *mobile_blocks(ks, e, d, widths, (2, 2, 2, 1, 2, 1), [act] * 6, [False] * 6, 1e-3),
        conv_bn(widths[-1], last, 1, 1, 1e-3, act),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(last, classes),
    )  # fmt: skip


def mobilenet_v3(
    ks: Sequence[int], e: Sequence[int], d: Sequence[int], classes: int
) -> nn.Sequential:
    """``ks`` and ``e`` have 20 entries, ``d`` has 5."""
    base = (16, 16, 24, 40, 80, 112, 160, 960, 1280)
    stem, *widths, expanded, mixed = (round8(1.2 * width) for width in base)
    relu, swish = nn.ReLU(), nn.Hardswish()
    acts = (relu, relu, swish, swish, swish)
    gates = (False, True, False, True, True)
    return nn.Sequential(
        conv_bn(3, stem, 3, 2, 1e-5, swish),
        MBConv(stem, widths[0], 3, 1, 1, 1e-5, relu),
        *mobile_blocks(ks, e, d, widths, (2, 2, 2, 1, 2), acts, gates, 1e-5),
        conv_bn(widths[-1], expanded, 1, 1, 1e-5, swish),
        nn.AdaptiveAvgPool2d(1), nn.Conv2d(expanded, mixed, 1, bias=False), swish,
        nn.Flatten(), nn.Linear(mixed, classes),
    )  # fmt: skip


class Residual(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) + x


class Bottleneck(nn.Module):
    def __init__(self, inputs: int, outputs: int, ratio: float, stride: int) -> None:
        super().__init__()
        hidden = round8(round(outputs * ratio))
        self.layers = nn.Sequential(
            conv_bn(inputs, hidden, 1, 1, 1e-5, nn.ReLU()),
            conv_bn(hidden, hidden, 3, stride, 1e-5, nn.ReLU()),
            conv_bn(hidden, outputs, 1, 1, 1e-5, None),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride, stride, ceil_mode=True),
                conv_bn(inputs, outputs, 1, 1, 1e-5, None),
            )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.layers(x) + self.shortcut(x))


def resnet(d: Sequence[int], e: Sequence[float], w: Sequence[float], classes: int) -> nn.Sequential:
    """``d`` has 5 entries, ``e`` 18 and ``w`` 6 multipliers."""
    hidden, outer = round8(round8(64 * w[0]) // 2), round8(64 * w[1])
    relu = nn.ReLU()
    layers: list[nn.Module] = [conv_bn(3, hidden, 3, 2, 1e-5, relu)]
    if d[0]:
        layers.append(Residual(conv_bn(hidden, hidden, 3, 1, 1e-5, relu)))
    layers += [conv_bn(hidden, outer, 3, 1, 1e-5, relu), nn.MaxPool2d(3, 2, 1)]
    inputs, first = outer, 0
    for stage, (base, most) in enumerate(((2, 4), (2, 4), (4, 6), (2, 4))):
        outputs = round8(256 * 2**stage * w[2 + stage])
        for block in range(base + d[1 + stage]):
            stride = 2 if stage and not block else 1
            layers.append(Bottleneck(inputs, outputs, e[first + block], stride))
            inputs = outputs
        first += most
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))


def used(values: Sequence[T], depths: Sequence[int], slots: Sequence[int]) -> str:
    """The entries of the blocks that are used, of stages with ``slots`` entries, as in a spec."""
    firsts = [sum(slots[:stage]) for stage in range(len(slots))]
    rows = zip(firsts, depths, strict=True)
    return ",".join(str(value) for first, n in rows for value in values[first : first + n])


def assert_same_function(ours: nn.Module, naive: nn.Module, side: int) -> None:
    """Both have the same parameters in the same order, and compute the same logits from them."""
    with torch.no_grad():
        for mine, theirs in zip(ours.parameters(), naive.parameters(), strict=True):
            # A 1x1 convolution of one pixel is a linear layer.
            assert mine.shape == theirs.shape or (*mine.shape, 1, 1) == theirs.shape
            mine.copy_(theirs.reshape(mine.shape))
    eps = [[m.eps for m in net.modules() if isinstance(m, nn.BatchNorm2d)] for net in (ours, naive)]
    assert eps[0] == eps[1]
    images = torch.randn(2, 3, side, side, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(ours.double()(images), naive.double()(images))
