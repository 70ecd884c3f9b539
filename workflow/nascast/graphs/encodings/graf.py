"""GRAF: properties of the graph for every subset of the operations, with names to read.

Source: Kadlecová et al. 2024, "Surprisingly Strong Performance Prediction with Neural Graph
Features", with its public code. For a cell and a non-empty subset S of its operations:

* ``count(op)``: nodes with one operation;
* ``min_path(S)``: operations on the shortest path that has no others than those in S; without such
  a path, one more than the longest path of the space has;
* ``max_path(S)``: operations in S on the path that has most of them, 0 without any path;
* ``input_degree(S)``, ``output_degree(S)``: operations in S that read the input, that write the
  output;
* ``mean_in_degree(S)``, ``max_in_degree(S)``, ``mean_out_degree(S)``, ``max_out_degree(S)``: over
  all nodes, input and output too, the operations in S that a node reads, that read a node.

With operations on edges, degrees are those of the cell's own nodes, and ``none`` is an operation
like any other. A graph of two cells has the features of each, those of paths and of the input's
degree for each of its inputs. A chain has its counts and, as published for the macro space of
TransNAS-Bench-101, ``prefix(S)@i``: nodes in S among the first i, 0 if the chain is shorter.

Spaces of more than seven operations would have too many subsets: they have those of one operation,
and that of all.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nascast.graphs.encodings.base import Arrays
from nascast.graphs.encodings.batch import GraphBatch, batch_graphs, check_edge_cells, chunks
from nascast.graphs.encodings.layout import Layout
from nascast.graphs.encodings.parts import split_cells
from nascast.spaces.base import CellGraph

Subset = tuple[str, ...]
Bools = NDArray[np.bool_]
# Small integers, (n, subsets) or (n, nodes, subsets).
Counts = NDArray[np.int16]
Blocks = list[NDArray[np.float32]]

# All subsets of seven operations are 127.
_MOST_OPERATIONS = 7
_PER_INPUT = ("min_path", "max_path", "input_degree")
_PER_CELL = (
    "output_degree", "mean_in_degree", "max_in_degree", "mean_out_degree", "max_out_degree",
)  # fmt: skip
# Longer than any path.
_FAR = 10_000
_CHUNK = 1_000


class Graf:
    """Array ``"features"``, ``(n, columns)`` float32."""

    name: str = "graf"

    def encode(self, graphs: Sequence[CellGraph], layout: Layout) -> Arrays:
        """Return ``"features"``; EncodingError if a graph does not fit into the layout."""
        pieces = [_features(chunk, layout) for chunk in chunks(graphs, _CHUNK)]
        return {"features": np.concatenate(pieces)}

    def columns(self, layout: Layout) -> tuple[str, ...]:
        """Return the names of the features, ``cell:input:`` before those that have them."""
        subsets = [f"({','.join(subset)})" for subset in subsets_of(layout.searched)]
        names: list[str] = []
        for cell in layout.cells:
            at = f"{cell}:" if cell else ""
            names += [f"{at}count({op})" for op in layout.searched]
            if layout.chain:
                lengths = range(1, layout.max_nodes - 1)
                names += [f"prefix{subset}@{i}" for i in lengths for subset in subsets]
                continue
            for start in layout.inputs:
                here = f"{at}{start}:" if len(layout.inputs) > 1 else at
                names += [f"{here}{kind}{subset}" for kind in _PER_INPUT for subset in subsets]
            names += [f"{at}{kind}{subset}" for kind in _PER_CELL for subset in subsets]
        return tuple(names)


def subsets_of(operations: tuple[str, ...]) -> tuple[Subset, ...]:
    """Return the subsets that have features, by size, then in the order of the operations."""
    count = len(operations)
    sizes = range(1, count + 1) if count <= _MOST_OPERATIONS else (1, count)
    return tuple(s for size in sizes for s in itertools.combinations(operations, size))


def _features(graphs: Sequence[CellGraph], layout: Layout) -> NDArray[np.float32]:
    blocks: Blocks = []
    split = [split_cells(graph, layout) for graph in graphs]
    for number in range(len(layout.cells)):
        cells = [parts[number] for parts in split]
        # Cells of larger graphs need less padding than those.
        nodes = max((len(cell.operations) for cell in cells), default=layout.max_nodes)
        room = replace(layout, max_nodes=nodes) if len(layout.cells) > 1 else layout
        blocks += _cell_blocks(batch_graphs(cells, room), layout)
    return np.concatenate(blocks, axis=1, dtype=np.float32)


def _cell_blocks(batch: GraphBatch, layout: Layout) -> Blocks:
    """Return the features of one cell of every graph, in the order of the columns."""
    number = [layout.operations.index(op) + 1 for op in layout.searched]
    counts = (batch.operations[:, :, None] == number).sum(axis=1)
    member = _members(batch, layout)
    if layout.chain:
        return [counts, *_prefixes(batch, member, layout.max_nodes - 2)]
    in_degrees, out_degrees, sizes = _degrees(batch, member, layout)
    blocks = [counts]
    for start in range(len(layout.inputs)):
        shortest, most = _path_extremes(batch, member, start)
        blocks.append(np.where(shortest < _FAR, shortest, layout.path_lengths[1] + 1))
        blocks.append(np.maximum(most, 0))
        blocks.append(out_degrees[:, start])
    blocks.append(in_degrees[np.arange(len(sizes)), sizes - 1])
    for degrees in (in_degrees, out_degrees):
        blocks.append(degrees.sum(axis=1) / sizes[:, None])
        blocks.append(degrees.max(axis=1, initial=0))
    return blocks


def _members(batch: GraphBatch, layout: Layout) -> Bools:
    """Return whether the operation of a node is in a subset, ``(n, nodes, subsets)``."""
    subsets = subsets_of(layout.searched)
    table = np.zeros((len(layout.operations) + 2, len(subsets)), dtype=bool)
    for column, subset in enumerate(subsets):
        table[[layout.operations.index(op) + 1 for op in subset], column] = True
    return table[batch.operations]


def _degrees(
    batch: GraphBatch, member: Bools, layout: Layout
) -> tuple[Counts, Counts, NDArray[np.int64]]:
    """Return in- and out-degrees, ``(n, nodes, subsets)``, and how many nodes exist.

    With operations on edges the nodes are those that the edges join.
    """
    if not layout.edges:
        edges, inside = batch.adjacency.astype(np.int16), member.astype(np.int16)
        # What a node reads, and what reads a node, counted for each subset.
        return edges.swapaxes(1, 2) @ inside, edges @ inside, batch.sizes
    check_edge_cells(batch, layout)
    nodes = 1 + max(target for _, target in layout.edges)
    shape = (len(member), nodes, member.shape[2])
    in_degrees, out_degrees = np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    for place, (source, target) in enumerate(layout.edges, start=1):
        in_degrees[:, target] += member[:, place]
        out_degrees[:, source] += member[:, place]
    return in_degrees, out_degrees, np.full(len(member), nodes)


def _path_extremes(batch: GraphBatch, member: Bools, start: int) -> tuple[Counts, Counts]:
    """Return the length of the shortest path and the largest count on a path, ``(n, subsets)``.

    The shortest path has only operations in the subset, ``_FAR`` or more without one; the count is
    negative without any path.
    """
    shortest = np.full(member.shape, _FAR, dtype=np.int16)
    most = np.full(member.shape, -_FAR, dtype=np.int16)
    shortest[:, start] = most[:, start] = 0
    for node in range(start + 1, member.shape[1]):
        edges = batch.adjacency[:, :node, node, None]
        near = np.where(edges, shortest[:, :node], _FAR).min(axis=1)
        shortest[:, node] = np.where(member[:, node], np.minimum(near + 1, _FAR), _FAR)
        most[:, node] = np.where(edges, most[:, :node], -_FAR).max(axis=1) + member[:, node]
    rows = np.arange(len(member))
    to_output = batch.adjacency[rows, :, batch.sizes - 1][:, :, None]
    return (
        np.where(to_output, shortest, _FAR).min(axis=1),
        np.where(to_output, most, -_FAR).max(axis=1),
    )


def _prefixes(batch: GraphBatch, member: Bools, longest: int) -> Blocks:
    """Return for each length the nodes in a subset among as many first ones, ``(n, subsets)``."""
    running = member[:, 1:].cumsum(axis=1)
    inner = batch.sizes[:, None] - 2
    return [running[:, i - 1] * (i <= inner) for i in range(1, longest + 1)]
