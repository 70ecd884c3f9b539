"""Replaces a part of a computation graph by another one between the same tensors.

Source: Mills et al. 2023, "GENNAPE", supplement 'Search Algorithm Details': a mutation replaces a
sequence of primitive operations by a sub-graph of new ones that reads and writes the same shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.edit_blocks import SOURCE, block_of
from nascast.graphs.normal_form import (
    Operation,
    graph_of_nodes,
    nodes_of_graph,
    normalise,
)


@dataclass(frozen=True, slots=True)
class Edit:
    """What is replaced by what.

    Attributes:
        source: number of the node that the old part reads, and the new part will.
        removed: numbers of the old part's nodes, rising; empty for an insertion.
        readers: numbers of the nodes behind, which read the old part's last node, or ``source``
            where there is none; of an old part all of them.
        added: the new part; its operations read each other by place or
            :data:`nascast.graphs.edit_blocks.SOURCE`, and the last one writes what the old part's
            last one wrote. Empty for a deletion.
    """

    source: int
    removed: tuple[int, ...]
    readers: tuple[int, ...]
    added: tuple[Operation, ...]


def apply_edit(graph: ComputationGraph, edit: Edit) -> ComputationGraph:
    """Return the graph after an edit, with its shapes, FLOPs and parameters, in normal form.

    Raises:
        GraphError: the edit is none of this graph, changes the shape that its readers read, or lets
            a join read one node twice, which a graph has no way to say.
    """
    nodes = nodes_of_graph(graph)
    problem = what_is_wrong(nodes, edit)
    if problem:
        raise GraphError(f"a graph of {len(graph)} nodes cannot be edited: {problem}")
    return graph_of_nodes(normalise(_spliced(nodes, edit)))


def what_is_wrong(nodes: Sequence[Operation], edit: Edit) -> str:
    """Return why an edit cannot be made to the nodes of a graph, "" if it can."""
    if not 0 <= edit.source < min((*edit.removed, *edit.readers), default=0):
        return "its parts must stand behind its source, and something must read them"
    if edit.removed:
        members, end = {*edit.removed}, edit.removed[-1]
        read = {i for number in edit.removed for i in nodes[number].inputs}
        if not read - members <= {edit.source}:
            return "the old part reads other nodes than its source"
        for number, node in enumerate(nodes):
            outside = members.intersection(node.inputs) if number not in members else set()
            if outside and (outside != {end} or number not in edit.readers):
                return f"node {number} reads the old part but is not among the readers"
    else:
        end = edit.source
    if any(end not in nodes[reader].inputs for reader in edit.readers):
        return "a reader does not read the old part"
    written = edit.added[-1].written if edit.added else nodes[edit.source].written
    if written != nodes[end].written:
        return f"the readers expect shape {nodes[end].written}, not {written}"
    for reader in edit.readers if not edit.added and edit.removed else ():
        if edit.source in nodes[reader].inputs:
            return f"node {reader} would read node {edit.source} twice"
    return ""


def reverse_edit(graph: ComputationGraph, edit: Edit) -> Edit:
    """Return the edit that undoes an edit: it leads from ``apply_edit(graph, edit)`` back.

    What comes back has the fingerprint of ``graph``; its nodes may stand in another order.

    Raises:
        GraphError: as :func:`apply_edit`; or two sums became one where nothing was left between
            them, and no edit takes them apart.
    """
    nodes = nodes_of_graph(graph)
    if len(apply_edit(graph, edit)) != len(nodes) - len(edit.removed) + len(edit.added):
        raise GraphError("two sums became one by this edit, which no edit undoes")
    place = _places(nodes, edit)
    first = edit.source + 1
    return Edit(
        source=edit.source,
        removed=tuple(range(first, first + len(edit.added))),
        readers=tuple(place[reader] for reader in edit.readers),
        added=tuple(block_of(nodes, edit.removed, edit.source)),
    )


def _places(nodes: Sequence[Operation], edit: Edit) -> dict[int, int]:
    """Return the new number of every node that stays."""
    gone, place = {*edit.removed}, dict[int, int]()
    for number in range(len(nodes)):
        if number not in gone:
            place[number] = len(place) + (len(edit.added) if number > edit.source else 0)
    return place


def _spliced(nodes: Sequence[Operation], edit: Edit) -> list[Operation]:
    """Return the operations with the new part right behind its source."""
    place = _places(nodes, edit)
    first = edit.source + 1
    old = edit.removed[-1] if edit.removed else edit.source
    new = first + len(edit.added) - 1 if edit.added else edit.source
    part = [
        replace(op, inputs=tuple(edit.source if i == SOURCE else first + i for i in op.inputs))
        for op in edit.added
    ]
    kept = []
    for number in place:
        node = nodes[number]
        inputs = tuple(
            new if i == old and number in edit.readers else place[i] for i in node.inputs
        )
        kept.append(replace(node, inputs=inputs))
    return [*kept[:first], *part, *kept[first:]]
