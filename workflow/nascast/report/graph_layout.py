"""Places the boxes of a directed acyclic graph in layers, so that every edge runs downwards.

The layered method of Sugiyama, Tagawa and Toda (1981): layers by longest path, long edges led
through the layers between by lanes, an order within each layer by barycentres, and horizontal
places as near to the neighbours' as the widths allow. All lengths are points; y grows downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from nascast.report.series import Floats, ReportError

_LANE: Final = 5.0  # room beside a long edge
_SWEEPS: Final = 12
_STIFFNESS: Final = 4.0  # how much more a lane weighs than a box, so that long edges run straight

Edges = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Layout:
    """Where everything stands.

    Attributes:
        centres: horizontal middle of each box, ``(boxes,)``; the leftmost border is at 0.
        layers: layer of each box; its upper border is the layer's.
        bands: top and bottom of each layer, ``(layers, 2)``; the first begins at 0.
        routes: points that each edge runs through, ``(points, 2)``, in pairs: it curves from the
            second of a pair to the first of the next, and is straight within a pair.
    """

    centres: Floats
    layers: tuple[int, ...]
    bands: Floats
    routes: tuple[Floats, ...]


def lay_out_graph(
    sizes: ArrayLike, edges: Edges, *, beside: float = 8.0, below: float = 12.0
) -> Layout:
    """Return places for boxes of given sizes.

    Args:
        sizes: width and height of each box, ``(boxes, 2)``.
        edges: pairs of boxes, each from a box to a later one.
        beside: distance of neighbours in a layer.
        below: distance of layers.

    Raises:
        ReportError: there is no box, or an edge does not lead to a later box.
    """
    box = np.asarray(sizes, np.float64).reshape(-1, 2)
    wrong = [edge for edge in edges if not 0 <= edge[0] < edge[1] < len(box)]
    if not len(box) or wrong:
        raise ReportError(f"edges of {len(box)} boxes must lead to later ones: {wrong[:3]}")
    layers = _layers(len(box), edges)
    chains, lanes = _lanes(layers, edges)
    level = [*layers, *lanes]
    links = sorted({link for chain in chains for link in pairwise(chain)})
    order = _ordered(level, links)
    widths = np.concatenate([box[:, 0], np.full(len(lanes), _LANE)])
    weights = np.concatenate([np.ones(len(box)), np.full(len(lanes), _STIFFNESS)])
    centres = _centres(order, links, widths, weights, beside)
    heights = [max(box[row, 1] for row in rows if row < len(box)) for rows in order]
    tops = np.cumsum([0.0, *(height + below for height in heights)])[:-1]
    bands = np.column_stack([tops, tops + heights])
    return Layout(
        centres=centres[: len(box)],
        layers=tuple(layers),
        bands=bands,
        routes=tuple(_route(chain, centres, level, box, bands) for chain in chains),
    )


def pages(layout: Layout, height: float) -> list[tuple[int, int]]:
    """Cut a layout that is too tall into runs of layers of at most about one height.

    Runs are as even as possible; each cut lies where the fewest edges cross, near the even place.

    Args:
        layout: the whole graph.
        height: of a page; a single layer may exceed it.

    Returns:
        First and last (exclusive) layer of each page.
    """
    bands = layout.bands
    crossing = np.zeros(len(bands), np.int64)
    for route in layout.routes:
        first, last = np.searchsorted(bands[:, 0], [route[0, 1], route[-1, 1] - 1e-9], "right")
        crossing[first:last] += 1
    cuts, start = [0], 0
    while bands[-1, 1] - bands[start, 0] > height:
        left = bands[-1, 1] - bands[start, 0]
        even = left / np.ceil(left / height)
        below = bands[start + 1 :, 0] - bands[start, 0]
        fits = np.flatnonzero((below <= height) & (below >= 0.7 * even)) + start + 1
        if not len(fits):  # one layer alone, or the tallest run there is
            fits = np.array([start + max(1, int((below <= height).sum()))])
        if fits[0] >= len(bands):
            break
        distance = np.abs(bands[fits, 0] - bands[start, 0] - even) / height
        start = int(fits[np.argmin(crossing[fits] + distance)])
        cuts.append(start)
    return list(zip(cuts, [*cuts[1:], len(bands)], strict=True))


def _layers(count: int, edges: Edges) -> list[int]:
    """Return the length of the longest path to each box."""
    layers = [0] * count
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        layers[target] = max(layers[target], layers[source] + 1)
    return layers


def _lanes(layers: Sequence[int], edges: Edges) -> tuple[list[list[int]], list[int]]:
    """Lead long edges through the layers between; those of one box share their lanes.

    Returns:
        The vertices along each edge, numbers from the count of boxes on being lanes, and the layer
        of each lane.
    """
    chains, lanes = [], list[int]()
    known: dict[tuple[int, int], int] = {}
    for source, target in edges:
        between = []
        for layer in range(layers[source] + 1, layers[target]):
            if (source, layer) not in known:
                known[source, layer] = len(layers) + len(lanes)
                lanes.append(layer)
            between.append(known[source, layer])
        chains.append([source, *between, target])
    return chains, lanes


def _ordered(level: Sequence[int], links: Edges) -> list[list[int]]:
    """Return the vertices of each layer from left to right, with few crossings."""
    order: list[list[int]] = [[] for _ in range(max(level) + 1)]
    for vertex, layer in enumerate(level):
        order[layer].append(vertex)
    above, below = _neighbours(len(level), links)
    best, fewest = [list(rows) for rows in order], _crossings(order, below)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        beside = above if downwards else below
        for rows in order if downwards else reversed(order):
            place = {v: i for some in order for i, v in enumerate(some)}
            rows.sort(key=lambda v: _mean((place[u] for u in beside[v]), place[v]))
        found = _crossings(order, below)
        if found < fewest:
            best, fewest = [list(rows) for rows in order], found
    return best


def _crossings(order: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> int:
    """Return how many pairs of links between neighbouring layers cross."""
    crossings = 0
    for upper, lower in pairwise(order):
        place = {vertex: i for i, vertex in enumerate(lower)}
        ends = [sorted(place[target] for target in below[vertex]) for vertex in upper]
        seen: list[int] = []
        for targets in ends:
            crossings += sum(other > target for target in targets for other in seen)
            seen += targets
    return crossings


def _centres(
    order: Sequence[Sequence[int]], links: Edges, widths: Floats, weights: Floats, gap: float
) -> Floats:
    """Return horizontal middles: near the neighbours' mean, in order, and never too close."""
    above, below = _neighbours(len(widths), links)
    centres = np.zeros(len(widths))
    offsets = {}
    for layer, rows in enumerate(order):
        half = widths[list(rows)] / 2
        offsets[layer] = np.concatenate([[0.0], np.cumsum(half[:-1] + half[1:] + gap)])
        centres[list(rows)] = offsets[layer] - offsets[layer][-1] / 2
    for sweep in range(2 * _SWEEPS):
        beside = (above, below)[sweep % 2]
        layers = range(len(order)) if sweep % 2 == 0 else range(len(order) - 1, -1, -1)
        for layer in layers:
            rows = list(order[layer])
            wanted = [_mean((centres[u] for u in beside[v]), centres[v]) for v in rows]
            moved = isotonic_regression(wanted - offsets[layer], weights=weights[rows]).x
            centres[rows] = moved + offsets[layer]
    return np.asarray(centres - (centres - widths / 2).min())


def _route(
    chain: Sequence[int], centres: Floats, level: Sequence[int], box: Floats, bands: Floats
) -> Floats:
    source, target = chain[0], chain[-1]
    bottom = bands[level[source], 0] + box[source, 1]
    points = [(centres[source], bottom), (centres[source], bands[level[source], 1])]
    for lane in chain[1:-1]:
        points += [(centres[lane], y) for y in bands[level[lane]]]
    top = bands[level[target], 0]
    return np.array([*points, (centres[target], top), (centres[target], top)])


def _neighbours(count: int, links: Edges) -> tuple[list[list[int]], list[list[int]]]:
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        above[target].append(source)
        below[source].append(target)
    return above, below


def _mean(values: Iterable[float], default: float) -> float:
    found = list(values)
    return sum(found) / len(found) if found else default
