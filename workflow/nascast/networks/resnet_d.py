"""Parts of a ResNet-D as plans: the deep stem and the bottleneck with a pooled shortcut.

Source: He et al. 2019, "Bag of Tricks for Image Classification with Convolutional Neural
Networks", section 4.2; the optional residual block of the stem is Cai et al. 2020's
("Once-for-All", released supernet ``ofa_resnet50``).
"""

from __future__ import annotations

from nascast.networks.plan import Plan


def deep_stem(
    plan: Plan, images: int, hidden: int, channels: int, stride: int, *, residual: bool
) -> int:
    """Append two or three 3x3 convolutions and the max pool that halves the side.

    Args:
        plan: what is appended to.
        images: number of the node to read.
        hidden: channels of all convolutions but the last.
        channels: of the last one.
        stride: of the first convolution.
        residual: whether there is a middle convolution, whose input is added to its result.

    Returns:
        The number of the max pool.
    """
    x = plan.conv_bn(images, hidden, 3, stride)
    if residual:
        x = plan.add(x, plan.conv_bn(x, hidden, 3))
    return plan.max_pool(plan.conv_bn(x, channels, 3), 3, 2)


def bottleneck(plan: Plan, x: int, channels: int, hidden: int, stride: int) -> int:
    """Append 1x1, 3x3 and 1x1 convolutions with a residual.

    A shortcut that changes the shape averages two by two pixels (where the stride is 2) and has a
    1x1 convolution with batch norm. A last window over the edge is kept, so any side fits.

    Args:
        plan: what is appended to.
        x: number of the feature map, ``(channels, height, width)``.
        channels: of the result.
        hidden: channels of the 3x3 convolution.
        stride: of the 3x3 convolution.

    Returns:
        The number of the block's last node.
    """
    y = plan.conv_bn(plan.conv_bn(x, hidden, 1), hidden, 3, stride)
    y = plan.conv_bn(y, channels, 1, activation=None)
    if stride != 1:
        x = plan.avg_pool(x, stride, stride, 0, ceil=True)
    if stride != 1 or plan.channels(x) != channels:
        x = plan.conv_bn(x, channels, 1, activation=None)
    return plan.activate(plan.add(y, x))
