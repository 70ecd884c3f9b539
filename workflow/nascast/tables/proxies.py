"""Tables of zero-cost proxies: NAS-Bench-Suite-Zero's Figure 2, GENNAPE's Table 1, SNAP's Table 5.

Each is a plan of rows (proxies) and columns (the paper's tasks). A task is shown by the measured
one that stands for it; published numbers stand beside ours and are never put in their place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from nascast.tables import tidy
from nascast.tables.beside import beside_published, with_column
from nascast.tables.families import family_name
from nascast.tables.layout import Layout, lay_out

CONTEXT: Final = "zero-shot"
HEADLINE: Final = "spearman"
DEVIATION: Final = "spearman_deviation"
SECONDS: Final = "seconds"
SNAP: Final = "SNAP"
NEEDS: Final[Mapping[str, str]] = {SNAP: "the SNAP predictor"}
"""What rows need that are no proxies."""

SUITE_ZERO: Final = (
    "plain", "grasp", "fisher", "epe_nas", "grad_norm", "snip", "synflow", "l2_norm", "params",
    "zen", "jacov", "flops", "nwot",
)  # fmt: skip
"""The thirteen in the order of the published figure."""
NEWER: Final = ("knas", "logsynflow", "regions", "te_nas_ntk", "te_nas_regions", "zico")

_TRANSNAS: Final = (
    "jigsaw", "class_object", "class_scene", "autoencoder", "room_layout", "normal",
    "segmentsemantic",
)  # fmt: skip
NASBENCH201: Final = tuple(
    f"nasbench201-{name}" for name in ("cifar10", "cifar100", "imagenet16-120")
)
_CELLS: Final = (*NASBENCH201, "nasbench101-cifar10", "darts-cifar10")
_MICRO, _MACRO = (
    tuple(f"transnas_{level}-{task}" for task in _TRANSNAS) for level in ("micro", "macro")
)
_FAMILIES: Final = (
    "nasbench201-cifar10", "darts-cifar10", "proxylessnas-imagenet", "ofa_mbv3-imagenet",
    "ofa_resnet-imagenet", "hiaml-cifar10", "inception-cifar10", "two_path-cifar10",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """What a paper's table holds.

    Attributes:
        table: name under which its published values are stored.
        paper: file of its published values.
        rows: proxies in order.
        tasks: the paper's tasks in order.
        metrics: those that are published; the first is what a missing cell is missing.
        further: whether measured proxies and tasks that the paper lacks are added.
        protocol: what is known of how the published numbers were made, one sentence.
    """

    table: str
    paper: str
    rows: tuple[str, ...]
    tasks: tuple[str, ...]
    protocol: str
    metrics: tuple[str, ...] = (HEADLINE,)
    further: bool = False


PLANS: Final[Mapping[str, Plan]] = {
    "suite_zero": Plan(
        "proxies_table",
        "nas_bench_suite_zero",
        (*SUITE_ZERO, *NEWER),
        (*_CELLS, *_MICRO, *_MACRO),
        "Published: NAS-Bench-Suite-Zero, Figure 2, 1,000 random networks, full size, batch 64 "
        "(TransNAS-Bench-101: 32).",
        further=True,
    ),
    "gennape_table1": Plan(
        "gennape_table1",
        "gennape",
        ("synflow", "jacov", "fisher", "snip", "flops"),
        _FAMILIES,
        "Published: GENNAPE, Table 1; which networks, batch and initialisation is not stated.",
    ),
    "snap_table5": Plan(
        "snap_table5",
        "snap",
        ("params", "flops", "snip", "fisher", "synflow", "zen", "grad_norm", SNAP),
        NASBENCH201[:1],
        "Published: SNAP, Table 5; the image set is not stated, CIFAR-10 is assumed; 1,000 random "
        "networks as in its section 4.2.",
        metrics=("kendall_tau", HEADLINE),
    ),
}


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured.

    Attributes:
        scores: of :func:`nascast.evaluation.proxy_scores.score_proxies`, a frame a set of proxies;
            where several have a number, the first one's counts.
        sources: label source of each configured task: "real", "minibench" or "missing: <what>".
        stands_for: a task to the paper's task that it stands for.
        comparable: whether networks, images and batch size are the published ones.
        substitutes: a task to what was put in the place of its images.
    """

    scores: Sequence[pd.DataFrame]
    sources: Mapping[str, str]
    stands_for: Mapping[str, str]
    comparable: bool
    substitutes: Mapping[str, str]

    def measured(self) -> list[str]:
        """Return the tasks that have scores."""
        names = dict.fromkeys(task for frame in self.scores for task in frame["column"])
        return [str(name) for name in names]

    def place(self, task: str) -> tuple[str, str]:
        """Return which task shows a paper's task, and its source or what is missing."""
        for among in (self.measured(), list(self.sources)):
            if (found := shown_by(task, among, self.stands_for)) is not None:
                source = self.sources[found]
                known = found in self.measured() or source.startswith(tidy.MISSING)
                return found, source if known else f"{tidy.MISSING}proxies measured on {found}"
        return task, f"{tidy.MISSING}labels of {task}"


