"""Every encoding of cell graphs by its name.

Another distribution adds an encoding through the entry-point group ``nascast.encodings``.
"""

from __future__ import annotations

from collections.abc import Sequence

from nascast.graphs.encodings.base import Arrays, Encoding, EncodingError, FlatEncoding
from nascast.graphs.encodings.layout import Layout, layout_of
from nascast.registry import Registry
from nascast.spaces.base import Architecture, SearchSpace

_PACKAGE = "nascast.graphs.encodings"
BUILT_IN = {
    "adjacency": f"{_PACKAGE}.adjacency:Adjacency",
    "path": f"{_PACKAGE}.paths:PathEncoding",
    "path_truncated": f"{_PACKAGE}.paths:TruncatedPathEncoding",
    "path_sparse": f"{_PACKAGE}.paths:SparsePathEncoding",
    "op_graph": f"{_PACKAGE}.op_graph:OpGraph",
    "op_graph_pruned": f"{_PACKAGE}.op_graph:PrunedOpGraph",
    "op_graph_contracted": f"{_PACKAGE}.op_graph:ContractedOpGraph",
    "tokens": f"{_PACKAGE}.tokens:Tokens",
    "graf": f"{_PACKAGE}.graf:Graf",
}

REGISTRY = Registry("encoding", "nascast.encodings", BUILT_IN, EncodingError)
names = REGISTRY.names
module_of = REGISTRY.module_of


def create(name: str) -> Encoding:
    """Return the encoding registered under ``name``.

    Raises:
        EncodingError: as :meth:`nascast.registry.Registry.load`, or it lacks a part of the
            contract.
    """
    encoding = REGISTRY.load(name)()
    if not isinstance(encoding, Encoding):
        raise EncodingError(f"encoding {name!r} does not fulfil the contract Encoding")
    return encoding


def encode(
    space: SearchSpace, archs: Sequence[Architecture], name: str, layout: Layout | None = None
) -> Arrays:
    """Return architectures of one space in an encoding.

    Args:
        space: the space.
        archs: architectures of the space.
        name: registered name of the encoding.
        layout: the bounds of the space's graphs; those of ``layout_of(space)`` unless given.

    Returns:
        The arrays that the encoding documents. Those called ``"features"`` are ``(n, columns)``
        with the columns that :func:`columns` names.

    Raises:
        EncodingError: the encoding is unknown or does not apply to the space, the bounds of the
            space are unknown, or an architecture lies beyond them.
    """
    encoding = create(name)
    bounds = layout_of(space) if layout is None else layout
    return encoding.encode([space.cell_graph(arch) for arch in archs], bounds)


def columns(space: SearchSpace, name: str, layout: Layout | None = None) -> tuple[str, ...]:
    """Return the names of the columns of an encoding's ``"features"``.

    Raises:
        EncodingError: as :func:`encode`, or the encoding has no ``"features"``.
    """
    encoding = create(name)
    if not isinstance(encoding, FlatEncoding):
        raise EncodingError(
            f"encoding {name!r} has no columns: its arrays are not one row an architecture"
        )
    return encoding.columns(layout_of(space) if layout is None else layout)
