"""Chooses SNAP-R's recipe by how candidates stand shifts within NAS-Bench-101, and logs why."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from nascast.evaluation.metrics import kendall_tau
from nascast.predictors.snap_r.ensemble import Recipe, SnapR
from nascast.predictors.snap_r.shifts import Shift, split
from nascast.snap_r_sections import Candidate, SnapRSelection
from nascast.stages.snap_r_features import ALL_COLUMNS, Cells, Floats


def recipe_of(candidate: Candidate) -> Recipe:
    """Return the recipe that settings describe."""
    return Recipe(
        members=tuple((member.kind, dict(member.settings)) for member in candidate.members),
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


def select(settings: SnapRSelection, cells: Cells, labels: Floats) -> pd.DataFrame:
    """Return one row a candidate, best first.

    Columns: ``candidate``; ``criterion``, the mean tau of the worst shifts; ``mean`` and ``lowest``
    of all of them; ``chosen``, true for the first row; ``seconds`` of training and scoring; and the
    tau of every shift, ``<name>:<direction>``. Of equal criteria the earlier candidate wins.

    Args:
        settings: candidates, shifts and criterion.
        cells: of NAS-Bench-101.
        labels: their accuracies.
    """
    shifts = shifts_of(settings)
    parts = [
        split(shift, cells.features, ALL_COLUMNS, settings.train_cells, settings.test_cells)
        for shift in shifts
    ]
    rows = []
    for name, candidate in settings.candidates.items():
        start = time.perf_counter()
        taus = []
        for train, test in parts:
            model = SnapR(recipe_of(candidate), ALL_COLUMNS)
            model.fit(cells.among(train), labels[train])
            taus.append(kendall_tau(model.score(cells.among(test)), labels[test]))
        summary = {
            "candidate": name,
            "criterion": float(np.sort(taus)[: settings.worst].mean()),
            "mean": float(np.mean(taus)),
            "lowest": float(np.min(taus)),
            "chosen": False,
            "seconds": time.perf_counter() - start,
        }
        names = [f"{shift.name}:{shift.direction}" for shift in shifts]
        rows.append(summary | dict(zip(names, taus, strict=True)))
        print(f"{name}: criterion {summary['criterion']:.4f}, mean {summary['mean']:.4f}")
    log = pd.DataFrame(rows).sort_values(
        "criterion", ascending=False, kind="stable", ignore_index=True
    )
    log.loc[0, "chosen"] = True
    return log


def chosen(log: pd.DataFrame, settings: SnapRSelection) -> Candidate:
    """Return the candidate that a log marks as chosen.

    Raises:
        ValueError: it marks none or several, or one that the settings do not have.
    """
    names = log.loc[log["chosen"], "candidate"].tolist()
    if len(names) != 1 or names[0] not in settings.candidates:
        raise ValueError(f"the selection log marks {names} as chosen, expected one candidate")
    return settings.candidates[names[0]]
