"""Cell graphs for the tests: by hand, at random, and a space small enough to list."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from nascast.graphs.encodings.layout import Layout
from nascast.networks.plan import Plan
from nascast.spaces.base import Architecture, CellGraph, NetworkScale
from nascast.spaces.nasbench201 import EDGES, NASBench201
from nascast.spaces.planned import PlannedSpace

OPERATIONS = ("a", "b", "c")
# Graphs of up to seven nodes, as NAS-Bench-101 has them.
LAYOUT = Layout(7, (0, 5), operations=OPERATIONS)
NB201 = NASBench201()
# input - a - b - output, with a shortcut from a to the output.
SHORTCUT = CellGraph(("input", "a", "b", "output"), ((0, 1), (1, 2), (1, 3), (2, 3)))
# Two cells of the kind of DARTS: two inputs each, here one node with two operations.
TWO_CELLS = CellGraph(
    ("input", "c_{k-2}", "c_{k-1}", "a", "b", "c_{k-2}", "c_{k-1}", "b", "b", "output"),
    (
        (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (3, 6), (4, 5), (4, 6),
        (5, 7), (5, 8), (7, 8), (7, 9), (8, 9),
    ),
)  # fmt: skip
TWO_CELL_LAYOUT = Layout(
    10, (1, 2), cells=("normal", "reduce"), inputs=("c_{k-2}", "c_{k-1}"),
    operations=("c_{k-2}", "c_{k-1}", "a", "b"),
)  # fmt: skip


def nb201_cell(**operations: str) -> Architecture:
    """A cell of NAS-Bench-201 by its edges, e.g. ``e02``; what is not named is ``none``."""
    return NB201.from_genotype(tuple(operations.get(f"e{s}{t}", "none") for s, t in EDGES))


def nb201_graph(**operations: str) -> CellGraph:
    return NB201.cell_graph(nb201_cell(**operations))


@st.composite
def graphs(draw: st.DrawFn, operations: tuple[str, ...] = OPERATIONS) -> CellGraph:
    """Any wiring of up to seven nodes, also such that nothing reaches the output."""
    inner = draw(st.lists(st.sampled_from(operations), max_size=5))
    pairs = list(itertools.combinations(range(len(inner) + 2), 2))
    edges = draw(st.sets(st.sampled_from(pairs)))
    return CellGraph(("input", *inner, "output"), tuple(sorted(edges)))


@st.composite
def relabelled(draw: st.DrawFn) -> tuple[CellGraph, CellGraph]:
    """A graph and the same one with its inner nodes in another order that its edges allow."""
    graph = draw(graphs())
    last = len(graph.operations) - 1
    waiting, order = set(range(1, last)), [0]
    while waiting:
        ready = [n for n in waiting if not {s for s, t in graph.edges if t == n} & waiting]
        order.append(draw(st.sampled_from(sorted(ready))))
        waiting.remove(order[-1])
    order.append(last)
    edges = sorted((order.index(s), order.index(t)) for s, t in graph.edges)
    return graph, CellGraph(tuple(graph.operations[n] for n in order), tuple(edges))


def every_path(graph: CellGraph, start: int = 0) -> list[tuple[str, ...]]:
    """The operations along every path from a node to the output, listed by networkx."""
    digraph = nx.DiGraph()
    digraph.add_nodes_from(range(len(graph.operations)))
    digraph.add_edges_from(graph.edges)
    paths = nx.all_simple_paths(digraph, start, len(graph.operations) - 1)
    return [tuple(graph.operations[node] for node in path[1:-1]) for path in paths]


class Diamonds(PlannedSpace):
    """Two parallel operations or one, in front of a third: 2 x (9 + 3) = 24 graphs."""

    name = "diamonds"
    operations = ("conv", "pool", "skip_connect")
    size = 24
    published = NetworkScale(4, 1)
    published_image_size = 8

    def enumerate(self) -> Iterator[Architecture]:
        for last in ("conv", "pool"):
            for first in itertools.chain(
                itertools.product(self.operations, repeat=1),
                itertools.product(self.operations, repeat=2),
            ):
                yield self.parse("-".join((*first, last)))

    def sample(self, rng: np.random.Generator) -> Architecture:
        return list(self.enumerate())[int(rng.integers(self.size))]

    def parse(self, spec: str) -> Architecture:
        *first, last = spec.split("-")
        return Architecture(self.name, spec, "-".join((*sorted(first), last)))

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        yield from (other for other in self.enumerate() if other != arch)

    def cell_graph(self, arch: Architecture) -> CellGraph:
        *first, last = arch.spec.split("-")
        join = len(first) + 1
        edges = [(0, i) for i in range(1, join)] + [(i, join) for i in range(1, join)]
        return CellGraph(("input", *first, last, "output"), (*sorted(edges), (join, join + 1)))

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        return plan.conv(images, scale.channels)


DIAMONDS = Diamonds()
