"""Operations that the cells of DARTS and of TransNAS-Bench-101 have in common, as plans.

Source: Liu et al. 2019, "DARTS: Differentiable Architecture Search", section 3.1, and its public
code; TransNAS-Bench-101's public code names the same operations.
"""

from __future__ import annotations

from nascast.networks.plan import Plan


def relu_conv_bn(plan: Plan, x: int, channels: int, kernel: int, stride: int = 1) -> int:
    """Append ReLU, convolution and batch norm."""
    return plan.conv_bn(plan.activate(x), channels, kernel, stride, None)


def factorised_reduce(plan: Plan, x: int, channels: int) -> int:
    """Append the skip connection that halves the resolution.

    Behind a ReLU, one 1x1 convolution of stride 2 reads the even rows and columns and makes half of
    the channels, another one the odd ones. An odd side is rounded up: zeros stand for the row and
    column that the second convolution lacks.
    """
    x = plan.activate(x)
    even = plan.conv(x, channels // 2, 1, 2)
    odd = plan.conv(plan.shift(x), channels - channels // 2, 1, 2)
    return plan.batch_norm(plan.concat(even, odd))
