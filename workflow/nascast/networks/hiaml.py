"""The fourteen blocks of HiAML as a table, and how a plan reads it.

Source: Mills et al. 2023 (GENNAPE), supplementary "Introduced Neural Network Benchmarks": blocks
that GA-NAS found among cells of up to four operators. The table follows the released generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, reduce

from nascast.networks.gennape_blocks import Style, separable
from nascast.networks.plan import Plan

STYLE = Style(momentum=0.1, bias=False, strides_by_axis=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One operator of a block.

    Attributes:
        op: ``conv1``, ``conv3`` (with batch norm) or ``sep`` (1 x 3, then 3 x 1).
        inputs: what is summed before it: 0 is the block's input, i the i-th step.
        relu: whether a ReLU follows a convolution; ``sep`` has its own ReLU6.
        strides: whether it takes the block's stride.
        widens: whether it gives the channels of the block's output, or keeps the input's.
    """

    op: str
    inputs: tuple[int, ...]
    relu: bool = True
    strides: bool = False
    widens: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """Steps in forward order, and which of them (0 is the block's input) the output sums."""

    steps: tuple[Step, ...]
    outputs: tuple[int, ...]


def _block(*steps: Step, out: tuple[int, ...]) -> Block:
    return Block(steps, out)


def _step(op: str, *inputs: int, relu: bool = True) -> Step:
    # Where the block's input is summed with something smaller, a projection strides.
    return Step(op, inputs, relu, strides=inputs == (0,))


_conv1, _conv3, _sep = (partial(_step, op) for op in ("conv1", "conv3", "sep"))
_linear = partial(_conv1, relu=False)

BLOCKS: dict[str, Block] = {
    "z": _block(_conv3(0), _sep(1), out=(1, 2)),
    "a22": _block(_conv3(0), _conv1(1), _linear(2), out=(1, 3)),
    "b23": _block(_sep(0), _sep(1), out=(0, 2)),
    "j30": _block(_conv3(0), _sep(1), out=(0, 2)),
    "g30": _block(_sep(0), _sep(0, 1), _linear(2), out=(1, 3)),
    "r30": _block(_sep(0), _linear(0, 1), _sep(1), out=(0, 2, 3)),
    "l20": _block(_conv3(0), _linear(1), out=(2,)),
    "t20": _block(_linear(0), _sep(0), out=(1, 2)),
    "t31": _block(_sep(0), _conv1(1), _sep(0, 2), out=(0, 2, 3)),
    "src0": _block(_conv1(0), _conv3(1), _conv3(2, relu=False), out=(1, 3)),
    "src1": _block(
        _conv1(0),
        Step("conv3", (0,), widens=False),
        Step("conv3", (2,), relu=False, strides=True),
        out=(1, 3),
    ),
    "src3": _block(
        _linear(0),
        Step("conv1", (0,), widens=False),
        Step("conv3", (2,), strides=True),
        _linear(3),
        out=(1, 4),
    ),
    "src7": _block(_linear(0), _sep(1), _sep(2), out=(1, 3)),
    "src8": _block(_linear(0), _sep(1), _linear(2), out=(1, 3)),
}


def append_block(plan: Plan, x: int, name: str, channels: int, stride: int) -> int:
    """Append one block and return the number of its last node.

    Args:
        plan: what is appended to.
        x: number of the node to read.
        name: a key of :data:`BLOCKS`.
        channels: channels of the output.
        stride: 1 or 2.
    """
    block = BLOCKS[name]
    values = [x]
    for step in block.steps:
        source = x if step.inputs == (0,) else _sum(plan, values, step.inputs, channels, stride)
        width = channels if step.widens else plan.channels(x)
        values.append(_operator(plan, source, step, width, stride if step.strides else 1))
    return plan.activate(_sum(plan, values, block.outputs, channels, stride), "relu")


def _operator(plan: Plan, x: int, step: Step, channels: int, stride: int) -> int:
    if step.op == "sep":
        return separable(plan, STYLE, x, channels, stride, kernel=3)
    kernel = 1 if step.op == "conv1" else 3
    activation = "relu" if step.relu else None
    return STYLE.conv_bn(plan, x, channels, kernel, stride, activation)


def _sum(plan: Plan, values: list[int], terms: tuple[int, ...], channels: int, stride: int) -> int:
    """Append a sum, two terms at a time; the block's input as a term of it has to fit."""
    nodes = [_fitted(plan, values[0], channels, stride) if t == 0 else values[t] for t in terms]
    return reduce(plan.add, nodes)


def _fitted(plan: Plan, x: int, channels: int, stride: int) -> int:
    """Return the block's input, behind a projection of its own where the shape changes."""
    if stride == 1 and plan.channels(x) == channels:
        return x
    return STYLE.conv_bn(plan, x, channels, 1, stride, activation=None)
