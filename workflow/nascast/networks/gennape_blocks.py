"""Operators of GENNAPE's own families (HiAML, Inception, Two-Path) as chains of a plan's nodes.

Source: Mills et al. 2023, "GENNAPE: Towards Generalized Neural Architecture Performance
Estimators", supplementary "Introduced Neural Network Benchmarks". What the paper leaves open
(hidden widths, strides, activations) is as in the TensorFlow networks of its released generators,
from which its computation graphs were made. Names of operators are those of the generators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from nascast.networks.plan import Pair, Plan

_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class Style:
    """What the layers of one family have in common.

    Attributes:
        momentum: of batch norms in torch's sense, the weight of the new batch.
        bias: whether convolutions have one beside the batch norm.
        strides_by_axis: whether a strided separable operator strides along each convolution's
            own axis, or along both axes in its first convolution.
    """

    momentum: float
    bias: bool
    strides_by_axis: bool

    def conv_bn(
        self,
        plan: Plan,
        x: int,
        channels: int,
        kernel: int | Pair,
        stride: int | Pair = 1,
        activation: str | None = "relu6",
    ) -> int:
        """Append convolution, batch norm and, unless it is None, an activation."""
        x = plan.conv(x, channels, kernel, stride, bias=self.bias)
        x = self.batch_norm(plan, x)
        return x if activation is None else plan.activate(x, activation)

    def batch_norm(self, plan: Plan, x: int) -> int:
        """Append a batch norm."""
        return plan.batch_norm(x, momentum=self.momentum, eps=_EPSILON)


# (plan, style, node to read, channels of the output, stride) to the number of the last node.
Operator = Callable[[Plan, Style, int, int, int], int]


def conv(plan: Plan, style: Style, x: int, channels: int, stride: int, *, kernel: int) -> int:
    """Append one convolution with batch norm and ReLU6."""
    return style.conv_bn(plan, x, channels, kernel, stride)


def separable(plan: Plan, style: Style, x: int, channels: int, stride: int, *, kernel: int) -> int:
    """Append ``inception_s``: a 1 x k and a k x 1 convolution, each with batch norm and ReLU6."""
    first, second = ((1, stride), (stride, 1)) if style.strides_by_axis else (stride, 1)
    x = style.conv_bn(plan, x, channels, (1, kernel), first)
    return style.conv_bn(plan, x, channels, (kernel, 1), second)


def parallel(plan: Plan, style: Style, x: int, channels: int, stride: int, *, kernel: int) -> int:
    """Append ``inception_p``: half of the channels from 1 x k, the others from k x 1, ReLU6.

    Under a stride each half strides its own axis and then the other one in a second convolution.
    """
    row, column = (1, kernel), (kernel, 1)
    strides = {row: (1, stride), column: (stride, 1)}
    halves = []
    for kernels, width in (
        ((row, column), channels // 2),
        ((column, row), channels - channels // 2),
    ):
        half = x
        for size in kernels[: 1 if stride == 1 else 2]:
            half = style.conv_bn(plan, half, width, size, strides[size], activation=None)
        halves.append(half)
    return plan.activate(plan.concat(*halves), "relu6")


def depthwise(plan: Plan, style: Style, x: int, channels: int, stride: int, *, kernel: int) -> int:
    """Append a depthwise convolution with batch norm and ReLU6.

    New channels come from a bare 1 x 1 convolution before it, without bias and batch norm.
    """
    if plan.channels(x) != channels:
        x = plan.conv(x, channels, 1)
    x = plan.conv(x, channels, kernel, stride, groups=channels, bias=style.bias)
    return plan.activate(style.batch_norm(plan, x), "relu6")


def bottleneck(
    plan: Plan,
    style: Style,
    x: int,
    channels: int,
    stride: int,
    *,
    kernel: int,
    reduce: int = 1,
    expand: int = 1,
) -> int:
    """Append two convolutions of one kernel, each with batch norm and no activation.

    Between them stand the input's channels divided by ``reduce`` or multiplied by ``expand``.
    """
    hidden = max(1, plan.channels(x) * expand // reduce)
    x = style.conv_bn(plan, x, hidden, kernel, stride, activation=None)
    return style.conv_bn(plan, x, channels, kernel, activation=None)


def double3x3(plan: Plan, style: Style, x: int, channels: int, stride: int) -> int:
    """Append two 3 x 3 convolutions: the first strides, the second changes the channels."""
    x = style.conv_bn(plan, x, plan.channels(x), 3, stride)
    return style.conv_bn(plan, x, channels, 3)


def double1x1(plan: Plan, style: Style, x: int, channels: int, stride: int) -> int:
    """Append two 1 x 1 convolutions: the first changes the channels, the second strides."""
    x = style.conv_bn(plan, x, channels, 1)
    return style.conv_bn(plan, x, channels, 1, stride)


def pool(plan: Plan, style: Style, x: int, channels: int, stride: int, *, kind: str) -> int:
    """Append a 3 x 3 pool with batch norm.

    Raises:
        ValueError: other channels than the input's are asked for.
    """
    if plan.channels(x) != channels:
        raise ValueError(
            f"a {kind} pool keeps {plan.channels(x)} channels, it cannot give {channels}"
        )
    pooled = (plan.max_pool if kind == "max" else plan.avg_pool)(x, 3, stride)
    return style.batch_norm(plan, pooled)


OPERATORS: dict[str, Operator] = {
    "conv1x1": partial(conv, kernel=1),
    "conv3x3": partial(conv, kernel=3),
    "conv5x5": partial(conv, kernel=5),
    "double1x1": double1x1,
    "double3x3": double3x3,
    "inception_s3x3": partial(separable, kernel=3),
    "inception_s5x5": partial(separable, kernel=5),
    "inception_p3x3": partial(parallel, kernel=3),
    "inception_p5x5": partial(parallel, kernel=5),
    "depthwise3x3": partial(depthwise, kernel=3),
    "depthwise5x5": partial(depthwise, kernel=5),
    "bottleneck-r2-k1": partial(bottleneck, kernel=1, reduce=2),
    "bottleneck-e2-k1": partial(bottleneck, kernel=1, expand=2),
    "bottleneck-r2-k3": partial(bottleneck, kernel=3, reduce=2),
    "bottleneck-r4-k3": partial(bottleneck, kernel=3, reduce=4),
    "bottleneck-e2-k3": partial(bottleneck, kernel=3, expand=2),
    "avgpool3x3": partial(pool, kind="avg"),
    "maxpool3x3": partial(pool, kind="max"),
}
