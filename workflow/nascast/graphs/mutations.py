"""Random edits of computation graphs: where a sequence may be replaced, and by what.

What the paper leaves open (which sequences, which sub-graphs, with what chances) is decided in
docs/decisions.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.edit_blocks import BLOCKS, POOLS, Frame, block_of, make_block
from nascast.graphs.edits import Edit, apply_edit, what_is_wrong
from nascast.graphs.normal_form import Operation, Shape, nodes_of_graph
from nascast.graphs.rebuild import ACTIVATIONS

_CORES = ("Conv", "Depthwise", "Maxpool", "Avgpool")
_CHAINED = (*_CORES, "BatchNorm", *ACTIVATIONS)
_WEIGHTED = ("Conv", "Depthwise")
# Behind these, a shape of one pixel is a vector, which no convolution reads.
_TO_VECTORS = ("Mean", "MatMul")


@dataclass(frozen=True, slots=True)
class Site:
    """A place for an edit: a sequence of nodes, or a single edge into which something is put.

    Attributes:
        source, removed, readers: as :class:`nascast.graphs.edits.Edit` has them.
        read: height, width and channels that a new part reads.
        written: those that it writes.
        frames: the activations that a new part may have.
    """

    source: int
    removed: tuple[int, ...]
    readers: tuple[int, ...]
    read: Shape
    written: Shape
    frames: tuple[Frame, ...]


def find_sites(nodes: Sequence[Operation], longest: int = 3) -> list[Site]:
    """Return every place of a graph that may be edited, in order.

    A sequence is a chain of images' operations that only read each other, with one to ``longest``
    convolutions or pools in it. A convolution and the batch norm behind it stay together. An edge
    may take an insertion anywhere but right behind the images, or in between these two.

    Args:
        nodes: of the graph.
        longest: convolutions and pools in a sequence, at most.
    """
    readers: list[list[int]] = [[] for _ in nodes]
    for number, node in enumerate(nodes):
        for i in dict.fromkeys(node.inputs):
            readers[i].append(number)
    images = _are_images(nodes)
    usual = _usual_activation(nodes)
    sites = list[Site]()
    for number, node in enumerate(nodes):
        if not images[number]:
            continue
        if node.type in _CHAINED and not _splits(nodes, node.inputs[0], number):
            sites.extend(_sequences(nodes, readers, number, longest, usual))
        if node.type != "Input":
            frames = (Frame(None, usual, usual), Frame(usual, None, usual))
            for reader in readers[number]:
                if not _splits(nodes, number, reader):
                    shape = node.written
                    sites.append(Site(number, (), (reader,), shape, shape, frames))
    return sites


def edits_at(nodes: Sequence[Operation], site: Site) -> Iterator[Edit]:
    """Yield every edit of a site that changes something: each block that fits, then deletion."""
    old = block_of(nodes, site.removed, site.source)
    found: list[list[Operation]] = []
    for name in BLOCKS:
        # Pools have no activations, so that all frames make the same one.
        for frame in site.frames[:1] if name in POOLS else site.frames:
            block = make_block(name, site.read, site.written, frame)
            if block is not None:
                found.append(block)
    if site.removed:
        found.append([])
    for block in found:
        edit = Edit(site.source, site.removed, site.readers, tuple(block))
        if block != old and not what_is_wrong(nodes, edit):
            yield edit


def draw_edit(graph: ComputationGraph, rng: np.random.Generator, longest: int = 3) -> Edit | None:
    """Draw an edit: first a site, each as likely, then one of its edits; None if there is none."""
    nodes = nodes_of_graph(graph)
    sites = find_sites(nodes, longest)
    for place in rng.permutation(len(sites)):
        edits = list(edits_at(nodes, sites[place]))
        if edits:
            return edits[int(rng.integers(len(edits)))]
    return None


def mutate(
    graph: ComputationGraph, rng: np.random.Generator, edits: int = 1, longest: int = 3
) -> ComputationGraph:
    """Return a graph after random edits, one after the other.

    Args:
        graph: a network in normal form.
        rng: decides everything.
        edits: how many.
        longest: as in :func:`find_sites`.

    Raises:
        GraphError: there is nothing in the graph that could be edited.
    """
    for _ in range(edits):
        edit = draw_edit(graph, rng, longest)
        if edit is None:
            raise GraphError("the graph has no convolution or pool of images that could be edited")
        graph = apply_edit(graph, edit)
    return graph


def _sequences(
    nodes: Sequence[Operation],
    readers: Sequence[Sequence[int]],
    start: int,
    longest: int,
    usual: str,
) -> Iterator[Site]:
    """Yield the sequences that begin with a node, the shortest first."""
    chain, cores = [start], 0
    source = nodes[start].inputs[0]
    while True:
        end = chain[-1]
        cores += nodes[end].type in _CORES
        if cores > longest:
            return
        ahead = readers[end]
        if cores and not any(_splits(nodes, end, reader) for reader in ahead):
            shapes = (nodes[start].read, nodes[end].written)
            frames = _frames([nodes[number] for number in chain], usual)
            yield Site(source, tuple(chain), tuple(ahead), *shapes, frames)
        if len(ahead) != 1 or nodes[ahead[0]].type not in _CHAINED:
            return
        if nodes[ahead[0]].read != nodes[end].written:
            return
        chain.append(ahead[0])


def _frames(part: Sequence[Operation], usual: str) -> tuple[Frame, ...]:
    """Return the frame of a sequence; one of pools alone may get either of the usual ones."""
    types = [node.type for node in part]
    lead = types[0] if types[0] in ACTIVATIONS else None
    trail = types[-1] if types[-1] in ACTIVATIONS else None
    inside = [type_ for type_ in types if type_ in ACTIVATIONS]
    inner = inside[0] if inside else usual
    if set(types) <= set(POOLS.values()):
        return (Frame(None, inner, inner), Frame(inner, None, inner))
    return (Frame(lead, trail, inner),)


def _splits(nodes: Sequence[Operation], before: int, behind: int) -> bool:
    """Tell whether a border between two nodes parts a convolution from its batch norm."""
    return nodes[before].type in _WEIGHTED and nodes[behind].type == "BatchNorm"


def _are_images(nodes: Sequence[Operation]) -> list[bool]:
    """Tell of each node whether it writes images, not vectors."""
    images: list[bool] = []
    for node in nodes:
        sources = [images[i] for i in node.inputs] or [True]
        images.append(node.type not in _TO_VECTORS and any(sources))
    return images


def _usual_activation(nodes: Sequence[Operation]) -> str:
    """Return the activation that most nodes have, ReLU if none has one."""
    counts = Counter(node.type for node in nodes if node.type in ACTIVATIONS)
    return max(ACTIVATIONS, key=lambda type_: counts[type_])
