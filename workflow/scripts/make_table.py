"""Fill one table of a paper from an experiment's scores and render it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from nascast.stages.runner import stage
from nascast.stages.tables import write_table
from nascast.tables import nap2
from nascast.tables.layout import Layout, lay_out


def make_protocol(job: Any, scores: pd.DataFrame) -> nap2.Protocol:
    """Return what the run was made with; the training size is the one that was really used."""
    tasks = job.params.tasks
    return nap2.Protocol(
        budgets=tuple(job.params.experiment["budgets"]),
        train_size=int(scores["train_size"].max()) if len(scores) else 0,
        comparable=job.params.comparable,
        sources={name: task["labels"] for name, task in tasks.items()},
        stands_for={n: task["stands_for"] for n, task in tasks.items() if task["stands_for"]},
    )


def lay_out_table(
    table: pd.DataFrame, settings: Mapping[str, Any], tasks: Mapping[str, Any], size: int
) -> list[Layout]:
    """Return the paper's layout, one for each budget shown of a transfer matrix."""
    substitutes = {n: task["substitute"] for n, task in tasks.items() if task["substitute"]}
    shown = [settings["task"]] if settings["task"] else list(tasks)
    notes = list(dict.fromkeys(tasks[name]["note"] for name in shown if tasks[name]["note"]))
    notes.append(f"Trained on {size} networks, a fifth of them for early stopping.")
    if settings["layout"] == "budgets":
        headers = {"budget": {b: f"{b} batches" for b in table["budget"].unique()}}
        return [
            lay_out(
                table,
                title=settings["title"],
                headers=headers,
                families=nap2.FAMILIES,
                substitutes=substitutes,
                notes=notes,
            )
        ]
    budgets = settings["show"] or sorted(table["budget"].unique())
    matrix = nap2.with_source_column(table)
    return [
        lay_out(
            matrix[matrix["budget"] == budget],
            title=f"{settings['title']}; {budget} mini-batches",
            index=("row", "trained on"),
            columns=("column",),
            substitutes=substitutes,
            notes=notes,
        )
        for budget in budgets
    ]


def main(job: Any) -> None:
    """Write the tidy rows and three renderings."""
    settings, experiment = job.params.table, job.params.experiment
    scores = pd.read_csv(job.input.scores)
    protocol = make_protocol(job, scores)
    name = job.wildcards.table
    if settings["layout"] == "budgets":
        table = nap2.build_image_table(name, scores, settings["task"], protocol)
    else:
        rows = nap2.rows_named(experiment["transfer"])
        table = nap2.build_transfer_table(name, scores, experiment["tasks"], protocol, rows)
    layouts = lay_out_table(table, settings, job.params.tasks, protocol.train_size)
    write_table(name, table, layouts, job.output)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
