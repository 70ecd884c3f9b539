"""How large the cell graphs of a space get: what gives all arrays of one space the same shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from nascast.graphs.encodings.base import EncodingError
from nascast.spaces.base import CellGraph, EnumerableSpace, SearchSpace

# Cell nodes that the operations of a four-node cell join, in the order of its graph's nodes.
FOUR_NODE_EDGES = tuple((source, target) for target in range(1, 4) for source in range(target))
# Listing a larger space to measure it would take more than seconds.
_LARGEST_LISTING = 50_000


@dataclass(frozen=True, slots=True)
class Layout:
    """The bounds of a space's cell graphs.

    Attributes:
        max_nodes: nodes of the largest graph, input and output included.
        path_lengths: operations on the shortest and on the longest path of any graph, from an
            input of a cell to its output.
        edges: in spaces with operations on edges, the cell nodes that each operation joins, in
            the order of the graph's nodes; empty in spaces with operations on nodes.
        chain: whether every graph is a single path.
        cells: names of the cells of which each graph is a chain; one without a name if the graph
            is a single cell.
        inputs: names of the first nodes of every cell.
        operations: what a node may be, beside ``input`` and ``output``; the space's own.
    """

    max_nodes: int
    path_lengths: tuple[int, int]
    edges: tuple[tuple[int, int], ...] = ()
    chain: bool = False
    cells: tuple[str, ...] = ("",)
    inputs: tuple[str, ...] = ("input",)
    operations: tuple[str, ...] = ()

    @property
    def searched(self) -> tuple[str, ...]:
        """The operations without the names of a cell's inputs."""
        return tuple(op for op in self.operations if op not in self.inputs)


# The bounds that the spaces' papers and definitions give.
_KNOWN = {
    "nasbench101": Layout(7, (0, 5)),
    "nasbench201": Layout(8, (1, 3), edges=FOUR_NODE_EDGES),
    "transnas_micro": Layout(8, (1, 3), edges=FOUR_NODE_EDGES),
    "transnas_macro": Layout(8, (4, 6), chain=True),
    "darts": Layout(22, (1, 4), cells=("normal", "reduce"), inputs=("c_{k-2}", "c_{k-1}")),
    "proxylessnas": Layout(28, (16, 26), chain=True),
    "ofa_mbv3": Layout(26, (14, 24), chain=True),
    "ofa_resnet": Layout(27, (16, 25), chain=True),
    "hiaml": Layout(6, (4, 4), chain=True),
    "inception": Layout(46, (8, 20)),
    "two_path": Layout(26, (2, 12)),
}


def layout_of(space: SearchSpace) -> Layout:
    """Return the layout of a space: its known bounds, or those measured on all of its graphs.

    Measuring takes a second or two: keep the layout of a space that is not known.

    Raises:
        EncodingError: the bounds are unknown and the space is too large to be listed.
    """
    if space.name in _KNOWN:
        return replace(_KNOWN[space.name], operations=space.operations)
    if isinstance(space, EnumerableSpace) and space.size <= _LARGEST_LISTING:
        return measure((space.cell_graph(arch) for arch in space.enumerate()), space.operations)
    raise EncodingError(
        f"the bounds of the cell graphs of space {space.name!r} are unknown and it cannot be "
        f"listed ({_LARGEST_LISTING:,} architectures at most); give its Layout to encode()"
    )


def measure(graphs: Iterable[CellGraph], operations: tuple[str, ...]) -> Layout:
    """Return the narrowest layout of single cells with operations on nodes that fits the graphs.

    Raises:
        ValueError: no graph has a path from input to output.
    """
    lengths: set[int] = set()
    max_nodes, chain = 0, True
    for graph in graphs:
        nodes = len(graph.operations)
        max_nodes = max(max_nodes, nodes)
        chain = chain and graph.edges == tuple(pairwise(range(nodes)))
        lengths |= _path_lengths(graph)
    if not lengths:
        raise ValueError("none of the graphs has a path from its input to its output")
    return Layout(max_nodes, (min(lengths), max(lengths)), chain=chain, operations=operations)


def _path_lengths(graph: CellGraph) -> set[int]:
    """Return how many operations the paths from input to output have."""
    lengths: list[set[int]] = [set() for _ in graph.operations]
    lengths[0] = {-1}  # the input is not counted
    for source, target in graph.edges:
        lengths[target] |= {length + 1 for length in lengths[source]}
    return lengths[-1]
