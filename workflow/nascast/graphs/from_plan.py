"""Computation graphs of plans, without tensors."""

from __future__ import annotations

from nascast.graphs.computation import ComputationGraph
from nascast.graphs.normal_form import PASS, Operation, Shape, graph_of_nodes, normalise
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
    # Taking the first channels computes nothing: its readers read what it reads.
    "narrow": PASS,
}
# Pools have a kernel as well, but the graph only gives that of weights.
_CONVOLUTIONS = ("conv", "transposed_conv")
_JOINS = ("add", "mul", "concat")


def graph_of_plan(plan: Plan) -> ComputationGraph:
    """Return the computation graph of a plan.

    It equals that of the network built from the plan, traced with
    :func:`nascast.graphs.trace.graph_of_module`. Nodes that the last node does not depend on are
    left out: a forward pass need not run them. An ``Output`` node is put behind the last one.

    Args:
        plan: a network's operations with shapes.

    Returns:
        A graph whose FLOPs are twice the MACs of the operations it holds.
    """
    operations = [
        Operation(
            type=_type(plan, node),
            inputs=node.inputs,
            read=_read(plan, node),
            written=_sides(node.shape),
            kernel=node.kernel if node.op in _CONVOLUTIONS else (0, 0),
            bias=node.bias,
            flops=2 * node_macs(plan, node),
            params=node_params(plan, node),
        )
        for node in plan.nodes
    ]
    result = operations[-1].written
    operations.append(Operation("Output", (len(operations) - 1,), result, result))
    return graph_of_nodes(normalise(operations))


def _type(plan: Plan, node: Node) -> str:
    if node.op == "conv" and node.groups == plan.channels(node.inputs[0]) > 1:
        return "Depthwise"
    return _TYPES[node.op]


def _read(plan: Plan, node: Node) -> Shape:
    if not node.inputs or node.op in _JOINS:
        return _sides(node.shape)
    height, width, channels = _sides(plan.shape(node.inputs[0]))
    # A shift drops the first row and column before it pads.
    return (height - 1, width - 1, channels) if node.op == "shift" else (height, width, channels)


def _sides(shape: tuple[int, ...]) -> Shape:
    """Return height, width and channels; a vector is an image of one pixel."""
    return (shape[1], shape[2], shape[0]) if len(shape) == 3 else (1, 1, shape[0])
