"""From candidates to a ranking: looks at each, scores those that run, and orders them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nascast.ranking import registry
from nascast.ranking.base import Context, Failure, Need, Network, Ranker, RankingError, Setting
from nascast.ranking.candidates import Given
from nascast.ranking.images import OwnImages
from nascast.ranking.looking import look_at

# Spaces with one cell topology count as one: labels of the one tell of the other's.
SAME_TOPOLOGY: Final = (frozenset({"nasbench201", "transnas_micro"}),)


@dataclass(frozen=True)
class Place:
    """A ranked network.

    Attributes:
        rank: from 1; equal scores share a rank, and the next one is left out.
        network: what was ranked.
        score: higher is better.
        uncertainty: standard deviation over initialisations; NaN where there is one only.
        seconds: wall-clock time spent on it.
        reason: what the score rests on.
    """

    rank: int
    network: Network
    score: float
    uncertainty: float
    seconds: float
    reason: str


@dataclass(frozen=True)
class Ranking:
    """A ranking, and what could not be ranked.

    Attributes:
        requested: the predictor that was asked for.
        predictor: the one that scored.
        note: what it is, why it was chosen, what it was trained on.
        images: what the mini-batches were.
        spaces_seen: search spaces whose labels the predictor has learnt from.
        places: ranked networks, the best first.
        failures: what could not be ranked: not read, not run, not scored.
        budget: seconds that were allowed; None without a limit.
        seconds: wall-clock time of all.
    """

    requested: str
    predictor: str
    note: str
    images: str
    spaces_seen: tuple[str, ...]
    places: list[Place]
    failures: list[Failure]
    budget: float | None
    seconds: float


def rank_candidates(given: Given, ranker: Ranker, setting: Setting, context: Context) -> Ranking:
    """Return the ranking of some candidates.

    Args:
        given: candidates, and entries that could not be read.
        ranker: what scores.
        setting: what networks are built for.
        context: what the ranker may use.

    Raises:
        RankingError: the ranker lacks what it needs.
    """
    if Need.IMAGES in ranker.needs and not isinstance(context.images, OwnImages):
        raise RankingError(
            f"{ranker.name} trains on your own images: give --data FOLDER, .pt or .npz "
            "(data=... in Python)"
        )
    seen = ranker.spaces_seen(context)
    networks, failures = look_at(given.candidates, setting, context.tell)
    failures = [*given.failures, *failures]
    if Need.SPECS in ranker.needs:
        networks, unknown = _specs_only(networks, ranker.name)
        failures += unknown
    places: list[Place] = []
    predictor, note = ranker.name, ""
    if networks:
        scored = ranker.score(networks, context)
        predictor, note = scored.predictor, scored.note
        for network, outcome in zip(networks, scored.outcomes, strict=True):
            if outcome.error:
                candidate = network.candidate
                failures.append(Failure(candidate.name, candidate.place, outcome.error))
                continue
            reason = outcome.reason + _has_seen(network, seen)
            places.append(
                Place(0, network, outcome.score, outcome.uncertainty, outcome.seconds, reason)
            )
    return Ranking(
        requested=ranker.name,
        predictor=predictor,
        note=note,
        images=context.images.description,
        spaces_seen=seen,
        places=ordered(places),
        failures=failures,
        budget=context.budget,
        seconds=time.perf_counter() - context.started,
    )


def ordered(places: Sequence[Place]) -> list[Place]:
    """Return places by score with their ranks; equal scores stand in the order of their names."""
    by_score = sorted(places, key=lambda place: (-place.score, place.network.name))
    found: list[Place] = []
    for number, place in enumerate(by_score, start=1):
        same = bool(found) and found[-1].score == place.score
        rank = found[-1].rank if same else number
        values = (place.network, place.score, place.uncertainty, place.seconds, place.reason)
        found.append(Place(rank, *values))
    return found


def make_ranker(name: str) -> Ranker:
    """Return a ranker by its name; RankingError if there is none."""
    return registry.create(name)


def _specs_only(networks: list[Network], ranker: str) -> tuple[list[Network], list[Failure]]:
    kept = [network for network in networks if network.candidate.arch is not None]
    failures = [
        Failure(network.name, network.candidate.place, f"{ranker} needs a spec of a known space")
        for network in networks
        if network.candidate.arch is None
    ]
    return kept, failures


def _has_seen(network: Network, seen: Sequence[str]) -> str:
    arch = network.candidate.arch
    if arch is None:
        return ""
    alike = {arch.space}.union(*(group for group in SAME_TOPOLOGY if arch.space in group))
    known = sorted(alike & set(seen))
    return f"; its checkpoint has seen labels of {', '.join(known)}" if known else ""


def or_none(value: float) -> float | None:
    """Return a number, None in the place of NaN: JSON and CSV have none."""
    return None if math.isnan(value) else value
