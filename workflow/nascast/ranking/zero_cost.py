"""Zero-cost proxies as rankers: one mini-batch an initialisation."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from nascast.errors import NascastError
from nascast.proxies import registry as proxies
from nascast.proxies.base import Batch, Status
from nascast.proxies.measure import measure
from nascast.ranking.base import CandidateError, Context, Network, Outcome, Ranker, Scored
from nascast.ranking.costs import Progress
from nascast.ranking.looking import ready
from nascast.ranking.user_code import describe
from nascast.seeds import derive_seed

_WRONG = {
    Status.OVERFLOW: "is beyond the numbers' range (infinite)",
    Status.NAN: "is not a number",
}


@dataclass
class _Found:
    """What was measured of one network."""

    values: list[float] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""


class ProxyRanker(Ranker):
    """Ranks by one proxy: the mean over initialisations, each with a mini-batch of its own.

    Args:
        proxy: its registered name.
    """

    seeds: ClassVar[int] = 3

    def __init__(self, proxy: str) -> None:
        kind = proxies.create(proxy)
        self.name = proxy
        self.reference = kind.reference
        self._sign = 1.0 if kind.higher_is_better else -1.0

    def score(self, networks: Sequence[Network], context: Context) -> Scored:
        """Return mean and deviation of the proxy, turned so that higher is better.

        Within a budget, initialisations are left out that would not fit any more; each network is
        measured once in any case.
        """
        found = [_Found() for _ in networks]
        wanted = context.seeds or self.seeds
        done = 0
        for repeat in range(wanted):
            start = time.perf_counter()
            self._pass(networks, found, context, repeat)
            done += 1
            if time.perf_counter() - start > context.left():
                break
        note = f"{self.name} ({self.reference}), on {context.images.description}"
        if self._sign < 0:
            note += "; lower is better in its source, so it stands here with a minus"
        if done < wanted:
            note += f"; the budget was enough for {done} of {wanted} initialisations"
        outcomes = [self._outcome(one, context) for one in found]
        return Scored(outcomes, self.name, note)

    def _pass(
        self, networks: Sequence[Network], found: list[_Found], context: Context, repeat: int
    ) -> None:
        what = f"{self.name}, initialisation {repeat + 1},"
        progress = Progress(what, [network.macs for network in networks], context.tell)
        for number, (network, one) in enumerate(zip(networks, found, strict=True)):
            if one.error or (repeat and not network.candidate.repeatable):
                continue
            progress.at(number, network.name)
            start = time.perf_counter()
            try:
                one.values.append(self._sign * measure_one(network, self.name, context, repeat))
            except CandidateError as error:
                one.error = str(error)
            one.seconds += time.perf_counter() - start

    def _outcome(self, one: _Found, context: Context) -> Outcome:
        if one.error:
            return Outcome(seconds=one.seconds, error=one.error)
        count = len(one.values)
        spread = statistics.stdev(one.values) if count > 1 else math.nan
        what = "the weights given" if count == 1 else f"mean of {count} initialisations"
        reason = f"{self.name}, {what}, a mini-batch of {context.batch_size}"
        return Outcome(statistics.fmean(one.values), spread, one.seconds, reason)


def measure_one(network: Network, proxy: str, context: Context, repeat: int) -> float:
    """Return a proxy's value of one initialisation, as its source defines it.

    Raises:
        CandidateError: the network cannot be measured, or the value is not finite.
    """
    model = ready(network.candidate, repeat, context.device)
    batch = batch_for(network, context, repeat)
    seed = derive_seed("rank", network.name, repeat)
    try:
        score = measure(model, batch, [proxy], seed)[proxy]
    except NascastError as error:
        raise CandidateError(str(error)) from error
    except Exception as error:  # whatever the user's forward or its derivatives raise
        raise CandidateError(f"{proxy} cannot be measured: {describe(error)}") from error
    if score.status is Status.UNDEFINED:
        raise CandidateError(f"{proxy} is not defined here: {score.reason}")
    if score.status is not Status.OK:
        raise CandidateError(
            f"{proxy} {_WRONG[score.status]} for this network; try another predictor"
        )
    return score.value


def batch_for(network: Network, context: Context, repeat: int) -> Batch:
    """Return the mini-batch of an initialisation: the same for all networks of a shape.

    Raises:
        CandidateError: the network does not fit the images.
    """
    from torch.nn import functional

    classes = network.classes(context.images.classes)
    inputs, labels = context.images.batch(
        network.shape,
        context.batch_size,
        classes,
        derive_seed("rank", "batch", repeat),
        network.candidate.example,
    )
    inputs, labels = inputs.to(context.device), labels.to(context.device)
    return Batch(inputs, labels, functional.cross_entropy, labels, classes)
