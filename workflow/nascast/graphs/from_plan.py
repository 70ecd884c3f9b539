"""Computation graphs of plans, without tensors."""

from __future__ import annotations

import numpy as np

from nascast.graphs.computation import ComputationGraph, type_number
from nascast.networks.plan import Node, Plan, node_macs, node_params

# The nearest type of the vocabulary; hard activations belong to the ones that they approximate.
_TYPES = {
    "input": "Input",
    "conv": "Conv",
    "transposed_conv": "Conv",
    "linear": "MatMul",
    "batch_norm": "BatchNorm",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "sigmoid": "Sigmoid",
    "hard_sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "swish": "Swish",
    "hard_swish": "Swish",
    "gelu": "GeLU",
    "max_pool": "Maxpool",
    "avg_pool": "Avgpool",
    "global_pool": "Mean",
    "add": "Add",
    "mul": "Mul",
    "concat": "Concat",
    "shift": "Paddings",
    "upsample": "Unknown",
    "zero": "Zero",
}
# Pools have a kernel as well, but the graph only gives that of weights.
_CONVOLUTIONS = ("conv", "transposed_conv")
# Taking the first channels computes nothing and has no type: its readers read what it reads.
_TRANSPARENT = frozenset({"narrow"})


def graph_of_plan(plan: Plan) -> ComputationGraph:
    """Return the computation graph of a plan.

    Nodes that the last node does not depend on are left out: a forward pass need not run them. An
    ``Output`` node is put behind the last one.

    Args:
        plan: a network's operations with shapes.

    Returns:
        A graph whose FLOPs are twice the MACs of the operations it holds.
    """
    kept = [n for n in _live(plan) if plan.nodes[n].op not in _TRANSPARENT]
    place = {n: position for position, n in enumerate(kept)}
    edges = sorted(
        {(place[_origin(plan, i)], place[n]) for n in kept for i in plan.nodes[n].inputs}
    )
    nodes = [plan.nodes[n] for n in kept]
    last = _origin(plan, len(plan.nodes) - 1)
    edges.append((place[last], len(kept)))
    shapes = [(*_sides(_input_shape(plan, node)), *_sides(node.shape)) for node in nodes]
    kernels = [node.kernel if node.op in _CONVOLUTIONS else (0, 0) for node in nodes]
    result = _sides(plan.nodes[last].shape)
    return ComputationGraph(
        types=np.array([*map(_type, nodes), type_number("Output")], dtype=np.int8),
        shapes=np.array([*shapes, (*result, *result)], dtype=np.int32),
        kernels=np.array([*kernels, (0, 0)], dtype=np.int16),
        bias=np.array([*(node.bias for node in nodes), False], dtype=bool),
        flops=np.array([*(2 * node_macs(plan, node) for node in nodes), 0], dtype=np.int64),
        params=np.array([*(node_params(plan, node) for node in nodes), 0], dtype=np.int64),
        edges=np.array(edges, dtype=np.int32).reshape(-1, 2),
    )


def _live(plan: Plan) -> list[int]:
    """Return the nodes that the last one depends on, in order."""
    needed = {len(plan.nodes) - 1}
    for number in range(len(plan.nodes) - 1, -1, -1):
        if number in needed:
            needed.update(plan.nodes[number].inputs)
    return sorted(needed)


def _origin(plan: Plan, number: int) -> int:
    """Return the node whose output a node passes on, the node itself unless it is transparent."""
    while plan.nodes[number].op in _TRANSPARENT:
        number = plan.nodes[number].inputs[0]
    return number


def _type(node: Node) -> int:
    if node.op == "conv" and node.groups == node.shape[0] > 1:
        return type_number("Depthwise")
    return type_number(_TYPES[node.op])


def _input_shape(plan: Plan, node: Node) -> tuple[int, ...]:
    if not node.inputs:
        return node.shape
    first = plan.shape(node.inputs[0])
    # A concatenation reads as many channels as it writes.
    return node.shape if node.op == "concat" else first


def _sides(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return height, width and channels; a vector is an image of one pixel."""
    return (shape[1], shape[2], shape[0]) if len(shape) == 3 else (1, 1, shape[0])
