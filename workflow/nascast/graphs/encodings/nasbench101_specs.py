"""All cells of NAS-Bench-101 as property graphs at once, from their specs.

423,624 specs are made of a few thousand matrices and a few hundred lists of operations, so each of
those is read once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.property_graphs import Bools, PropertyGraphs, from_arrays
from nascast.spaces.nasbench101 import OPERATIONS
from nascast.spaces.nasbench101_cells import MAX_VERTICES

_NAMES = ("input", *OPERATIONS, "output")
_OUTPUT = MAX_VERTICES - 1


def nasbench101_graphs(specs: Sequence[str]) -> PropertyGraphs:
    """Return the graphs of specs as :mod:`nascast.spaces.nasbench101` writes them.

    Raises:
        EncodingError: a spec is none of that space; names it.
    """
    if not specs:
        return from_arrays(np.zeros((0, 7, 7), bool), np.zeros((0, 7), np.int64), _NAMES)
    halves = pd.Series(specs, dtype="str").str.partition("|")
    lists, operations = pd.factorize(halves[0])
    shapes, matrices = pd.factorize(halves[2])
    sizes = [text.count(",") + 1 if text else 0 for text in map(str, operations)]
    rows = [text.count(".") + 1 if text else 0 for text in map(str, matrices)]
    wrong = np.flatnonzero(np.array(sizes)[lists] + 1 != np.array(rows)[shapes])
    if wrong.size:
        raise EncodingError(
            f"{specs[int(wrong[0])]!r} is no spec of NAS-Bench-101: operations, a bar and the rows "
            "of the matrix above its diagonal"
        )
    table = np.stack([_operations(str(text)) for text in operations])
    adjacency = np.stack([_matrix(str(text)) for text in matrices])
    return from_arrays(adjacency[shapes], table[lists], _NAMES)


def _operations(text: str) -> NDArray[np.int64]:
    """Return places in the names of one cell's nodes, -1 where there is none."""
    row = np.full(MAX_VERTICES, -1, dtype=np.int64)
    row[0], row[_OUTPUT] = 0, len(_NAMES) - 1
    for place, name in enumerate(text.split(",") if text else [], start=1):
        if name not in OPERATIONS or place == _OUTPUT:
            raise EncodingError(
                f"{text!r} does not list at most {_OUTPUT - 1} of {', '.join(OPERATIONS)}"
            )
        row[place] = _NAMES.index(name)
    return row


def _matrix(text: str) -> Bools:
    """Return the matrix of rows above the diagonal, the output in the last column."""
    matrix = np.zeros((MAX_VERTICES, MAX_VERTICES), dtype=bool)
    rows = text.split(".")
    for source, row in enumerate(rows):
        edges = [source + 1 + place for place, digit in enumerate(row) if digit == "1"]
        matrix[source, [_OUTPUT if target == len(rows) else target for target in edges]] = True
    return matrix
