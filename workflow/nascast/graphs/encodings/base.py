"""What every encoding of cell graphs offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from nascast.errors import NascastError
from nascast.spaces.base import CellGraph

if TYPE_CHECKING:
    from nascast.graphs.encodings.layout import Layout

# Arrays by their name; the first axis of each is the architectures unless its encoding says else.
Arrays = dict[str, NDArray[Any]]


class EncodingError(NascastError):
    """An encoding that is unknown, or that does not apply to a space or to a graph."""


@runtime_checkable
class Encoding(Protocol):
    """Turns the cell graphs of one space into arrays.

    Attributes:
        name: registered name.
    """

    name: str

    def encode(self, graphs: Sequence[CellGraph], layout: Layout) -> Arrays:
        """Return the arrays of the graphs, in their order.

        Their shapes depend on the layout and on the number of graphs alone, so that any two
        batches of one space fit together.

        Raises:
            EncodingError: a graph does not fit into the layout, or the encoding does not apply.
        """
        ...


@runtime_checkable
class FlatEncoding(Encoding, Protocol):
    """An encoding whose only array, ``"features"``, has one row an architecture."""

    def columns(self, layout: Layout) -> tuple[str, ...]:
        """Return the names of the columns of ``"features"``."""
        ...
