"""Local search from one network: better in the scorer's eyes, and no dearer.

Source: Mills et al. 2023, "GENNAPE", supplement 'Search Algorithm Details': six times, the k best
by predicted performance and FLOPs are mutated, and the k best of all go on. How both are weighed is
decided in docs/decisions.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from nascast.errors import NascastError
from nascast.seeds import derive_seed

T = TypeVar("T")


class LocalSearchError(NascastError):
    """A search that cannot begin, or a scorer that does not do what it promises."""


@dataclass(frozen=True)
class Moves(Generic[T]):
    """What a search needs to know of the things that it searches.

    Attributes:
        mutate: returns a random neighbour; the generator decides everything.
        score: returns how good things are, ``(n,)``, higher is better, each whatever the others.
            One that is not finite is never taken.
        cost: what a thing costs, such as FLOPs; lower is better.
        identity: equal for things that are the same.
    """

    mutate: Callable[[T, np.random.Generator], T]
    score: Callable[[Sequence[T]], NDArray[np.float64]]
    cost: Callable[[T], float]
    identity: Callable[[T], str]


@dataclass(frozen=True)
class Limits:
    """How long a search runs and what it may return.

    Attributes:
        iterations: rounds of mutations.
        keep: the best things that mutate in a round.
        mutants: mutations of each of them in a round.
        queries: things that are scored, at most, the start not counted; None for no limit of its
            own.
        cost: the cost of whatever is returned, at most, as a part of that of the start.
    """

    iterations: int = 6
    keep: int = 10
    mutants: int = 20
    queries: int | None = None
    cost: float = 1.0

    def __post_init__(self) -> None:
        for name in ("iterations", "keep", "mutants", "queries"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"Limits.{name} must be at least 1, got {value}")
        if not self.cost > 0:
            raise ValueError(f"Limits.cost must be positive, got {self.cost}")


@dataclass(frozen=True)
class Candidate(Generic[T]):
    """Something that was scored.

    Attributes:
        item: the thing.
        identity: equal for things that are the same.
        score: higher is better.
        cost: lower is better.
        round: in which it was made; 0 for the start.
    """

    item: T
    identity: str
    score: float
    cost: float
    round: int

    def dominates(self, other: Candidate[T]) -> bool:
        """Return whether this one is no worse in score and cost, and better in one of them."""
        no_worse = self.score >= other.score and self.cost <= other.cost
        return no_worse and (self.score > other.score or self.cost < other.cost)


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What a search found.

    Attributes:
        start: where it began.
        best: of all that were allowed the one with the highest score, of equal ones the cheapest;
            the start itself where nothing better was found.
        front: of all that were allowed those that none dominates, by falling score.
        queries: things that were scored, the start not counted.
        rounds: best score after each round.
    """

    start: Candidate[T]
    best: Candidate[T]
    front: tuple[Candidate[T], ...]
    queries: int
    rounds: tuple[float, ...]


def search_locally(start: T, moves: Moves[T], limits: Limits, seed: int) -> Outcome[T]:
    """Return what a local search finds.

    Allowed is what scores no lower than the start and costs no more than ``limits.cost`` of it, so
    that nothing is returned that is worse than the start; the start itself where there is nothing
    else. Of what is allowed, fronts of what none of the rest dominates come first, and within a
    front the higher score. As long as fewer than ``limits.keep`` are allowed, what is no worse than
    the start but still too dear mutates as well, the cheapest first.

    Args:
        start: where the search begins.
        moves: what it does.
        limits: how long it runs.
        seed: with the identities of what is mutated, decides everything.

    Raises:
        LocalSearchError: the score of the start is not finite, or there are not as many scores as
            things.
    """
    origin = _scored([start], moves, 0)[0]
    if not math.isfinite(origin.score):
        raise LocalSearchError(
            f"the scorer gives the start {origin.score}, which nothing can be compared with"
        )
    kept, known = [origin], {origin.identity: origin}
    rounds: list[float] = []
    for number in range(1, limits.iterations + 1):
        left = None if limits.queries is None else limits.queries - (len(known) - 1)
        fresh = _mutants(kept, known, moves, limits, number, seed)[:left]
        if not fresh:
            break
        for candidate in _scored(fresh, moves, number):
            known[candidate.identity] = candidate
        allowed, dear = _sift(origin, known.values(), limits)
        kept = [*_best(allowed, limits.keep), *sorted(dear, key=_by_cost)][: limits.keep]
        rounds.append(max((candidate.score for candidate in allowed), default=origin.score))
    allowed = _sift(origin, known.values(), limits)[0] or [origin]
    return Outcome(
        start=origin,
        best=min(allowed, key=_order),
        front=tuple(sorted(_front(allowed), key=_order)),
        queries=len(known) - 1,
        rounds=tuple(rounds),
    )


def _mutants(
    kept: Sequence[Candidate[T]],
    known: dict[str, Candidate[T]],
    moves: Moves[T],
    limits: Limits,
    number: int,
    seed: int,
) -> list[T]:
    """Return new things, none twice: the first mutant of each parent, then the second ones."""
    found: dict[str, T] = {}
    for mutant in range(limits.mutants):
        for parent in kept:
            key = derive_seed("local-search", seed, number, parent.identity, mutant)
            item = moves.mutate(parent.item, np.random.default_rng(key))
            identity = moves.identity(item)
            if identity not in known:
                found.setdefault(identity, item)
    return list(found.values())


def _scored(items: Sequence[T], moves: Moves[T], number: int) -> list[Candidate[T]]:
    scores: NDArray[Any] = np.asarray(moves.score(items), np.float64)
    if scores.shape != (len(items),):
        raise LocalSearchError(
            f"the scorer returns scores of shape {scores.shape} for {len(items)} networks; it must "
            "return one number each"
        )
    return [
        Candidate(item, moves.identity(item), float(score), float(moves.cost(item)), number)
        for item, score in zip(items, scores, strict=True)
    ]


def _sift(
    origin: Candidate[T], candidates: Iterable[Candidate[T]], limits: Limits
) -> tuple[list[Candidate[T]], list[Candidate[T]]]:
    """Return what is allowed, and what is but for costing more, though no more than the start."""
    most = limits.cost * origin.cost
    finite = [c for c in candidates if math.isfinite(c.score) and c.score >= origin.score]
    allowed = [c for c in finite if c.cost <= most]
    return allowed, [c for c in finite if most < c.cost <= origin.cost]


def _best(candidates: Sequence[Candidate[T]], count: int) -> list[Candidate[T]]:
    """Return the first candidates, front by front."""
    rest, chosen = list(candidates), list[Candidate[T]]()
    while rest and len(chosen) < count:
        front = sorted(_front(rest), key=_order)
        chosen.extend(front)
        taken = {candidate.identity for candidate in front}
        rest = [candidate for candidate in rest if candidate.identity not in taken]
    return chosen[:count]


def _front(candidates: Sequence[Candidate[T]]) -> list[Candidate[T]]:
    """Return the candidates that none of the others dominates."""
    front: list[Candidate[T]] = []
    for candidate in sorted(candidates, key=_order):
        # By falling score, only the last one on the front can be cheapest so far.
        if not front or not front[-1].dominates(candidate):
            front.append(candidate)
    return front


def _order(candidate: Candidate[T]) -> tuple[float, float, str]:
    return (-candidate.score, candidate.cost, candidate.identity)


def _by_cost(candidate: Candidate[T]) -> tuple[float, float, str]:
    return (candidate.cost, -candidate.score, candidate.identity)
