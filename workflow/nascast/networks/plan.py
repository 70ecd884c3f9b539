"""A network as a plan: primitive operations in forward order, with shapes, before any tensor.

Families whose networks are assembled from many kinds of blocks describe them once, as a plan. The
size is counted from it without building anything, :class:`nascast.networks.planned.PlannedNetwork`
runs it, and its nodes are the network's computation graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

Pair = tuple[int, int]
# Operations with one input that keep the shape and own no parameter.
ACTIVATIONS = ("relu", "relu6", "sigmoid", "tanh", "swish", "hard_swish", "hard_sigmoid", "gelu")


@dataclass(frozen=True, slots=True)
class Node:
    """One primitive operation.

    Attributes:
        op: ``input``, ``conv``, ``transposed_conv``, ``linear``, ``batch_norm``, an activation,
            ``max_pool``, ``avg_pool``, ``global_pool``, ``add``, ``mul``, ``concat``,
            ``narrow`` (the first channels), ``shift`` (one row and column dropped at the start,
            zeros appended at the end), ``upsample`` (nearest) or ``zero``.
        inputs: numbers of the nodes it reads.
        shape: ``(channels, height, width)`` of its output; ``(features,)`` behind a global pool.
        kernel, stride, padding, dilation: of convolutions and pools; (0, 0) where there is none.
        groups: of convolutions.
        bias: whether a convolution or linear layer has one.
        momentum, eps: of batch norms.
        affine: whether a batch norm has a scale and an offset.
        ceil: whether an average pool has a last window that hangs over the edge.
    """

    op: str
    inputs: tuple[int, ...]
    shape: tuple[int, ...]
    kernel: Pair = (0, 0)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    bias: bool = False
    momentum: float = 0.1
    eps: float = 1e-5
    affine: bool = True
    ceil: bool = False


@dataclass(slots=True)
class Plan:
    """Nodes in an order in which they can run; the last one is the output.

    Every method appends one node (or a fixed short chain), checks shapes and returns the node's
    number, so that families read like forward passes.
    """

    nodes: list[Node] = field(default_factory=list)

    def shape(self, node: int) -> tuple[int, ...]:
        """Return the output shape of a node, without the batch axis."""
        return self.nodes[node].shape

    def channels(self, node: int) -> int:
        """Return the channels (or features) of a node's output."""
        return self.nodes[node].shape[0]

    def input(self, channels: int, height: int, width: int | None = None) -> int:
        """Append the images; square unless ``width`` is given."""
        return self._append(Node("input", (), (channels, height, width or height)))

    def conv(
        self,
        x: int,
        channels: int,
        kernel: int | Pair = 3,
        stride: int | Pair = 1,
        *,
        groups: int = 1,
        dilation: int = 1,
        padding: int | Pair | None = None,
        bias: bool = False,
    ) -> int:
        """Append a convolution; its padding keeps the size at stride 1 unless it is given.

        Raises:
            ValueError: the channels are not divisible by ``groups``, or nothing is left.
        """
        size, step, spread = _pair(kernel), _pair(stride), (dilation, dilation)
        same = (dilation * (size[0] - 1) // 2, dilation * (size[1] - 1) // 2)
        pad = same if padding is None else _pair(padding)
        inputs, height, width = self._image(x, "convolution")
        if channels < 1 or inputs % groups or channels % groups:
            raise ValueError(
                f"a convolution from {inputs} to {channels} channels cannot have {groups} groups"
            )
        area = tuple(
            (extent + 2 * p - d * (k - 1) - 1) // s + 1
            for extent, p, d, k, s in zip((height, width), pad, spread, size, step, strict=True)
        )
        shape = (channels, *area)
        self._not_empty(shape, x, "convolution")
        return self._append(
            Node("conv", (x,), shape, size, step, pad, spread, groups=groups, bias=bias)
        )

    def transposed_conv(
        self, x: int, channels: int, kernel: int, stride: int, padding: int, *, bias: bool = False
    ) -> int:
        """Append a transposed convolution."""
        _, height, width = self._image(x, "transposed convolution")
        height, width = ((n - 1) * stride - 2 * padding + kernel for n in (height, width))
        shape = (channels, height, width)
        self._not_empty(shape, x, "transposed convolution")
        pairs = (_pair(kernel), _pair(stride), _pair(padding))
        return self._append(Node("transposed_conv", (x,), shape, *pairs, bias=bias))

    def batch_norm(
        self, x: int, *, momentum: float = 0.1, eps: float = 1e-5, affine: bool = True
    ) -> int:
        """Append a batch norm."""
        shape = self._image(x, "batch norm")
        node = Node("batch_norm", (x,), shape, momentum=momentum, eps=eps, affine=affine)
        return self._append(node)

    def activate(self, x: int, kind: str = "relu") -> int:
        """Append one of :data:`ACTIVATIONS`."""
        if kind not in ACTIVATIONS:
            raise ValueError(f"unknown activation {kind!r}; choose one of {', '.join(ACTIVATIONS)}")
        return self._append(Node(kind, (x,), self.shape(x)))

    def max_pool(self, x: int, kernel: int = 3, stride: int = 1, padding: int | None = None) -> int:
        """Append a max pool."""
        return self._pool("max_pool", x, kernel, stride, padding)

    def avg_pool(
        self,
        x: int,
        kernel: int = 3,
        stride: int = 1,
        padding: int | None = None,
        *,
        ceil: bool = False,
    ) -> int:
        """Append an average pool that leaves the padding out of the average.

        With ``ceil`` a last window that hangs over the edge is kept, so that two by two pooling
        halves an odd side as a strided convolution does.
        """
        return self._pool("avg_pool", x, kernel, stride, padding, ceil)

    def global_pool(self, x: int) -> int:
        """Append the mean over all positions."""
        return self._append(Node("global_pool", (x,), self._image(x, "global pool")[:1]))

    def linear(self, x: int, features: int, *, bias: bool = True) -> int:
        """Append a linear layer behind a global pool or another linear layer."""
        if len(self.shape(x)) != 1:
            raise ValueError(f"a linear layer reads a vector, node {x} has shape {self.shape(x)}")
        return self._append(Node("linear", (x,), (features,), bias=bias))

    def add(self, *xs: int) -> int:
        """Append the sum of nodes of one shape; a single node is returned as it is."""
        return self._merge("add", xs)

    def mul(self, x: int, gate: int) -> int:
        """Append the product with a gate of the same shape, or with one number a channel."""
        if self.shape(gate) not in (self.shape(x), self.shape(x)[:1]):
            raise ValueError(f"cannot multiply shapes {self.shape(x)} and {self.shape(gate)}")
        return self._append(Node("mul", (x, gate), self.shape(x)))

    def concat(self, *xs: int) -> int:
        """Append the concatenation along the channels; a single node is returned as it is."""
        shapes = [self._image(x, "concatenation") for x in xs]
        if len({shape[1:] for shape in shapes}) != 1:
            raise ValueError(f"cannot concatenate shapes {shapes}")
        if len(xs) == 1:
            return xs[0]
        total = sum(shape[0] for shape in shapes)
        return self._append(Node("concat", tuple(xs), (total, *shapes[0][1:])))

    def narrow(self, x: int, channels: int) -> int:
        """Append the first ``channels`` channels; ``x`` itself if it has no more."""
        shape = self._image(x, "narrow")
        if not 1 <= channels <= shape[0]:
            raise ValueError(f"cannot keep {channels} of {shape[0]} channels")
        if channels == shape[0]:
            return x
        return self._append(Node("narrow", (x,), (channels, *shape[1:])))

    def shift(self, x: int) -> int:
        """Append the image moved up and left by one pixel, zeros behind it."""
        return self._append(Node("shift", (x,), self._image(x, "shift")))

    def upsample(self, x: int, factor: int) -> int:
        """Append a nearest-neighbour enlargement."""
        channels, height, width = self._image(x, "upsample")
        node = Node("upsample", (x,), (channels, height * factor, width * factor))
        return self._append(node)

    def zero(self, x: int) -> int:
        """Append zeros of the shape of ``x``."""
        return self._append(Node("zero", (x,), self.shape(x)))

    def conv_bn(
        self,
        x: int,
        channels: int,
        kernel: int | Pair = 3,
        stride: int | Pair = 1,
        activation: str | None = "relu",
        *,
        groups: int = 1,
        bias: bool = False,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> int:
        """Append convolution, batch norm and, unless it is None, an activation."""
        x = self.conv(x, channels, kernel, stride, groups=groups, bias=bias)
        x = self.batch_norm(x, momentum=momentum, eps=eps)
        return x if activation is None else self.activate(x, activation)

    def params(self) -> int:
        """Return the trainable parameters."""
        return sum(node_params(self, node) for node in self.nodes)

    def macs(self) -> int:
        """Return the multiply-accumulates of convolutions and linear layers for one image."""
        return sum(node_macs(self, node) for node in self.nodes)

    def _append(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _image(self, x: int, what: str) -> tuple[int, int, int]:
        shape = self.shape(x)
        if len(shape) != 3:
            raise ValueError(f"a {what} reads (channels, height, width), node {x} has {shape}")
        return shape[0], shape[1], shape[2]

    def _not_empty(self, shape: Sequence[int], x: int, what: str) -> None:
        if min(shape) < 1:
            raise ValueError(f"nothing is left behind a {what} of shape {self.shape(x)}")

    def _pool(
        self, op: str, x: int, kernel: int, stride: int, padding: int | None, ceil: bool = False
    ) -> int:
        pad = (kernel - 1) // 2 if padding is None else padding
        channels, height, width = self._image(x, "pool")
        height, width = (_pooled(n, kernel, stride, pad, ceil) for n in (height, width))
        shape = (channels, height, width)
        self._not_empty(shape, x, "pool")
        pairs = (_pair(kernel), _pair(stride), _pair(pad))
        return self._append(Node(op, (x,), shape, *pairs, ceil=ceil))

    def _merge(self, op: str, xs: tuple[int, ...]) -> int:
        shapes = {self.shape(x) for x in xs}
        if len(shapes) != 1:
            raise ValueError(f"cannot {op} shapes {sorted(shapes)}")
        return xs[0] if len(xs) == 1 else self._append(Node(op, tuple(xs), shapes.pop()))


def node_params(plan: Plan, node: Node) -> int:
    """Return the trainable parameters of one node."""
    if node.op == "batch_norm":
        return 2 * node.shape[0] * node.affine
    return _weights(plan, node) + node.shape[0] * node.bias


def node_macs(plan: Plan, node: Node) -> int:
    """Return the multiply-accumulates of one node for one image."""
    if node.op == "transposed_conv":
        return _weights(plan, node) * prod(plan.shape(node.inputs[0])[1:])
    return _weights(plan, node) * prod(node.shape[1:])


def _weights(plan: Plan, node: Node) -> int:
    if node.op not in ("conv", "transposed_conv", "linear"):
        return 0
    area = 1 if node.op == "linear" else prod(node.kernel)
    return plan.channels(node.inputs[0]) // node.groups * node.shape[0] * area


def _pooled(extent: int, kernel: int, stride: int, padding: int, ceil: bool) -> int:
    """Return how many windows of a pool fit one side, as torch counts them."""
    room = extent + 2 * padding - kernel
    if not ceil:
        return room // stride + 1
    steps = -(-room // stride)
    # A last window that would start behind the image is none.
    return steps + 1 - (steps * stride >= extent + padding)


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else value
