"""Chooses a predictor for a budget: the best that we measured among those that fit.

The rule. Zero-cost proxies and shortcuts stand in the order of their mean Spearman correlation over
the search spaces of our own measurements (:mod:`nascast.ranking.known`). Where a proxy comes first,
a calibration proxy is run on the first network; its seconds here and its seconds in our
measurements give the speed of this machine and network, multiply-accumulates carry it over to the
other networks. The first of the order whose estimated seconds for all networks fit into what is
left of the budget is taken; shortcuts always fit.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from nascast.ranking import registry
from nascast.ranking.base import CandidateError, Context, Network, Ranker, Scored
from nascast.ranking.costs import duration, total_work
from nascast.ranking.known import Known, known_proxies
from nascast.ranking.shortcuts import Shortcut
from nascast.ranking.zero_cost import ProxyRanker, measure_one

CALIBRATION = "snip"
"""One forward and one backward pass: the unit in which costs are carried over."""
FALLBACK = "params"


class Auto(Ranker):
    """Looks up which predictor is best within the budget, and lets it rank."""

    name: str = "auto"
    reference: str = "nascast's own measurements; see docs/rank.md"
    seeds: ClassVar[int] = ProxyRanker.seeds

    def score(self, networks: Sequence[Network], context: Context) -> Scored:
        """Return what the chosen predictor says; the note says why it was chosen."""
        known = known_proxies()
        is_instant = _is_shortcut(next(iter(known)))
        speed = None if is_instant else _speed(networks, context, known)
        left = context.left()
        chosen, needed = choose(known, speed, left)
        ranker = registry.create(chosen)
        seeds = context.seeds or ranker.seeds
        if needed and left < seeds * needed:
            seeds = max(1, int(left / needed))
        scored = ranker.score(networks, replace(context, seeds=seeds))
        return replace(scored, note=f"{_why(known, chosen, needed, context)}. {scored.note}")


def choose(known: Mapping[str, Known], speed: float | None, left: float) -> tuple[str, float]:
    """Return the best known predictor that fits, and the seconds that one pass of it needs.

    Args:
        known: the best first.
        speed: seconds for all networks per second in our measurements; None where it could not be
            found out, then only shortcuts are considered.
        left: seconds of the budget.
    """
    for name, one in known.items():
        if _is_shortcut(name):
            return name, 0.0
        if speed is not None and speed * one.seconds <= left:
            return name, speed * one.seconds
    return FALLBACK, 0.0


def _is_shortcut(name: str) -> bool:
    return isinstance(registry.create(name), Shortcut)


def _speed(
    networks: Sequence[Network], context: Context, known: Mapping[str, Known]
) -> float | None:
    """Return the seconds for all networks per second of our measurements."""
    works = [network.macs for network in networks]
    for number, network in enumerate(networks):
        if context.left() <= 0:
            return None
        context.tell(f"calibrating on {network.name}")
        start = time.perf_counter()
        try:
            measure_one(network, CALIBRATION, context, 0)
        except CandidateError:
            continue  # it will be reported when it is scored
        seconds = time.perf_counter() - start
        return total_work(works, number) * seconds / known[CALIBRATION].seconds
    return None


def _why(known: Mapping[str, Known], chosen: str, needed: float, context: Context) -> str:
    if chosen not in known:
        return "chosen because nothing else fits into the budget"
    one = known[chosen]
    place = list(known).index(chosen) + 1
    measured = f"mean Spearman {one.spearman:.2f} in {one.spaces} search spaces of our own"
    if context.budget is None:
        return f"chosen as the best that we measured ({measured})"
    cost = f"about {duration(needed)} a pass" if needed else "no cost"
    if place == 1:
        which = f"the best that we measured ({measured})"
    else:
        which = f"number {place} of {len(known)} ({measured}); those before it would take longer"
    return f"chosen for {duration(context.budget)}: {which}; {cost}"
