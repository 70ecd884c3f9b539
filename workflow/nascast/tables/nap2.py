"""NAP2's tables (TMLR submission 7645): Tables 4-6 and the transfer matrix.

Tables 4, 5 and 6 rank methods on one image set each (CIFAR-10, CIFAR-100, ImageNet16-120) over
query budgets, predictors being trained on networks of the same task. The transfer matrix takes
every ordered pair of tasks: trained on the source, asked about the target, with nothing of the
target used. Which method stands in which row and at which budgets is known from the public code
beside the paper; few of the values are public (``published/nap2.csv``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from nascast.tables import tidy

IN_DOMAIN: Final = "in-domain"
HEADLINE: Final = "kendall_tau"
LEARNED: Final = "learning-based"
HYBRID: Final = "hybrid"
CURVE: Final = "learning curve"
ZERO_COST: Final = "zero-cost"
SHORTCUT: Final = "shortcut"
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Row:
    """A method's place in the tables.

    Attributes:
        name: the predictor's name in the predictions.
        family: heading under which it stands.
        learns: whether it is trained on labelled networks, so that a source task matters.
        needs: what is missing where a run has no predictions of it at all.
    """

    name: str
    family: str
    learns: bool
    needs: str = "this method in the experiment's list of predictors"


_EXTRAPOLATION: Final = "a predictor that extrapolates learning curves"
_PROXIES: Final = "this proxy as a predictor of the experiment; proxies_table has its scores"

ROWS: Final = (
    Row("NAP2", LEARNED, learns=True),
    Row("NAP2-X", LEARNED, learns=True),
    Row("NAP2-LSTM", LEARNED, learns=True),
    Row("Forest (trace averages)", HYBRID, learns=True),
    Row("Forest (losses only)", HYBRID, learns=True),
    Row("SoTL", CURVE, learns=False),
    Row("SoTL-E", CURVE, learns=False),
    Row("Early Stop (acc)", CURVE, learns=False),
    Row("Early Stop (loss)", CURVE, learns=False),
    Row("LCE-m", CURVE, learns=False, needs=_EXTRAPOLATION),
    Row("LC-PFN", CURVE, learns=False, needs=_EXTRAPOLATION),
    Row("SynFlow", ZERO_COST, learns=False, needs=_PROXIES),
    Row("GradNorm", ZERO_COST, learns=False, needs=_PROXIES),
    Row("SNIP", ZERO_COST, learns=False, needs=_PROXIES),
    Row("params", SHORTCUT, learns=False),
    Row("MACs", SHORTCUT, learns=False),
    Row("effective params", SHORTCUT, learns=False),
    Row("convolutions", SHORTCUT, learns=False),
    Row("convs per path", SHORTCUT, learns=False),
)
"""All methods in the tables' order; those that a run lacks stand as missing."""

FAMILIES: Final[Mapping[str, str]] = {row.name: row.family for row in ROWS}


def rows_named(names: Collection[str]) -> tuple[Row, ...]:
    """Return the named methods in the tables' order; an unknown one is learned and comes last."""
    known = tuple(row for row in ROWS if row.name in names)
    others = [name for name in names if name not in FAMILIES]
    return (*known, *(Row(name, OTHER, learns=True) for name in others))


@dataclass(frozen=True, slots=True)
class Protocol:
    """What one run of the tables was made with.

    Attributes:
        budgets: query budgets in mini-batches, ascending.
        train_size: labelled networks a predictor used, train and validation together.
        comparable: whether networks, batch size and budgets are the paper's.
        sources: label source of each task: "real", "minibench" or "missing: <what is needed>".
        stands_for: a task to the paper's task it stands for.
    """

    budgets: tuple[int, ...]
    train_size: int
    comparable: bool
    sources: Mapping[str, str]
    stands_for: Mapping[str, str]

    def source(self, task: str) -> str:
        """Return the task's label source; a task nobody configured is missing its labels."""
        return self.sources.get(task, f"{tidy.MISSING}labels of {task}")


def build_image_table(
    name: str, scores: pd.DataFrame, task: str, protocol: Protocol, rows: Sequence[Row] = ROWS
) -> pd.DataFrame:
    """Return a table such as 4, 5 or 6: every row and budget of the plan on one task, tidy.

    A method without budget (a shortcut, scored at budget 0) holds at every budget. Beside the
    headline metric, all others that were scored ride along.

    Args:
        name: the table's name; published values are found by it, e.g. "nap2_table4".
        scores: rows of ``nascast.evaluation.scores``, of any tasks and contexts.
        task: the task in the table's place, e.g. "nasbench201-scenes10" for Table 4.
        protocol: the run's budgets, sizes and sources.
        rows: methods in order, see :func:`rows_named`.
    """
    cells = _Cells(scores, protocol)
    table = [
        cell
        for row in rows
        for budget in protocol.budgets
        for cell in cells.find(row, task, budget, IN_DOMAIN, task)
    ]
    return _finished(name, table, protocol)


