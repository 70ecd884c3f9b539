"""From a computation graph back to a network that runs.

A graph gives types, shapes, kernels, biases and sizes. From these follow strides and paddings
(:mod:`nascast.graphs.windows`), the groups of convolutions, which batch norms have a scale, and
where only the first channels of a tensor are read. What no node shows is torch's default: epsilon
and momentum of batch norms, the initialisation. Of several networks with one graph this is one:
traced again, it has the very graph that it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.normal_form import Operation, Shape, nodes_of_graph
from nascast.graphs.windows import conv_window, pool_window
from nascast.networks.plan import Plan, node_macs, node_params
from nascast.networks.planned import PlannedNetwork

# The hard activations share these types; a graph does not tell them from what they approximate.
_ACTIVATIONS = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Swish": "swish",
    "GeLU": "gelu",
}
ACTIVATIONS = tuple(_ACTIVATIONS)
"""Types of nodes that keep the shape, entry by entry."""


def module_of_graph(graph: ComputationGraph) -> PlannedNetwork:
    """Return the network of a graph, initialised from torch's global generator.

    Shapes: images ``(n, c, h, w)`` of the graph's ``Input`` to its ``Output``.

    Raises:
        GraphError: as :func:`plan_of_graph`.
    """
    return PlannedNetwork(plan_of_graph(graph))


def plan_of_graph(graph: ComputationGraph) -> Plan:
    """Return a plan whose computation graph is the given one, up to the order of its nodes.

    Args:
        graph: of a network of images with one ``Input`` and one ``Output``, in normal form, as
            plans, traces and edits leave it.

    Raises:
        GraphError: the graph does not determine a network, or one that plans have no words for;
            the message names the node.
    """
    nodes = nodes_of_graph(graph)
    _check_ends(graph, nodes)
    plan, made = Plan(), list[int]()
    for number, node in enumerate(nodes[:-1]):
        try:
            end = _append(plan, node, [made[i] for i in node.inputs])
            _check(plan, end, node)
        except ValueError as error:
            raise GraphError(f"node {number} ({node.type}) cannot be rebuilt: {error}") from error
        made.append(end)
    if graph_of_plan(plan).fingerprint() != graph.fingerprint():
        raise GraphError(
            "the network of this graph would have another one: it is not in normal form, as "
            "plans, traces and edits leave graphs (sums of sums, for instance, are one Add)"
        )
    return plan


def _check_ends(graph: ComputationGraph, nodes: list[Operation]) -> None:
    types = [node.type for node in nodes]
    for end in ("Input", "Output"):
        if types.count(end) != 1:
            raise GraphError(
                f"a graph is rebuilt with one {end}, this one has {types.count(end)}; trace a "
                "network of one tensor of images and one result"
            )
    if len(graph.prune()) < len(graph):
        raise GraphError("some nodes of the graph reach no Output; rebuild what prune() returns")


def _check(plan: Plan, end: int, node: Operation) -> None:
    """Raise ValueError unless a node of the plan is that of the graph."""
    made = plan.nodes[end]
    found = {
        "output": _sides(made.shape),
        "parameters": node_params(plan, made),
        "FLOPs": 2 * node_macs(plan, made),
    }
    wanted = {"output": node.written, "parameters": node.params, "FLOPs": node.flops}
    for what, value in wanted.items():
        if found[what] != value:
            raise ValueError(
                f"its {what} would be {found[what]}, not {value}; weights that are shared or "
                "transposed leave no trace in a graph"
            )


def _append(plan: Plan, node: Operation, inputs: list[int]) -> int:
    """Append the operation of a node; ValueError if there is none that fits."""
    if node.type == "Input":
        height, width, channels = node.written
        return plan.input(channels, height, width)
    if node.type in _JOINS:
        return _JOINS[node.type](plan, node, inputs)
    if len(inputs) != 1:
        raise ValueError(f"it reads {len(inputs)} tensors where one is expected")
    x = _first_channels(plan, inputs[0], node.read[2])
    if node.type in _ACTIVATIONS:
        return plan.activate(x, _ACTIVATIONS[node.type])
    if node.type in _UNARY:
        return _UNARY[node.type](plan, node, x)
    raise ValueError("no operation of a plan has this type")


def _conv(plan: Plan, node: Operation, x: int) -> int:
    window = conv_window(node.read[:2], node.written[:2], node.kernel)
    if window is None:
        raise ValueError(
            f"no stride leads from {node.read[:2]} to {node.written[:2]} pixels with kernel "
            f"{node.kernel}"
        )
    channels = node.written[2]
    weights = node.params - channels * node.bias
    full = node.read[2] * channels * node.kernel[0] * node.kernel[1]
    if weights <= 0 or full % weights:
        raise ValueError(f"{weights} weights are no part of the {full} of one group")
    groups = full // weights
    if (node.type == "Depthwise") != (groups == node.read[2] > 1):
        raise ValueError(f"{groups} groups of {node.read[2]} channels have another type")
    stride, padding = window
    return plan.conv(
        x,
        channels,
        node.kernel,
        stride,
        groups=groups,
        padding=padding,
        bias=node.bias,
    )


def _batch_norm(plan: Plan, node: Operation, x: int) -> int:
    return plan.batch_norm(x, affine=node.params > 0)


def _pool(plan: Plan, node: Operation, x: int) -> int:
    window = pool_window(node.read[:2], node.written[:2])
    if window is None:
        raise ValueError(f"no window pools {node.read[:2]} to {node.written[:2]} pixels")
    pool = plan.avg_pool if node.type == "Avgpool" else plan.max_pool
    return pool(x, window.kernel, window.stride, window.padding)


def _padding(plan: Plan, node: Operation, x: int) -> int:
    if node.read != _shifted(plan, x):
        raise ValueError("the graph does not say where zeros are put")
    return plan.shift(x)


def _shifted(plan: Plan, x: int) -> Shape:
    height, width, channels = _sides(plan.shape(x))
    return height - 1, width - 1, channels


def _mean(plan: Plan, node: Operation, x: int) -> int:
    return plan.global_pool(x)


def _linear(plan: Plan, node: Operation, x: int) -> int:
    return plan.linear(x, node.written[2], bias=node.bias)


def _zero(plan: Plan, node: Operation, x: int) -> int:
    return plan.zero(x)


def _add(plan: Plan, node: Operation, inputs: list[int]) -> int:
    return plan.add(*(_first_channels(plan, x, node.written[2]) for x in inputs))


def _concat(plan: Plan, node: Operation, inputs: list[int]) -> int:
    return plan.concat(*inputs)


def _mul(plan: Plan, node: Operation, inputs: list[int]) -> int:
    if len(inputs) != 2:
        raise ValueError(f"it reads {len(inputs)} tensors where two are expected")
    images, gate = sorted(inputs, key=lambda x: -len(plan.shape(x)))
    return plan.mul(images, gate)


_UNARY: Mapping[str, Callable[[Plan, Operation, int], int]] = {
    "Conv": _conv,
    "Depthwise": _conv,
    "BatchNorm": _batch_norm,
    "Maxpool": _pool,
    "Avgpool": _pool,
    "Paddings": _padding,
    "Mean": _mean,
    "MatMul": _linear,
    "Zero": _zero,
}
_JOINS: Mapping[str, Callable[[Plan, Operation, list[int]], int]] = {
    "Add": _add,
    "Concat": _concat,
    "Mul": _mul,
}


def _first_channels(plan: Plan, x: int, channels: int) -> int:
    """Return the channels that are read; a graph only says how many, so the first ones."""
    return x if plan.channels(x) == channels else plan.narrow(x, channels)


def _sides(shape: tuple[int, ...]) -> Shape:
    """Return height, width and channels; a vector is an image of one pixel."""
    return (shape[1], shape[2], shape[0]) if len(shape) == 3 else (1, 1, shape[0])
