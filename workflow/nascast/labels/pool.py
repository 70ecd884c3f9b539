"""Which architectures are labelled: the start of a fixed order of a search space."""

from __future__ import annotations

from collections.abc import Iterator

from nascast.seeds import derive_seed
from nascast.spaces.base import Architecture, SearchSpace


def label_pool(space: SearchSpace, n: int, seed: int = 0) -> list[Architecture]:
    """Return the first ``n`` architectures of the space in an order hashed from their specs.

    The order depends on ``seed`` and the specs alone, so a larger pool begins with the smaller one
    and adding labels never relabels. Of isomorphic architectures only the first is taken; being
    first in a hashed order, it is a uniform draw.

    Args:
        space: a space that can be enumerated.
        n: size of the pool.
        seed: which of the orders.

    Raises:
        ValueError: if the space has fewer than ``n`` architectures that are not isomorphic.
    """
    if n < 1:
        raise ValueError(f"a label pool needs at least one architecture, got n={n}")
    pool: list[Architecture] = []
    for arch in _distinct(space, seed):
        pool.append(arch)
        if len(pool) == n:
            return pool
    raise ValueError(
        f"{space.name} has {len(pool)} architectures that are not isomorphic, fewer than n={n}"
    )


def _distinct(space: SearchSpace, seed: int) -> Iterator[Architecture]:
    seen: set[str] = set()
    for arch in sorted(space.enumerate(), key=lambda a: _rank(a, seed)):
        if arch.canonical_id not in seen:
            seen.add(arch.canonical_id)
            yield arch


def _rank(arch: Architecture, seed: int) -> tuple[int, str]:
    return derive_seed("label-pool", arch.space, arch.spec, seed), arch.spec
