"""NAS-Bench-201's ``NAS-Bench-201-v1_1-096897.pth``: all cells in one pickle of two gigabytes.

Built whole it takes six times its size in memory. So every training is reduced to its label columns
as soon as its dictionary is complete, and every cell to its rows: pass :meth:`Cells.shrink` to what
reads the file, then take the rows from :meth:`Cells.frames`.

Source: Dong & Yang 2020, "NAS-Bench-201", section 2.4; the names are those of the published API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from nascast.labels.official.nats import cell_rows
from nascast.labels.official.rows import labels_frame
from nascast.labels.official.trials import check_seeds, is_trial, trial_values
from nascast.labels.schema import LabelError
from nascast.spaces.nasbench201 import NASBench201

_KEYS = ("meta_archs", "arch2infos", "evaluated_indexes")
_ROWS = 4096
# What is left of a training, and of one with the other schedule.
_VALUES, _DROPPED = "label columns", "another schedule"


class Cells:
    """Collects the label rows of a file while it is read.

    Args:
        file: its name, for messages and as the labels' source.
        epochs: the schedule, 12 or 200 epochs; trainings with the other one are dropped.
        runs: whether to give each training its own row, under the benchmark's seed, instead of the
            mean over the trainings of a cell on a data set.
    """

    def __init__(self, file: str, epochs: int = 200, runs: bool = False) -> None:
        self._file, self._epochs, self._runs = file, epochs, runs
        self._space = NASBench201()
        self._rows: list[dict[str, Any]] = []
        self._seen: set[str] = set()
        self._schedules: set[int] = set()

    def shrink(self, filled: dict[Any, Any]) -> None:
        """Reduce a dictionary that has just been filled, if it is a training or a cell.

        Raises:
            LabelError: naming the file, cell and training that is wrong.
        """
        if is_trial(filled):
            self._shrink_trial(filled)
        elif "arch_str" in filled and "all_results" in filled:
            self._take_cell(filled)
            filled.clear()

    def frames(self, content: Any, complete: bool = True) -> Iterator[pd.DataFrame]:
        """Yield Labels frames of up to 4,096 rows, after the whole file has been read.

        Args:
            content: what reading the file gave.
            complete: whether to ask for all 15,625 cells.

        Raises:
            LabelError: it is no such file, or cells are missing.
        """
        if not isinstance(content, Mapping) or any(key not in content for key in _KEYS):
            raise LabelError(
                f"{self._file}: needs {', '.join(_KEYS)}; it is no NAS-Bench-201 file of all cells"
            )
        if not self._rows:
            found = ", ".join(map(str, sorted(self._schedules))) or "none"
            raise LabelError(
                f"{self._file}: has no training of {self._epochs} epochs; it has {found}"
            )
        if complete and len(self._seen) != self._space.size:
            raise LabelError(
                f"{self._file}: {len(self._seen)} cells, expected all {self._space.size}; it is "
                "another file"
            )
        for start in range(0, len(self._rows), _ROWS):
            yield labels_frame(self._rows[start : start + _ROWS])

    def _shrink_trial(self, state: dict[Any, Any]) -> None:
        where = f"{self._file}, a training on {str(state.get('name'))[:40]}"
        epochs = state["epochs"]
        if isinstance(epochs, int):
            self._schedules.add(epochs)
        kept: dict[Any, Any] = {_DROPPED: True}
        if epochs == self._epochs:
            kept = {_VALUES: trial_values(where, str(state.get("name")), state)}
        for part in state.values():
            if isinstance(part, dict):
                part.clear()
        state.clear()
        state.update(kept)

    def _take_cell(self, state: Mapping[Any, Any]) -> None:
        where = f"{self._file}, cell {str(state['arch_str'])[:80]}"
        trials = state["all_results"]
        check_seeds(where, trials)
        if not isinstance(trials, Mapping) or not isinstance(state["arch_str"], str):
            raise LabelError(f"{where}: has no string of its cell")
        kept = {}
        for (dataset, seed), trial in trials.items():
            if not isinstance(trial, Mapping) or not {_VALUES, _DROPPED} & set(trial):
                raise LabelError(f"{where}, {dataset}, seed {seed}: is no training")
            if _VALUES in trial:
                kept[dataset, seed] = trial[_VALUES]
        if not kept:
            return
        try:
            arch = self._space.parse(state["arch_str"].strip())
        except ValueError as error:
            raise LabelError(f"{where}: {error}") from error
        if arch.spec in self._seen:
            raise LabelError(f"{where}: stands in the file twice with {self._epochs} epochs")
        self._seen.add(arch.spec)
        self._rows += cell_rows(where, arch, kept, self._file, self._runs)
