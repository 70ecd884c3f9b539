"""DARTS genotypes: their text form, what makes one valid, and when two are the same.

Source: Liu et al. 2019, "DARTS: Differentiable Architecture Search", sections 2.1 and 2.4. The text
form is the one that the public code prints: ``Genotype(normal=[('sep_conv_3x3', 0), ...],
normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), ...], reduce_concat=[2, 3, 4, 5])``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

OPERATIONS = (
    "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5",
    "dil_conv_3x3", "dil_conv_5x5",
)  # fmt: skip
INPUTS = 2
# The intermediate nodes, numbered behind the two inputs; all four are concatenated.
NODES = range(INPUTS, INPUTS + 4)

# A cell's edges as (operation, source): two edges a node, nodes in order.
Edge = tuple[str, int]
Cell = tuple[Edge, ...]

_CONCAT = str(list(NODES))
_EDGE = re.compile(r"\((['\"])(?P<operation>[A-Za-z0-9_]+)\1,(?P<source>0|[1-9][0-9]*)\)")
_FORM = re.compile(
    r"Genotype\(normal=\[(?P<normal>[^\[\]]*)\],normal_concat=(?P<normal_concat>[^=]+),"
    r"reduce=\[(?P<reduce>[^\[\]]*)\],reduce_concat=(?P<reduce_concat>[^=]+)\)"
)


class Genotype(NamedTuple):
    """Both searched cells; the edges of a node stand in the order of their sources."""

    normal: Cell
    reduce: Cell


def parse_genotype(spec: str) -> Genotype:
    """Read the text form; white space, quotes and the order of a node's two edges do not matter.

    Raises:
        ValueError: names what is wrong with the form, a cell, a node or an edge.
    """
    dense = re.sub(r"\s*([(),=\[\]])\s*", r"\1", spec.strip())
    match = _FORM.fullmatch(re.sub(r",(?=[)\]])", "", dense))
    if match is None:
        raise ValueError(
            f"DARTS spec {spec!r} does not read Genotype(normal=[...], normal_concat={_CONCAT}, "
            f"reduce=[...], reduce_concat={_CONCAT})"
        )
    for name in ("normal_concat", "reduce_concat"):
        if match[name].replace(",", ", ") not in (_CONCAT, "range(2, 6)"):
            raise ValueError(
                f"{name} of DARTS spec {spec!r} is {match[name]}, expected {_CONCAT}: "
                "a cell's output is all of its nodes"
            )
    try:
        return make_genotype(_read_cell(match["normal"]), _read_cell(match["reduce"]))
    except ValueError as error:
        raise ValueError(f"{error}, in DARTS spec {spec!r}") from error


def format_genotype(genotype: Genotype) -> str:
    """Return the text form."""
    normal, reduce = (list(cell) for cell in genotype)
    return (
        f"Genotype(normal={normal}, normal_concat={_CONCAT}, "
        f"reduce={reduce}, reduce_concat={_CONCAT})"
    )


def make_genotype(normal: Cell, reduce: Cell) -> Genotype:
    """Return the genotype of two cells with each node's edges sorted by their sources.

    Raises:
        ValueError: names the cell, node and edge that is wrong.
    """
    return Genotype(_check_cell("normal", normal), _check_cell("reduce", reduce))


@lru_cache(maxsize=65_536)
def canonical_cell(cell: Cell) -> Cell:
    """Return the form that isomorphic cells share.

    It is the smallest of those that arise when the intermediate nodes are numbered anew, every
    source before its reader. The inputs are told apart: they are different cells' outputs.
    """
    forms: list[Cell] = []
    for order in itertools.permutations(NODES):
        number = dict(enumerate(range(INPUTS))) | dict(zip(NODES, order, strict=True))
        renamed = {
            number[node]: [(name, number[source]) for name, source in edges_of(cell, node)]
            for node in NODES
        }
        if all(source < node for node, edges in renamed.items() for _, source in edges):
            forms.append(tuple(edge for node in NODES for edge in _by_source(renamed[node])))
    return min(forms)


def edges_of(cell: Cell, node: int) -> Cell:
    """Return the two edges into an intermediate node (2 to 5)."""
    first = 2 * (node - INPUTS)
    return cell[first : first + 2]


def _read_cell(text: str) -> Cell:
    """Return the edges of a list without its brackets and white space."""
    edges: list[Edge] = []
    start = 0
    while start < len(text) or text.endswith(","):
        match = _EDGE.match(text, start)
        if match is None or text[match.end() : match.end() + 1] not in ("", ","):
            raise ValueError(f"{text[start:]!r} does not begin with an edge ('operation', source)")
        edges.append((match["operation"], int(match["source"])))
        start = match.end() + 1
    return tuple(edges)


def _check_cell(name: str, cell: Cell) -> Cell:
    if len(cell) != 2 * len(NODES):
        raise ValueError(f"the {name} cell has {len(cell)} edges, expected 8: two for each node")
    checked: list[Edge] = []
    for node in NODES:
        edges = edges_of(cell, node)
        for operation, source in edges:
            if operation not in OPERATIONS:
                raise ValueError(
                    f"unknown operation {operation!r} into node {node} of the {name} cell; "
                    f"choose one of {', '.join(OPERATIONS)}"
                )
            if not 0 <= source < node:
                raise ValueError(
                    f"node {node} of the {name} cell reads node {source}, which is not one of the "
                    f"nodes 0 to {node - 1} before it"
                )
        if edges[0][1] == edges[1][1]:
            raise ValueError(
                f"node {node} of the {name} cell reads node {edges[0][1]} twice; "
                "its two edges need different sources"
            )
        checked.extend(_by_source(edges))
    return tuple(checked)


def _by_source(edges: Iterable[Edge]) -> list[Edge]:
    return sorted(edges, key=lambda edge: edge[1])