def shown_by(task: str, among: Collection[str], stands_for: Mapping[str, str]) -> str | None:
    """Return the task that shows a paper's task: itself, or one that stands for it; None if none.

    Args:
        task: the paper's.
        among: tasks to choose from, by preference.
        stands_for: a task to the paper's task that it stands for.
    """
    if task in among:
        return task
    return next((name for name in among if stands_for.get(name) == task), None)


def build_table(plan: Plan, run: Run) -> pd.DataFrame:
    """Return every row and column of a plan, tidy, published values merged.

    A proxy that was measured on a task and has no number is not defined for it. Beside the
    published metrics, all others that were scored ride along.
    """
    places = [run.place(task) for task in plan.tasks]
    rows = list(plan.rows)
    if plan.further:
        shown = {task for task, _ in places}
        places += [(task, run.sources[task]) for task in run.measured() if task not in shown]
        rows += [r for frame in run.scores for r in frame["row"].unique() if r not in rows]
    cells = [
        cell
        for row in dict.fromkeys(rows)
        for task, source in places
        for cell in _cells(row, task, source, plan, run)
    ]
    return tidy.merge_published(
        tidy.tidy_table(pd.DataFrame(cells)),
        published_rows(plan),
        comparable=run.comparable,
        stands_for=run.stands_for,
    )


def published_rows(plan: Plan) -> pd.DataFrame:
    """Return the published values of a plan's table."""
    published = tidy.load_published(plan.paper)
    return published[published["table"] == plan.table]


def _cells(row: str, task: str, source: str, plan: Plan, run: Run) -> list[dict[str, Any]]:
    place = {"row": row, "column": task, "budget": 0, "train_size": 0, "context": CONTEXT}
    if source.startswith(tidy.MISSING):
        need = source
    else:
        for frame in run.scores:
            found = frame[(frame["row"] == row) & (frame["column"] == task)]
            if len(found):
                records = found.to_dict("records")
                return [{str(k): v for k, v in r.items()} | {"source": source} for r in records]
        need = tidy.MISSING + _need(row, task, run)
    return [place | {"metric": metric, "source": need} for metric in plan.metrics]


def _need(row: str, task: str, run: Run) -> str:
    if row in NEEDS:
        return NEEDS[row]
    for frame in run.scores:
        if row in set(frame["row"]) and task in set(frame["column"]):
            return f"a definition of {row} for this task"
    return f"{row} measured on {task}"


def lay_out_table(
    name: str, table: pd.DataFrame, run: Run, title: str, notes: Sequence[str] = ()
) -> list[Layout]:
    """Return the paper's layout of a plan's table, published numbers beside ours.

    Args:
        name: of the plan.
        table: of :func:`build_table`.
        run: what was measured.
        title: caption.
        notes: sentences below each layout.
    """
    plan = PLANS[name]
    if name == "suite_zero":
        return _lay_out_suite(plan, table, run, title, notes)
    shown = beside_published(table)
    index: tuple[str, ...]
    columns: tuple[str, ...]
    headers: dict[str, dict[str, str]] = {}
    if name == "gennape_table1":
        headers["column"] = {task: _family(task) for task in table["column"]}
        index, columns = ("column",), ("row", "whose")
    else:
        headers["metric"] = {"kendall_tau": "Kendall tau", HEADLINE: "Spearman rho"}
        index, columns = ("metric", "whose"), ("row",)
        shown = shown.sort_values("metric", kind="stable", ignore_index=True)
    return [
        lay_out(
            shown,
            title=title,
            metric=plan.metrics,
            index=index,
            columns=columns,
            compare="rows",
            headers=headers,
            substitutes=run.substitutes,
            notes=_notes(plan, table, run, notes),
            decimals=2 if name == "snap_table5" else 3,
        )
    ]


