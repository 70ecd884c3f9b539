"""A made search space: networks are six switches, their label a weighted sum of those."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.base import Observations, Predictor
from nascast.search.problem import SearchProblem

SWITCHES = 6
NAMES = tuple("".join(bits) for bits in itertools.product("01", repeat=SWITCHES))
LABELS = {
    name: sum((i + 1) * int(bit) for i, bit in enumerate(name)) / 21 + 0.001 * i
    for i, name in enumerate(NAMES)
}
BEST = "1" * SWITCHES
SETTINGS = {
    "population": 6, "sample": 3, "initial": 8, "batch": 4, "candidates": 12, "parents": 3,
    "ensemble": 3,
}  # fmt: skip


def flips(name: str) -> list[str]:
    """Return the networks that differ in one switch."""
    return [name[:i] + ("1" if bit == "0" else "0") + name[i + 1 :] for i, bit in enumerate(name)]


def observe(names: Sequence[str]) -> Observations:
    """Return the switches as a feature."""
    rows = np.array([[int(bit) for bit in name] for name in names], dtype=np.float32)
    return Observations(tuple(names), 0, {"adjacency": rows.reshape(len(names), SWITCHES)})


PROBLEM = SearchProblem(NAMES, flips, observe)


class Hidden(Mapping[str, float]):
    """Labels that remember which of them were looked up."""

    def __init__(self, labels: Mapping[str, float] = LABELS) -> None:
        self.labels = labels
        self.seen: list[str] = []

    def __getitem__(self, name: str) -> float:
        self.seen.append(name)
        return self.labels[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("nobody may look through all labels")

    def __len__(self) -> int:
        raise AssertionError("nobody may look through all labels")


class Linear(Predictor):
    """Least squares on the switches with a little noise of its seed, and what it was shown."""

    name: ClassVar[str] = "linear"
    family: ClassVar[str] = "model-based"
    needs: ClassVar[frozenset[str]] = frozenset({"adjacency"})
    reference: ClassVar[str] = "a test"
    shown: ClassVar[list[Observations]] = []
    asked: ClassVar[list[Observations]] = []
    seeds: ClassVar[list[int]] = []

    def __init__(self, seed: int = 0) -> None:
        self.weights = np.zeros(SWITCHES + 1)
        self.noise = 0.01 * np.random.default_rng(seed).normal(size=SWITCHES + 1)
        Linear.seeds.append(seed)

    @staticmethod
    def forget() -> None:
        """Forget what all of them were shown."""
        for memory in (Linear.shown, Linear.asked, Linear.seeds):
            memory.clear()

    def fit(self, train: Observations) -> None:
        Linear.shown.append(train)
        self.weights = np.linalg.lstsq(design(train), train.require_labels(), rcond=None)[0]

    def predict(self, query: Observations) -> NDArray[np.float64]:
        Linear.asked.append(query)
        return np.asarray(design(query) @ (self.weights + self.noise))


def design(seen: Observations) -> NDArray[np.float64]:
    """Return the switches and a constant."""
    return np.c_[np.asarray(seen.feature("adjacency"), np.float64), np.ones(len(seen))]
