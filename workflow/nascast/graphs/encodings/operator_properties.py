"""What the operations of every space have in common: the table that makes cell graphs comparable.

Names differ from space to space (``conv3x3-bn-relu``, ``nor_conv_3x3``), and sentence embeddings do
not tell an identity from a zero. So each operation is declared here as data: its kind, how many
convolutions and pools follow each other in it, and the side of their kernels. A depthwise separable
convolution counts as one spatial convolution, as its two halves are meant to replace one.

Blocks with branches count the mean of their input-output paths, as
:func:`nascast.networks.plan_paths.mean_path_convs` does for whole networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from nascast.graphs.encodings.base import EncodingError


class Kind(IntEnum):
    """What an operation does to its input."""

    IDENTITY = 0
    CONVOLUTION = 1
    POOL = 2
    ZERO = 3


@dataclass(frozen=True, slots=True)
class OperatorProperties:
    """One operation in terms that all spaces share.

    Attributes:
        kind: what it does.
        spatial: convolutions with a kernel larger than one on its mean path.
        pointwise: 1 x 1 convolutions on its mean path, those inside separable ones left out.
        pools: pools on its mean path.
        weights: weights for each pair of channels, in units of one 3 x 3 convolution: the area of
            all kernels divided by nine; a depthwise kernel has none.
        reach: pixels by which it widens the receptive field to one side.
    """

    kind: Kind
    spatial: float = 0.0
    pointwise: float = 0.0
    pools: float = 0.0
    weights: float = 0.0
    reach: float = 0.0


def _conv(kernel: int, times: float = 1, dilation: int = 1) -> OperatorProperties:
    """Return dense square convolutions in a row."""
    spatial, pointwise = (times, 0.0) if kernel > 1 else (0.0, times)
    reach = times * dilation * (kernel - 1) / 2
    area = times * kernel**2 / 9
    return OperatorProperties(Kind.CONVOLUTION, spatial, pointwise, weights=area, reach=reach)


def _separable(kernel: int, times: int = 1, dilation: int = 1) -> OperatorProperties:
    """Return depthwise convolutions, each with a pointwise one behind it."""
    reach = times * dilation * (kernel - 1) / 2
    return OperatorProperties(Kind.CONVOLUTION, times, weights=times / 9, reach=reach)


def _crossed(kernel: int, share: float = 1.0) -> OperatorProperties:
    """Return a 1 x k and a k x 1 convolution for one k x k convolution."""
    area = 2 * kernel / 9 * share
    return OperatorProperties(Kind.CONVOLUTION, 1.0, weights=area, reach=(kernel - 1) / 2)


def _block(spatial: float, pointwise: float, weights: float) -> OperatorProperties:
    """Return a block of 3 x 3 and 1 x 1 convolutions by its mean path and all of its weights."""
    return OperatorProperties(Kind.CONVOLUTION, spatial, pointwise, weights=weights, reach=spatial)


_IDENTITY = OperatorProperties(Kind.IDENTITY)
_POOL = OperatorProperties(Kind.POOL, pools=1.0, reach=1.0)

_CELLS: dict[str, OperatorProperties] = {
    "input": _IDENTITY,
    "output": _IDENTITY,
    # NAS-Bench-101
    "conv3x3-bn-relu": _conv(3),
    "conv1x1-bn-relu": _conv(1),
    "maxpool3x3": _POOL,
    # NAS-Bench-201
    "none": OperatorProperties(Kind.ZERO),
    "skip_connect": _IDENTITY,
    "nor_conv_1x1": _conv(1),
    "nor_conv_3x3": _conv(3),
    "avg_pool_3x3": _POOL,
    # DARTS and NAS-Bench-301, whose separable convolutions are applied twice
    "c_{k-2}": _IDENTITY,
    "c_{k-1}": _IDENTITY,
    "max_pool_3x3": _POOL,
    "sep_conv_3x3": _separable(3, times=2),
    "sep_conv_5x5": _separable(5, times=2),
    "dil_conv_3x3": _separable(3, dilation=2),
    "dil_conv_5x5": _separable(5, dilation=2),
    # TransNAS-Bench-101, micro
    "conv1x1": _conv(1),
    "conv3x3": _conv(3),
}
# TransNAS-Bench-101, macro: two residual blocks of two convolutions, the first one's shortcut
# projected where the shape changes. Wider modules have more weights from there on, which a node
# cannot tell: that is left to the size of the network.
_MODULES = {
    "normal": _block(2.0, 0.0, 4.0),
    "double_channels": _block(2.0, 0.5, 4.0),
    "halve_resolution": _block(2.0, 0.5, 4.0),
    "double_channels_halve_resolution": _block(2.0, 0.5, 4.0),
}
# GENNAPE's operators; hidden widths scale the weights of a bottleneck's two convolutions.
_CHAINS = {
    "conv5x5": _conv(5),
    "double1x1": _conv(1, times=2),
    "double3x3": _conv(3, times=2),
    "avgpool3x3": _POOL,
    "depthwise3x3": _separable(3),
    "depthwise5x5": _separable(5),
    "inception_s3x3": _crossed(3),
    "inception_s5x5": _crossed(5),
    "inception_p3x3": _crossed(3, share=0.5),
    "inception_p5x5": _crossed(5, share=0.5),
    "bottleneck-r2-k1": _block(0.0, 2.0, 1 / 9),
    "bottleneck-e2-k1": _block(0.0, 2.0, 4 / 9),
    "bottleneck-r2-k3": _block(2.0, 0.0, 1.0),
    "bottleneck-r4-k3": _block(2.0, 0.0, 0.5),
    "bottleneck-e2-k3": _block(2.0, 0.0, 4.0),
}
# HiAML's fourteen blocks, after :data:`nascast.networks.hiaml.BLOCKS`.
_HIAML = {
    "z": _block(1.5, 0.0, 15 / 9),
    "a22": _block(1.0, 1.0, 11 / 9),
    "b23": _block(1.0, 0.0, 12 / 9),
    "j30": _block(1.0, 0.0, 15 / 9),
    "g30": _block(4 / 3, 2 / 3, 13 / 9),
    "r30": _block(0.75, 0.5, 13 / 9),
    "l20": _block(1.0, 1.0, 10 / 9),
    "t20": _block(0.5, 0.5, 7 / 9),
    "t31": _block(1.0, 0.5, 13 / 9),
    "src0": _block(1.0, 1.0, 19 / 9),
    "src1": _block(1.0, 0.5, 19 / 9),
    "src3": _block(0.5, 1.5, 12 / 9),
    "src7": _block(1.0, 1.0, 13 / 9),
    "src8": _block(0.5, 1.5, 8 / 9),
}
PROPERTIES: Mapping[str, OperatorProperties] = {
    **_CELLS,
    **_MODULES,
    **_CHAINS,
    **_HIAML,
    # Two-Path's operators that stride
    **{f"{name}/2": found for name, found in _CHAINS.items() if found.kind == Kind.CONVOLUTION},
    "conv3x3/2": _conv(3),
    # How often Inception repeats the block before it: nothing of its own
    **{f"repeat{times}": _IDENTITY for times in range(2, 7)},
}
"""Every declared operation by its name."""


def properties_of(operations: Iterable[str]) -> list[OperatorProperties]:
    """Return the properties of some operations, in their order.

    Raises:
        EncodingError: names the operation that the table lacks.
    """
    found = []
    for operation in operations:
        if operation not in PROPERTIES:
            raise EncodingError(
                f"the operation {operation!r} has no properties; add it to PROPERTIES in "
                "nascast/graphs/encodings/operator_properties.py"
            )
        found.append(PROPERTIES[operation])
    return found
