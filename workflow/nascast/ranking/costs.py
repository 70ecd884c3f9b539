"""What is left to do and how long it will take, from what was measured so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from nascast.io.text_table import shortened


class Progress:
    """Tells how far a piece of work is and how long the rest takes at the speed so far.

    Args:
        what: the work, e.g. the predictor's name.
        works: of each network, in any unit, e.g. multiply-accumulates.
        tell: is told one line at a time.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        what: str,
        works: Sequence[float],
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._what = what
        self._works = [max(work, 1.0) for work in works]
        self._tell = tell
        self._clock = clock
        self._start = clock()

    def at(self, number: int, name: str, share: float = 0.0, detail: str = "") -> None:
        """Tell that network ``number`` (from 0) is at work, ``share`` of it done."""
        done = sum(self._works[:number]) + share * self._works[number]
        left = "" if not done else f", {duration(self._left(done))} left"
        behind = f" {detail}" if detail else ""
        self._tell(f"{self._what} {number + 1}/{len(self._works)} {shortened(name)}{behind}{left}")

    def _left(self, done: float) -> float:
        return (self._clock() - self._start) * (sum(self._works) - done) / done


def duration(seconds: float) -> str:
    """Return seconds as a person says them: ``8 s``, ``2 min 5 s``, ``1 h 3 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def total_work(works: Sequence[float], first: int = 0) -> float:
    """Return the work of all networks in units of that of one of them.

    Args:
        works: of each network, in any unit.
        first: the network that is the unit.
    """
    return sum(max(work, 1.0) for work in works) / max(works[first], 1.0)
