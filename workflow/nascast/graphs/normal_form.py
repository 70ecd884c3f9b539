"""From the operations of a forward pass to a computation graph in one normal form.

A network can be written in many ways: with copies and reshapes in between, with sums of two terms
or of ten, with a bias inside a layer or added behind it. Whatever the source of the operations, a
plan or a traced module, the rules here make the same graph of the same network:

- what depends on no input is a constant: its parameters and FLOPs belong to its first reader;
- what passes its input on (:data:`PASS`), and sums, products and concatenations of one input with
  constants that hold no parameter, are left out: readers read what these read;
- a concatenation that adds constants beside its one input pads it;
- an ``Add`` that only another ``Add`` reads is part of it;
- a parameter added to a product that nobody else reads, one number a channel, is its bias;
- what no output depends on is left out.

Source of the first two rules: the released GENNAPE code, which folds constants and drops merges of
a single input; see docs/decisions.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nascast.graphs.computation import (
    WEIGHTED,
    ComputationGraph,
    GraphError,
    depended_on,
    type_number,
)

Shape = tuple[int, int, int]

PASS = "pass"
"""Passes its first input on: a copy, another shape of the same numbers, a factor."""
PARAMETER = "parameter"
"""A learnable tensor, or a part of one; writes as many channels as it has numbers."""
CONSTANT = "constant"
"""Makes a tensor that depends on no input."""
SELECT = "select"
"""Chooses between its inputs entry by entry; ``Unknown`` where it has more than one."""
ASSEMBLE = "assemble"
"""Writes its inputs into a new tensor: ``Paddings`` of one, ``Concat`` of others."""

JOINS = frozenset({"Add", "Mul", "Concat", SELECT})
"""What brings inputs together, and is left out where there is only one."""


@dataclass(slots=True)
class Operation:
    """One operation of a forward pass, with what a node of the graph needs.

    Attributes:
        type: one of :data:`nascast.graphs.computation.TYPES` or of the kinds above.
        inputs: numbers of earlier operations, as often as they are read.
        read: height, width and channels that it reads.
        written: height, width and channels that it writes.
        kernel: of convolutions; (0, 0) elsewhere.
        bias: whether a weighted operation adds one.
        flops: twice the multiply-accumulates.
        params: learnable parameters of its own.
        name: for messages.
    """

    type: str
    inputs: tuple[int, ...]
    read: Shape
    written: Shape
    kernel: tuple[int, int] = (0, 0)
    bias: bool = False
    flops: int = 0
    params: int = 0
    name: str = ""


def graph_of_nodes(nodes: Sequence[Operation]) -> ComputationGraph:
    """Return the computation graph of operations in normal form; see :func:`normalise`."""
    edges = sorted({(source, target) for target, n in enumerate(nodes) for source in n.inputs})
    return ComputationGraph(
        types=np.array([type_number(node.type) for node in nodes], dtype=np.int8),
        shapes=np.array([(*node.read, *node.written) for node in nodes], dtype=np.int32),
        kernels=np.array([node.kernel for node in nodes], dtype=np.int16),
        bias=np.array([node.bias for node in nodes], dtype=np.bool_),
        flops=np.array([node.flops for node in nodes], dtype=np.int64),
        params=np.array([node.params for node in nodes], dtype=np.int64),
        edges=np.array(edges, dtype=np.int32).reshape(-1, 2),
    )


def nodes_of_graph(graph: ComputationGraph) -> list[Operation]:
    """Return a graph's nodes as operations; :func:`graph_of_nodes` makes the same graph of them.

    A graph does not say how often a join reads one node. Where it reads others too it is once; a
    concatenation of one node repeats it until its channels are filled, other joins read it twice.
    """
    shapes: list[list[int]] = graph.shapes.tolist()
    kernels: list[list[int]] = graph.kernels.tolist()
    nodes = []
    for number, (type_, inputs) in enumerate(
        zip(graph.type_names, graph.predecessors, strict=True)
    ):
        read, written = shapes[number][:3], shapes[number][3:]
        if type_ in JOINS and len(inputs) == 1:
            channels = shapes[inputs[0]][5]
            inputs *= max(written[2] // max(channels, 1), 2) if type_ == "Concat" else 2
        nodes.append(
            Operation(
                type=type_,
                inputs=tuple(inputs),
                read=(read[0], read[1], read[2]),
                written=(written[0], written[1], written[2]),
                kernel=(kernels[number][0], kernels[number][1]),
                bias=bool(graph.bias[number]),
                flops=int(graph.flops[number]),
                params=int(graph.params[number]),
            )
        )
    return nodes


def normalise(operations: Sequence[Operation]) -> list[Operation]:
    """Return the nodes of the graph: what the rules of this module leave, renumbered.

    Args:
        operations: in forward order; an ``Output`` reads one other.

    Raises:
        GraphError: no output depends on an input.
    """
    nodes, constants = _resolve(operations)
    outputs = [n for n, node in nodes.items() if node.type == "Output"]
    if not outputs:
        raise GraphError("no output depends on an input, so the network has no computation graph")
    read = [nodes[n].inputs if n in nodes else () for n in range(len(operations))]
    nodes = {n: nodes[n] for n in depended_on(read, outputs)}
    _own_constants(nodes, constants, operations)
    _merge(nodes, constants, operations)
    for node in nodes.values():
        if node.type == SELECT:
            node.type = "Unknown"
        elif node.type == ASSEMBLE and len(set(node.inputs)) == 1:
            node.type, node.read = "Paddings", nodes[node.inputs[0]].written
        elif node.type == ASSEMBLE:
            node.type = "Concat"
    place = {n: position for position, n in enumerate(nodes)}
    for node in nodes.values():
        node.inputs = tuple(place[i] for i in node.inputs)
    return list(nodes.values())


def _resolve(
    operations: Sequence[Operation],
) -> tuple[dict[int, Operation], dict[int, list[int]]]:
    """Return copies of the operations that become nodes, and the constants that each reads.

    Their inputs are other such operations, those that pass their input on being skipped.
    """
    nodes: dict[int, Operation] = {}
    constants: dict[int, list[int]] = {}
    origin: list[int] = []
    owns: list[bool] = []  # of constants: whether they hold parameters or FLOPs
    for number, operation in enumerate(operations):
        inputs = [origin[i] for i in operation.inputs]
        fixed = [i for i in inputs if i not in nodes]
        if len(fixed) == len(inputs) and operation.type != "Input":
            passes = operation.type == PASS and len(inputs) == 1
            origin.append(inputs[0] if passes else number)
            holds = operation.params > 0 or operation.flops > 0 or any(owns[i] for i in fixed)
            owns.append(holds)
            continue
        data, type_ = [i for i in inputs if i in nodes], operation.type
        owns.append(False)
        alone = len(data) == 1 and not any(owns[i] for i in fixed)
        if type_ == "Concat" and alone and fixed and operation.written != nodes[data[0]].written:
            type_ = ASSEMBLE
        if type_ == ASSEMBLE:
            # Zeros that are written over are the padding.
            data = [i for i in data if nodes[i].type != "Zero"] or data
        if type_ == PASS or (alone and type_ in JOINS):
            origin.append(data[0])
            continue
        origin.append(number)
        nodes[number] = replace(operation, type=type_, inputs=tuple(data))
        constants[number] = fixed
    return nodes, constants


def _own_constants(
    nodes: dict[int, Operation], constants: dict[int, list[int]], operations: Sequence[Operation]
) -> None:
    """Give parameters and FLOPs of constants to their first readers."""
    owned: set[int] = set()
    for number, node in nodes.items():
        waiting = list(constants[number])
        while waiting:
            constant = waiting.pop()
            if constant not in owned:
                owned.add(constant)
                node.params += operations[constant].params
                node.flops += operations[constant].flops
                waiting.extend(operations[constant].inputs)


def _merge(
    nodes: dict[int, Operation], constants: dict[int, list[int]], operations: Sequence[Operation]
) -> None:
    """Join chains of sums and of writings, and put biases into the operation that they follow."""
    readers = Counter(i for node in nodes.values() for i in node.inputs)
    renamed: dict[int, int] = {}
    for number in list(nodes):
        node = nodes[number]
        node.inputs = tuple(renamed.get(i, i) for i in node.inputs)
        if node.type in ("Add", ASSEMBLE):
            _absorb(nodes, number, readers)
        source = node.inputs[0] if node.inputs else number
        if node.type == "Add" and _is_bias(nodes, node, constants[number], operations):
            if readers[source] > 1:
                continue
            nodes[source].bias = True
            nodes[source].params += node.params
            renamed[number], readers[source] = source, readers[number]
            del nodes[number]


def _absorb(nodes: dict[int, Operation], number: int, readers: Counter[int]) -> None:
    """Take the inputs of the same kind that only this node reads into it."""
    node, inputs = nodes[number], list[int]()
    for i in node.inputs:
        other = nodes[i]
        if other.type != node.type or readers[i] > 1 or other.written != node.written:
            inputs.append(i)
            continue
        inputs.extend(other.inputs)
        node.flops += other.flops
        node.params += other.params
        del nodes[i]
    node.inputs = tuple(inputs)


def _is_bias(
    nodes: dict[int, Operation],
    node: Operation,
    constants: Sequence[int],
    operations: Sequence[Operation],
) -> bool:
    """Tell whether a sum adds one parameter a channel to a weighted operation without bias."""
    if len(node.inputs) != 1 or len(constants) != 1:
        return False
    source, added = nodes[node.inputs[0]], operations[constants[0]]
    is_open = source.type in WEIGHTED and not source.bias
    return is_open and added.type == PARAMETER and added.written[2] == source.written[2]
