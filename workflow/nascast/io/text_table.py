"""Plain text tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST_NAME = 64


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a header and rows with their columns below each other, a line each.

    Raises:
        ValueError: a row has another number of cells than the header.
    """
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    ]
    return "\n".join(lines) + "\n"


def shortened(name: str) -> str:
    """Return a name that fits a terminal; the middle of a long one is left out."""
    if len(name) <= _LONGEST_NAME:
        return name
    half = (_LONGEST_NAME - 3) // 2
    return f"{name[:half]}...{name[-half:]}"
