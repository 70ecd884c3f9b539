"""Path encodings: which sequences of operations lead from the input to the output.

Source: White et al. 2021, "BANANAS: Bayesian Optimization with Neural Architectures for Neural
Architecture Search". One bit says whether any path with a sequence of operations
exists, so the encoding does not depend on how the nodes of a graph are numbered. Bits are ordered
by the length of the sequence, then by cell and input, then as words in the order of the operations,
the first one counting most. NAS-Bench-201 has 5 + 25 + 125 = 155 bits (``none`` is an operation),
NAS-Bench-101 1 + 3 + ... + 243 = 364.

Long paths are improbable in random graphs, which is why the paper truncates: it keeps the k
shortest sequences. The cut-offs of its public code, lengths up to 3 of 5 in NAS-Bench-101 (40 bits)
and up to 2 of 3 in NAS-Bench-201 (30 bits), are the mean of the space's shortest and longest path,
rounded up; so are ours in every space.

Only sequences that occur are ever listed: the sparse form works where the bits are countless.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nascast.graphs.encodings.base import Arrays, EncodingError
from nascast.graphs.encodings.layout import Layout
from nascast.graphs.encodings.parts import split_cells
from nascast.spaces.base import CellGraph

# More columns than this are refused in dense form: 10,000 architectures would fill 10 GB.
_MOST_COLUMNS = 1_000_000
_INT64_MAX = int(np.iinfo(np.int64).max)

Path = tuple[str, ...]


def cut_length(layout: Layout) -> int:
    """Return the longest path that the truncated encoding keeps."""
    return (sum(layout.path_lengths) + 1) // 2


def width(layout: Layout, longest: int) -> int:
    """Return the number of bits for paths of at most ``longest`` operations."""
    lengths = range(layout.path_lengths[0], longest + 1)
    words: int = sum(len(layout.searched) ** length for length in lengths)
    return len(layout.cells) * len(layout.inputs) * words


def paths_of(cell: CellGraph, start: int = 0, longest: int | None = None) -> set[Path]:
    """Return the distinct sequences of operations on the paths from a node to the last one.

    Args:
        cell: the graph.
        start: the node at which the paths begin; like the last one it counts as no operation.
        longest: paths with more operations are left out, unless it is None.
    """
    limit = len(cell.operations) if longest is None else longest
    last = len(cell.operations) - 1
    paths: list[set[Path]] = [set() for _ in cell.operations]
    paths[start] = {()}
    for source, target in cell.edges:  # sorted by their source, so that it is complete
        if target == last:
            paths[last] |= paths[source]
        else:
            step = (cell.operations[target],)
            paths[target] |= {path + step for path in paths[source] if len(path) < limit}
    return paths[last]


def path_bits(graph: CellGraph, layout: Layout, longest: int) -> list[int]:
    """Return the bits of a graph that are set, ascending.

    Raises:
        EncodingError: a path is shorter or longer than those of the layout.
    """
    bits = []
    families = itertools.product(split_cells(graph, layout), range(len(layout.inputs)))
    for family, (cell, start) in enumerate(families):
        for path in paths_of(cell, start, longest):
            bits.append(_bit(path, family, layout))
    return sorted(bits)


class PathEncoding:
    """Array ``"features"``, ``(n, columns)`` uint8 of zeros and ones, for all lengths."""

    name: str = "path"

    def longest(self, layout: Layout) -> int:
        """Return the length of the longest paths that are encoded."""
        return layout.path_lengths[1]

    def encode(self, graphs: Sequence[CellGraph], layout: Layout) -> Arrays:
        """Return ``"features"``.

        Raises:
            EncodingError: a graph does not fit into the layout, or there are over a million bits.
        """
        longest = self.longest(layout)
        features = np.zeros((len(graphs), _dense_width(layout, longest)), dtype=np.uint8)
        for row, graph in zip(features, graphs, strict=True):
            row[path_bits(graph, layout, longest)] = 1
        return {"features": features}

    def columns(self, layout: Layout) -> tuple[str, ...]:
        """Return ``path(first,second,...)``, behind the names of cell and input if several."""
        longest = self.longest(layout)
        _dense_width(layout, longest)
        several = len(layout.inputs) > 1
        families = [f"{c}:{i}:" if several else "" for c in layout.cells for i in layout.inputs]
        return tuple(
            f"{family}path({','.join(path)})"
            for length in range(layout.path_lengths[0], longest + 1)
            for family in families
            for path in itertools.product(layout.searched, repeat=length)
        )


class TruncatedPathEncoding(PathEncoding):
    """As :class:`PathEncoding`, for lengths up to :func:`cut_length`."""

    name = "path_truncated"

    def longest(self, layout: Layout) -> int:
        """Return :func:`cut_length`."""
        return cut_length(layout)


class SparsePathEncoding:
    """The bits of :class:`PathEncoding` in compressed rows, as ``scipy.sparse`` has them.

    Array ``"indices"``, int64, holds the columns of the bits that are set, row by row; those of row
    ``i`` begin at ``"indptr"[i]`` and end before ``"indptr"[i + 1]``. ``"width"`` is the number
    of columns, an array without axes.
    """

    name: str = "path_sparse"

    def encode(self, graphs: Sequence[CellGraph], layout: Layout) -> Arrays:
        """Return the three arrays.

        Raises:
            EncodingError: a graph does not fit into the layout, or there are over 2**63 bits.
        """
        longest = layout.path_lengths[1]
        columns = width(layout, longest)
        if columns > _INT64_MAX:
            raise EncodingError(
                f"paths of {longest} out of {len(layout.searched)} operations have more than 2**63 "
                "possible sequences; choose another encoding for this space"
            )
        rows = [path_bits(graph, layout, longest) for graph in graphs]
        indptr: NDArray[np.int64] = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        indices = np.fromiter(itertools.chain.from_iterable(rows), np.int64, int(indptr[-1]))
        return {"indptr": indptr, "indices": indices, "width": np.array(columns)}


def _bit(path: Path, family: int, layout: Layout) -> int:
    """Return the place of a path of one cell and input among all bits."""
    shortest, longest = layout.path_lengths
    if not shortest <= len(path) <= longest:
        raise EncodingError(
            f"the path {' - '.join(path) or 'without operations'} has {len(path)} operations; "
            f"those of the layout have {shortest} to {longest}"
        )
    searched = layout.searched
    # The path's word, with the family as a digit in front.
    word = family
    for operation in path:
        word = word * len(searched) + searched.index(operation)
    return width(layout, len(path) - 1) + word


def _dense_width(layout: Layout, longest: int) -> int:
    columns = width(layout, longest)
    if columns > _MOST_COLUMNS:
        raise EncodingError(
            f"the path encoding up to {longest} operations has more than {_MOST_COLUMNS:,} columns "
            "in this space; choose 'path_sparse' or another encoding"
        )
    return columns
