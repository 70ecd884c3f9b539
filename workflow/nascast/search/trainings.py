"""The trainings of a search: the only way to a label, and the count of what it costs."""

from __future__ import annotations

import time
from collections.abc import Mapping


class Trainings:
    """Trains networks one by one, which is to look up their labels, each once.

    A search, and a predictor within it, knows of labels only what this has revealed.

    Args:
        labels: label of every network by ``arch_id``, higher is better.
        most: how many trainings (queries) the search may spend.
    """

    def __init__(self, labels: Mapping[str, float], most: int) -> None:
        self._hidden = labels
        self._most = most
        self._start = time.perf_counter()
        self.revealed: dict[str, float] = {}
        """Labels of the trained networks, in the order of their trainings."""
        self.seconds: list[float] = []
        """Time since the search began, at each training; that of the training does not count."""

    def __len__(self) -> int:
        return len(self.revealed)

    def __contains__(self, name: object) -> bool:
        return name in self.revealed

    @property
    def left(self) -> int:
        """How many more networks may be trained."""
        return self._most - len(self)

    def train(self, name: str) -> float:
        """Return the label of a network.

        Raises:
            ValueError: it was trained before, or all trainings are spent.
        """
        if name in self.revealed:
            raise ValueError(f"{name} was trained before")
        if not self.left:
            raise ValueError(f"all {self._most} trainings are spent")
        self.seconds.append(time.perf_counter() - self._start)
        self.revealed[name] = self._hidden[name]
        return self.revealed[name]

    def best_first(self) -> list[str]:
        """Return the trained networks by falling label, of equal ones the earlier first."""
        return sorted(self.revealed, key=lambda name: -self.revealed[name])
