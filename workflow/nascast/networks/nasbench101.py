"""The NAS-Bench-101 network as a plan: stem, three stacks of one repeated cell, pooled classifier.

Source: Ying et al. 2019, "NAS-Bench-101: Towards Reproducible Neural Architecture Search",
section 2.2 and supplement S1, and the released model builder for how channels are split.
"""

from __future__ import annotations

from collections.abc import Sequence

from nascast.networks.plan import Plan

STACKS = 3
MOMENTUM = 1 - 0.997  # torch counts the new statistic's share, TensorFlow the old one's
Matrix = Sequence[Sequence[int]]


def plan_backbone(
    plan: Plan,
    images: int,
    matrix: Matrix,
    operations: Sequence[str],
    channels: int,
    repeats: int,
    stem_stride: int = 1,
) -> int:
    """Append the network up to its last feature map and return that node.

    Args:
        plan: what is appended to.
        images: number of the node to read.
        matrix: upper-triangular adjacency of the cell; vertex 0 is its input, the last its output.
        operations: of the vertices between them.
        channels: width of the stem (published: 128).
        repeats: cells in each stack (published: 3).
        stem_stride: stride of the first convolution (published: 1).
    """
    x = _conv_bn_relu(plan, images, channels, 3, stem_stride)
    for stack in range(STACKS):
        if stack:
            x = plan.max_pool(x, 2, 2, 0)
        for _ in range(repeats):
            x = _plan_cell(plan, x, matrix, operations, channels * 2**stack)
    return x


def vertex_channels(inputs: int, outputs: int, matrix: Matrix) -> list[int]:
    """Return the channels of every vertex of a cell.

    Vertices that feed the output share its channels evenly, the first ones take one more each while
    something remains; any other vertex has as many as the widest vertex that it feeds.

    Args:
        inputs: channels of the cell's input.
        outputs: channels of the cell's output.
        matrix: of a cell whose every vertex lies on an input-output path.

    Raises:
        ValueError: the output has fewer channels than vertices that feed it.
    """
    last = len(matrix) - 1
    channels = [inputs, *[0] * (last - 1), outputs]
    feeding = [v for v in range(1, last) if matrix[v][last]]
    if len(feeding) > outputs:
        raise ValueError(
            f"{len(feeding)} vertices share the {outputs} output channels of a NAS-Bench-101 cell; "
            f"NetworkScale.channels must be at least {len(feeding)}"
        )
    for place, v in enumerate(feeding):
        channels[v] = outputs // len(feeding) + (place < outputs % len(feeding))
    for v in range(last - 2, 0, -1):
        if not matrix[v][last]:
            channels[v] = max(channels[w] for w in range(v + 1, last) if matrix[v][w])
    return channels


def _plan_cell(plan: Plan, x: int, matrix: Matrix, operations: Sequence[str], outputs: int) -> int:
    last = len(matrix) - 1
    channels = vertex_channels(plan.channels(x), outputs, matrix)
    values = {0: x}
    for v in range(1, last):
        terms = [plan.narrow(values[u], channels[v]) for u in range(1, v) if matrix[u][v]]
        if matrix[0][v]:
            terms.append(_conv_bn_relu(plan, x, channels[v], 1))
        values[v] = _operate(plan, plan.add(*terms), operations[v - 1], channels[v])
    results = [values[v] for v in range(1, last) if matrix[v][last]]
    joined = [plan.concat(*results)] if results else []
    if matrix[0][last]:
        joined.append(_conv_bn_relu(plan, x, outputs, 1))
    return plan.add(*joined)


def _operate(plan: Plan, x: int, operation: str, channels: int) -> int:
    if operation == "maxpool3x3":
        return plan.max_pool(x, 3)
    return _conv_bn_relu(plan, x, channels, 3 if operation == "conv3x3-bn-relu" else 1)


def _conv_bn_relu(plan: Plan, x: int, channels: int, kernel: int, stride: int = 1) -> int:
    return plan.conv_bn(x, channels, kernel, stride, momentum=MOMENTUM)