def _notes(plan: Plan, rows: pd.DataFrame, run: Run, notes: Sequence[str]) -> list[str]:
    """Return the sentences below some rows of a plan's table."""
    below = [plan.protocol]
    below += [f"{n} stands for {run.stands_for[n]}." for n in _stand_ins(rows, run)]
    if (rows["verdict"] == "not comparable").any():
        below.append(
            "Published numbers were made on other networks, images or labels: no verdict on them."
        )
    return [*below, *notes] if rows["value"].notna().any() else below


def _family(task: str) -> str:
    return family_name(task.partition("-")[0])


def _stand_ins(rows: pd.DataFrame, run: Run) -> list[str]:
    return [name for name in rows["column"].unique() if run.stands_for.get(name, name) != name]


def _task_names(rows: pd.DataFrame, run: Run) -> dict[str, str]:
    """Return what stands behind a task's space; of a stand-in, also what it stands for."""
    names = {name: name.partition("-")[2] for name in rows["column"].unique()}
    for name in _stand_ins(rows, run):
        names[name] += f" for {run.stands_for[name].partition('-')[2]}"
    return names


def _lay_out_suite(
    plan: Plan, table: pd.DataFrame, run: Run, title: str, notes: Sequence[str]
) -> list[Layout]:
    """Return a layout each of the cell benchmarks, both levels of TransNAS, and what is beyond."""
    parts = {
        "NAS-Bench-201, NAS-Bench-101, NAS-Bench-301": _CELLS,
        "TransNAS-Bench-101 micro": _MICRO,
        "TransNAS-Bench-101 macro": _MACRO,
    }
    columns = {part: [run.place(task)[0] for task in tasks] for part, tasks in parts.items()}
    placed = {task for tasks in columns.values() for task in tasks}
    columns["further tasks"] = [t for t in table["column"].unique() if t not in placed]
    families = dict.fromkeys(SUITE_ZERO, "NAS-Bench-Suite-Zero") | dict.fromkeys(NEWER, "newer")
    published = published_rows(plan).dropna(subset="note")
    noted = {
        (str(row), run.place(str(task))[0]): str(note)
        for row, task, note in zip(
            published["row"], published["column"], published["note"], strict=True
        )
    }
    layouts = []
    for part, tasks in columns.items():
        rows = table[table["column"].isin(tasks)]
        if rows.empty:
            continue
        shown, spread = _with_deviation(rows)
        layout = lay_out(
            beside_published(shown, noted).assign(family=lambda both: both["column"].map(_family)),
            title=f"{title}: {part}",
            metric=HEADLINE,
            columns=("family", "column", "whose"),
            headers={"column": _task_names(rows, run)},
            families={row: families.get(row, "further") for row in table["row"].unique()},
            substitutes=run.substitutes,
            notes=_notes(plan, rows, run, notes),
            spread=spread,
            decimals=2,
        )
        seconds = rows[rows["metric"] == SECONDS].groupby("row")["value"].mean()
        values = [float(seconds.get(line.headers[0], np.nan)) for line in layout.lines]
        layouts.append(with_column(layout, ("cost", "seconds", "a network"), values, 4))
    return layouts


def _with_deviation(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the headline rows, ± being the deviation over initialisations if there are several."""
    headline = rows[rows["metric"] == HEADLINE]
    deviations = rows[rows["metric"] == DEVIATION].set_index(["row", "column"])["value"]
    if deviations.notna().sum() == 0:
        return headline, "half the width of the 95% bootstrap interval over networks"
    places = list(zip(headline["row"], headline["column"], strict=True))
    spread = np.array([deviations.get(place, np.nan) for place in places], np.float64)
    around = headline.assign(ci_low=headline["value"] - spread, ci_high=headline["value"] + spread)
    return around, "the standard deviation over initialisations"
