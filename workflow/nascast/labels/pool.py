"""Which architectures are labelled: the start of a fixed order of a search space."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nascast.seeds import derive_seed
from nascast.spaces.base import Architecture, EnumerableSpace, SearchSpace

# Draws in a row that bring nothing new before a space counts as exhausted.
_PATIENCE = 10_000


def label_pool(
    space: SearchSpace, n: int, seed: int = 0, *, isomorphic: bool = False
) -> list[Architecture]:
    """Return the first ``n`` architectures of the space in a fixed random order.

    A space that can be listed is ordered by a hash of its specs, any other by numbered draws, each
    from a generator of its own. Either order depends on ``seed`` and the space alone, so a larger
    pool begins with the smaller one and adding labels never relabels. Of isomorphic architectures
    only the first is taken, unless they are asked for.

    Args:
        space: the search space.
        n: size of the pool.
        seed: which of the orders.
        isomorphic: whether to take them all, which makes the pool a random sample of the specs.

    Raises:
        ValueError: if the space has fewer than ``n`` such architectures.
    """
    if n < 1:
        raise ValueError(f"a label pool needs at least one architecture, got n={n}")
    order = _listed(space, seed) if isinstance(space, EnumerableSpace) else _drawn(space, seed)
    pool: list[Architecture] = []
    seen: set[str] = set()
    for arch in order:
        identity = arch.spec if isomorphic else arch.canonical_id
        if identity in seen:
            continue
        seen.add(identity)
        pool.append(arch)
        if len(pool) == n:
            return pool
    kind = "" if isomorphic else " that are not isomorphic"
    raise ValueError(f"{space.name} has {len(pool)} architectures{kind}, fewer than n={n}")


def _listed(space: EnumerableSpace, seed: int) -> Iterator[Architecture]:
    yield from sorted(space.enumerate(), key=lambda arch: _rank(arch, seed))


def _drawn(space: SearchSpace, seed: int) -> Iterator[Architecture]:
    seen: set[str] = set()
    number, in_vain = 0, 0
    while in_vain < _PATIENCE:
        rng = np.random.default_rng(derive_seed("label-pool", space.name, number, seed))
        arch = space.sample(rng)
        number += 1
        in_vain = in_vain + 1 if arch.canonical_id in seen else 0
        seen.add(arch.canonical_id)
        yield arch


def _rank(arch: Architecture, seed: int) -> tuple[int, str]:
    return derive_seed("label-pool", arch.space, arch.spec, seed), arch.spec