def build_transfer_table(
    name: str,
    scores: pd.DataFrame,
    tasks: Sequence[str],
    protocol: Protocol,
    rows: Sequence[Row] = ROWS,
) -> pd.DataFrame:
    """Return the transfer matrix: every learned method, ordered pair of tasks and budget.

    The diagonal is the in-domain result. Methods that do not learn have no source; they stand
    once per target, in-domain, for comparison.

    Args:
        name: the table's name, e.g. "nap2_transfer".
        scores: rows of ``nascast.evaluation.scores``.
        tasks: sources and targets in order.
        protocol: the run's budgets, sizes and sources.
        rows: methods in order.
    """
    cells = _Cells(scores, protocol)
    table = [
        cell
        for row in rows
        for source in (tasks if row.learns else [""])
        for target in tasks
        for budget in protocol.budgets
        for cell in cells.find(
            row,
            target,
            budget,
            IN_DOMAIN if source in ("", target) else f"from {source}",
            source or target,
        )
    ]
    return _finished(name, table, protocol)


def with_source_column(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``trained on`` (a task, or "–") to a transfer matrix, for its layout."""
    learns = {row.name: row.learns for row in ROWS}
    trained_on = [
        (context.removeprefix("from ") if context != IN_DOMAIN else column)
        if learns.get(row, True)
        else "–"
        for row, column, context in zip(
            table["row"], table["column"], table["context"], strict=True
        )
    ]
    return table.assign(**{"trained on": trained_on})


class _Cells:
    """Scored cells by their place, and what is needed where there is none."""

    def __init__(self, scores: pd.DataFrame, protocol: Protocol) -> None:
        self._protocol = protocol
        fitting = scores[scores["train_size"].isin([protocol.train_size, 0])]
        # The published settings win over quick ones where a run has both.
        preferred = fitting.assign(second=fitting["settings"] != "published")
        preferred = preferred.sort_values("second", kind="stable").drop(columns="second")
        place = ["row", "column", "budget", "context"]
        preferred = preferred.drop_duplicates([*place, "metric"])
        self._scored: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for record in preferred.to_dict("records"):
            key = tuple(record[name] for name in place)
            self._scored.setdefault(key, []).append({str(k): v for k, v in record.items()})
        self._methods = set(scores["row"])

    def find(
        self, row: Row, task: str, budget: int, context: str, trained_on: str
    ) -> list[dict[str, Any]]:
        """Return the place's rows, one a metric, or one that says what is missing."""
        place = {"row": row.name, "column": task, "budget": budget, "context": context}
        sources = [self._protocol.source(name) for name in (task, trained_on)]
        missing = [source for source in sources if source.startswith(tidy.MISSING)]
        if missing:
            return [self._absent(place, missing[0])]
        source = tidy.MINIBENCH if tidy.MINIBENCH in sources else tidy.REAL
        found = self._scored.get((row.name, task, budget, context))
        found = found or self._scored.get((row.name, task, 0, context), [])
        cells = [record | {"budget": budget, "source": source} for record in found]
        if any(cell["metric"] == HEADLINE for cell in cells):
            return cells
        return [self._absent(place, tidy.MISSING + self._need(row, budget, context)), *cells]

    def _absent(self, place: Mapping[str, Any], source: str) -> dict[str, Any]:
        size = self._protocol.train_size
        return {**place, "metric": HEADLINE, "train_size": size, "source": source}

    def _need(self, row: Row, budget: int, context: str) -> str:
        if row.name not in self._methods:
            return row.needs
        where = "" if context == IN_DOMAIN else f" {context}"
        return f"predictions{where} after {budget} mini-batches"


def _finished(name: str, cells: list[dict[str, Any]], protocol: Protocol) -> pd.DataFrame:
    table = tidy.tidy_table(pd.DataFrame(cells))
    published = tidy.load_published("nap2")
    return tidy.merge_published(
        table,
        published[published["table"] == name],
        comparable=protocol.comparable,
        stands_for=protocol.stands_for,
    )
