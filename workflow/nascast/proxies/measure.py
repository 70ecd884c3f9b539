"""Measures many proxies of one network: what they share is computed once."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from nascast.proxies.base import Batch, Need, Proxy, Status, status_of
from nascast.proxies.layers import measuring
from nascast.proxies.registry import create
from nascast.proxies.shared_pass import SharedPass


@dataclass(frozen=True, slots=True)
class Score:
    """What one proxy says of one network.

    Attributes:
        value: the score as its source defines it; NaN where the proxy is not defined.
        status: what the value is worth.
        seconds: wall-clock time that the proxy takes by itself: its own work and the parts of the
            shared pass that it reads.
        reason: why the proxy is not defined, or empty.
    """

    value: float
    status: Status
    seconds: float
    reason: str = ""


def measure(
    model: nn.Module, batch: Batch, names: Iterable[str], seed: int = 0
) -> dict[str, Score]:
    """Return the scores of an untrained network.

    The model comes back as it was, whatever a proxy does to it; torch's global generators are left
    alone.

    Args:
        model: any network that turns ``batch.inputs`` into one tensor; on the batch's device.
        batch: the mini-batch.
        names: registered names of proxies.
        seed: of proxies that draw weights or images of their own.

    Returns:
        One score a name, in the order of the names. Overflow, NaN and tasks that a proxy is not
        defined for are statuses, not errors.

    Raises:
        ProxyError: a name is unknown, or the network has nothing that could be scored.
    """
    proxies = [create(name) for name in dict.fromkeys(names)]
    reasons = {proxy.name: proxy.undefined(batch) for proxy in proxies}
    defined = [proxy for proxy in proxies if reasons[proxy.name] is None]
    needs = frozenset(need for proxy in defined for need in proxy.needs)
    scores = {
        name: Score(math.nan, Status.UNDEFINED, 0.0, reason)
        for name, reason in reasons.items()
        if reason is not None
    }
    with _own_generators(batch), measuring(model):
        torch.manual_seed(seed)
        seen = SharedPass(model, batch, needs, seed)
        for proxy in defined:
            scores[proxy.name] = _score(proxy, seen)
    return {proxy.name: scores[proxy.name] for proxy in proxies}


def _score(proxy: Proxy, seen: SharedPass) -> Score:
    start = time.perf_counter()
    value = proxy.score(seen)
    own = time.perf_counter() - start
    return Score(value, status_of(value), own + _shared_cost(proxy.needs, seen))


def _shared_cost(needs: frozenset[Need], seen: SharedPass) -> float:
    return sum(seen.seconds.get(part, 0.0) for part in seen.parts_of(needs))


@contextmanager
def _own_generators(batch: Batch) -> Iterator[None]:
    device = batch.inputs.device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield
