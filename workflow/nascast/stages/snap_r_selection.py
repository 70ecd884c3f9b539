"""Chooses SNAP-R's recipe by how candidates stand shifts within NAS-Bench-101, and logs why.

Two kinds of shifts: other cells than those that were trained on, and other labels for cells, from
trainings on other images at another scale. Both are NAS-Bench-101's.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nascast.evaluation.metrics import kendall_tau
from nascast.predictors.snap_r.ensemble import Part, Recipe, SnapR
from nascast.predictors.snap_r.shifts import Shift, split
from nascast.seeds import derive_seed
from nascast.snap_r_sections import Candidate, SnapRSelection
from nascast.stages.snap_r_features import ALL_COLUMNS, Cells, Floats


@dataclass(frozen=True, slots=True)
class _Test:
    """Rows that are trained on, rows that are ranked, and the labels of the latter."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    labels: Floats


def recipe_of(candidate: Candidate) -> Recipe:
    """Return the recipe that settings describe."""
    return Recipe(
        members=tuple(
            Part(member.kind, dict(member.settings), tuple(member.reads), member.weight)
            for member in candidate.members
        ),
        keep=tuple(candidate.keep),
        drop=tuple(candidate.drop),
        target=candidate.target,
    )


def shifts_of(settings: SnapRSelection) -> list[Shift]:
    """Return every shift in each of its directions."""
    return [
        Shift(name, shift.column, shift.low, shift.high, direction)
        for name, shift in settings.shifts.items()
        for direction in shift.directions
    ]


def select(
    settings: SnapRSelection, cells: Cells, labels: Floats, concepts: Mapping[str, Floats]
) -> pd.DataFrame:
    """Return one row a candidate, best first.

    Columns: ``candidate``; ``criterion``; ``worst``, the mean tau of the worst shifts, ``concept``,
    the mean tau with labels of other trainings (NaN without any), of which it is the weighted
    mean; ``mean`` of all shifts; ``chosen``, true for the first row; ``seconds`` of what had
    not been trained before; and every tau, ``<shift>:<direction>`` and ``concept:<part>``. Of equal
    criteria the earlier candidate wins.

    Args:
        settings: candidates, shifts and criterion.
        cells: of NAS-Bench-101.
        labels: their accuracies, ``(n,)``.
        concepts: other labels of the same cells, ``(n,)``, NaN where a cell has none.
    """
    tests = _shift_tests(settings, cells, labels)
    others = _concept_tests(settings, labels, concepts)
    ranking = _Ranking(cells, labels)
    rows = []
    for name, candidate in settings.every_candidate.items():
        start = time.perf_counter()
        taus, further = (ranking.taus(candidate, part) for part in (tests, others))
        worst = float(np.sort(list(taus.values()))[: settings.worst].mean())
        concept = float(np.mean(list(further.values()))) if further else float("nan")
        share = settings.concept_weight if further else 0.0
        criterion = (1 - share) * worst + (share * concept if share else 0.0)
        summary = {
            "candidate": name,
            "criterion": criterion,
            "worst": worst,
            "concept": concept,
            "mean": float(np.mean(list(taus.values()))),
            "chosen": False,
            "seconds": time.perf_counter() - start,
        }
        rows.append(summary | taus | further)
        print(f"{name}: criterion {criterion:.4f}, worst {worst:.4f}, concept {concept:.4f}")
    log = pd.DataFrame(rows).sort_values(
        "criterion", ascending=False, kind="stable", ignore_index=True
    )
    log.loc[0, "chosen"] = True
    return log


def _shift_tests(settings: SnapRSelection, cells: Cells, labels: Floats) -> dict[str, _Test]:
    tests = {}
    for shift in shifts_of(settings):
        limits = settings.train_cells, settings.test_cells
        train, test = split(shift, cells.features, ALL_COLUMNS, *limits)
        tests[f"{shift.name}:{shift.direction}"] = _Test(train, test, labels[test])
    return tests


def _concept_tests(
    settings: SnapRSelection, labels: Floats, concepts: Mapping[str, Floats]
) -> dict[str, _Test]:
    """Return tests on cells that were trained otherwise too, which are not trained on."""
    tests = {}
    for name, values in concepts.items():
        test = np.flatnonzero(np.isfinite(values))
        rest = np.flatnonzero(np.isnan(values))
        rng = np.random.default_rng(derive_seed("snap_r", "concept", name))
        train = np.sort(rng.permutation(rest)[: settings.train_cells])
        tests[f"concept:{name}"] = _Test(train, test, values[test])
    return tests


class _Ranking:
    """Scores of candidates; a member that several candidates share is trained once a test."""

    def __init__(self, cells: Cells, labels: Floats) -> None:
        self._cells, self._labels = cells, labels
        self._scores: dict[str, Floats] = {}

    def taus(self, candidate: Candidate, tests: Mapping[str, _Test]) -> dict[str, float]:
        """Return the tau of a candidate in each test."""
        recipe = recipe_of(candidate)
        weights = [part.weight for part in recipe.members]
        taus = {}
        for name, test in tests.items():
            scores = [self._score(replace(recipe, members=(p,)), test) for p in recipe.members]
            mean = np.average(scores, axis=0, weights=weights)
            taus[name] = kendall_tau(mean, test.labels)
        return taus

    def _score(self, recipe: Recipe, test: _Test) -> Floats:
        """Return the scores of one member: its weight alone makes no difference."""
        key = f"{replace(recipe, members=(replace(recipe.members[0], weight=1.0),))} {id(test)}"
        if key not in self._scores:
            model = SnapR(recipe, ALL_COLUMNS)
            model.fit(self._cells.among(test.train), self._labels[test.train])
            self._scores[key] = model.score(self._cells.among(test.test))
        return self._scores[key]


def chosen(log: pd.DataFrame, settings: SnapRSelection) -> Candidate:
    """Return the candidate that a log marks as chosen.

    Raises:
        ValueError: it marks none or several, or one that the settings do not have.
    """
    names, known = log.loc[log["chosen"], "candidate"].tolist(), settings.every_candidate
    if len(names) != 1 or names[0] not in known:
        raise ValueError(f"the selection log marks {names} as chosen, expected one candidate")
    return known[names[0]]
