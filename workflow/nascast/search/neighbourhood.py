"""Which networks lie beside each other where only a sample of a space can be trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from nascast.search.problem import Neighbours
from nascast.seeds import derive_seed


def nearest(names: Sequence[str], vectors: NDArray[Any], count: int) -> Neighbours:
    """Return the neighbourhood in which each network has the ``count`` nearest ones beside it.

    One mutation of a network rarely makes another one of a small sample. Distance is the number of
    places in which two encodings differ; of one-hot operations on fixed edges that is twice the
    number of mutations from one to the other. Of equally near ones a hash of both names decides.

    Args:
        names: the networks.
        vectors: their encodings, ``(n, columns)``.
        count: neighbours of each network; all others if there are fewer.
    """
    rows = {name: row for row, name in enumerate(names)}
    known: dict[str, Sequence[str]] = {}

    def beside(name: str) -> Sequence[str]:
        if name not in known:
            distances = (vectors != vectors[rows[name]]).sum(axis=1)
            others = [other for other in names if other != name]
            others.sort(key=lambda o: (distances[rows[o]], derive_seed("nearest", name, o)))
            known[name] = tuple(others[:count])
        return known[name]

    return beside
