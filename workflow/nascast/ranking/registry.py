"""Every ranker by its name; all zero-cost proxies are rankers too.

Another distribution adds a ranker through the entry-point group ``nascast.rankers``.
"""

from __future__ import annotations

import difflib

from nascast.proxies import registry as proxies
from nascast.ranking.base import Ranker, RankingError
from nascast.registry import Registry

BUILT_IN = {
    "auto": "nascast.ranking.auto:Auto",
    "params": "nascast.ranking.shortcuts:Params",
    "macs": "nascast.ranking.shortcuts:Macs",
    "flops": "nascast.ranking.shortcuts:Flops",
    "nap2": "nascast.ranking.nap2:Nap2",
}
"""Rankers that are no proxies; the counts among the proxies are those of the same name here."""

REGISTRY = Registry("predictor", "nascast.rankers", BUILT_IN, RankingError)


def names() -> tuple[str, ...]:
    """Return the names of all rankers, proxies last."""
    own = REGISTRY.names()
    return (*own, *(name for name in proxies.names() if name not in own))


def check(name: str) -> str:
    """Return a name as it is; RankingError with close ones if there is no such ranker."""
    if name not in names():
        close = difflib.get_close_matches(name.lower(), names(), cutoff=0.5)
        hint = (
            f"did you mean {' or '.join(close)}?"
            if close
            else f"choose one of {', '.join(names())}"
        )
        raise RankingError(f"unknown predictor {name!r}: {hint}")
    return name


def create(name: str) -> Ranker:
    """Return the ranker registered under ``name``.

    Raises:
        RankingError: as :meth:`nascast.registry.Registry.load`, or it is no ranker.
    """
    check(name)
    if name not in REGISTRY.names():
        from nascast.ranking.zero_cost import ProxyRanker

        return ProxyRanker(name)
    found = REGISTRY.load(name)
    if not (isinstance(found, type) and issubclass(found, Ranker)):
        raise RankingError(f"predictor {name!r} does not fulfil the contract Ranker")
    return found()
