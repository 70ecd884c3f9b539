"""Blocks of mobile networks as plans: inverted residuals and squeeze-and-excite.

Sources: Sandler et al. 2018, "MobileNetV2", section 3.3 (inverted residuals); Howard et al. 2019,
"Searching for MobileNetV3", section 5 (squeeze-and-excite with hard sigmoid, hard swish).
"""

from __future__ import annotations

from nascast.networks.plan import Plan


def squeeze_excite(plan: Plan, x: int, squeezed: int) -> int:
    """Append a gate for each channel, computed from the means of all channels.

    Args:
        plan: what is appended to.
        x: number of the feature map, ``(channels, height, width)``.
        squeezed: width of the hidden layer.

    Returns:
        The number of the gated feature map, of the same shape.
    """
    gate = plan.activate(plan.linear(plan.global_pool(x), squeezed))
    return plan.mul(x, plan.activate(plan.linear(gate, plan.channels(x)), "hard_sigmoid"))


def inverted_residual(
    plan: Plan,
    x: int,
    channels: int,
    kernel: int,
    stride: int,
    *,
    hidden: int | None = None,
    squeezed: int | None = None,
    activation: str = "relu6",
    eps: float = 1e-5,
) -> int:
    """Append expansion, depthwise convolution, gate and linear projection with a residual.

    The input is added to the result if the stride is 1 and the channels stay the same.

    Args:
        plan: what is appended to.
        x: number of the feature map, ``(channels, height, width)``.
        channels: of the result.
        kernel: side of the depthwise kernel.
        stride: of the depthwise convolution.
        hidden: channels after the expansion; None leaves the expansion out.
        squeezed: hidden width of squeeze-and-excite; None leaves it out.
        activation: behind the expansion and the depthwise convolution.
        eps: of the batch norms.

    Returns:
        The number of the block's last node.
    """
    y = x if hidden is None else plan.conv_bn(x, hidden, 1, activation=activation, eps=eps)
    width = plan.channels(y)
    y = plan.conv_bn(y, width, kernel, stride, activation, groups=width, eps=eps)
    if squeezed is not None:
        y = squeeze_excite(plan, y, squeezed)
    y = plan.conv_bn(y, channels, 1, activation=None, eps=eps)
    return plan.add(x, y) if stride == 1 and plan.channels(x) == channels else y
