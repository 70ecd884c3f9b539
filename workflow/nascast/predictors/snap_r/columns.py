"""Which features a member of SNAP-R reads, and in which direction each may only act.

Features are called ``<group>:<name>``; see :mod:`nascast.graphs.encodings.structure`, whose groups
are joined by ``size``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# More of these never makes a prediction worse, under monotone constraints: convolutions on the
# paths, their weights, the size of what is on paths. Their spread over the paths may do either.
_RISING = re.compile(
    r"(count|path|walk):((mean|max|min)_)?(conv|spatial|weights)|size:(relative|population)"
)


class ColumnError(ValueError):
    """A choice of features that does not exist."""


def choose(columns: Sequence[str], keep: Sequence[str], drop: Sequence[str]) -> list[int]:
    """Return the places of the chosen features, in their order.

    Args:
        columns: names of all features.
        keep: patterns as of :func:`re.fullmatch` of what is read, for example ``path:.*``.
        drop: patterns of what is left out of that.

    Raises:
        ColumnError: a pattern of ``keep`` fits nothing, or nothing is left.
    """
    for pattern in keep:
        if not any(re.fullmatch(pattern, name) for name in columns):
            raise ColumnError(f"{pattern!r} fits none of the features {', '.join(columns)}")
    chosen = [
        place
        for place, name in enumerate(columns)
        if any(re.fullmatch(pattern, name) for pattern in keep)
        and not any(re.fullmatch(pattern, name) for pattern in drop)
    ]
    if not chosen:
        raise ColumnError(f"dropping {list(drop)} of {list(keep)} leaves no feature")
    return chosen


def directions(columns: Sequence[str]) -> list[int]:
    """Return 1 for features of which more is never worse, 0 for all others."""
    return [int(_RISING.fullmatch(name) is not None) for name in columns]
