"""Tables of searches: how far the best network found is behind the best, by trained networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from nascast.tables import tidy
from nascast.tables.layout import Layout, lay_out

CONTEXT: Final = "search"
REGRET: Final = "regret"
SECONDS: Final = "search_seconds"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a table of searches holds.

    Attributes:
        methods: algorithm and predictor ("" without one) of every row.
        sources: label source of every task: "real", "minibench" or "missing: <what>".
        networks: how many networks can be found on each task that is not missing.
        show: numbers of trained networks.
        settings: of the predictors.
    """

    methods: Sequence[tuple[str, str]]
    sources: Mapping[str, str]
    networks: Mapping[str, int]
    show: Sequence[int]
    settings: str


def method_name(algorithm: str, predictor: str) -> str:
    """Return what a method is called in a table."""
    return f"{algorithm} ({predictor})" if predictor else algorithm


def build_table(curves: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return regret in the label's unit and seconds of computing, tidy; ``budget`` is trainings.

    Args:
        curves: of :func:`nascast.search.regret.regret_curves`.
        plan: rows and columns.
    """
    known = {
        (row["task"], row["algorithm"], row["predictor"], row["query"]): row
        for row in curves.to_dict("records")
    }
    cells: list[dict[str, Any]] = []
    for algorithm, predictor in plan.methods:
        for task, source in plan.sources.items():
            place = {
                "row": method_name(algorithm, predictor),
                "column": task,
                "context": CONTEXT,
                "settings": plan.settings if predictor else "published",
                "source": source,
            }
            for query in plan.show:
                cell = place | {"metric": REGRET, "budget": query}
                if source.startswith(tidy.MISSING):
                    cells.append(cell)
                    continue
                found = known[task, algorithm, predictor, query]
                counts = {"n": plan.networks[task], "seeds": found["seeds"]}
                interval = {name: found[name] for name in ("ci_low", "ci_high")}
                cells.append(cell | counts | interval | {"value": found["regret"]})
                spent = {"metric": SECONDS, "value": found["seconds"]}
                cells.append(cell | counts | spent)
    return tidy.tidy_table(pd.DataFrame(cells))


def lay_out_table(
    table: pd.DataFrame, title: str, substitutes: Mapping[str, str], notes: Sequence[str] = ()
) -> Layout:
    """Return the layout of :func:`build_table`: methods against tasks and trained networks.

    Args:
        table: its tidy rows.
        title: caption.
        substitutes: task to what was put in its place.
        notes: sentences below the table.
    """
    networks = table.dropna(subset="n").drop_duplicates("column")
    sizes = [
        f"{column}: {n} networks can be found."
        for column, n in zip(networks["column"], networks["n"], strict=True)
    ]
    return lay_out(
        # They are no test networks, which the layout would call them.
        table.assign(n=None),
        title=title,
        metric=REGRET,
        columns=("column", "budget"),
        headers={"budget": {query: f"{query} trained" for query in table["budget"].unique()}},
        substitutes=substitutes,
        notes=[
            "Regret: the best label of all networks that can be found, minus the best one among "
            "those trained so far.",
            *sizes,
            *notes,
        ],
        spread="half the width of the 95% bootstrap interval over seeds",
        lower_is_better=True,
        decimals=4,
    )
