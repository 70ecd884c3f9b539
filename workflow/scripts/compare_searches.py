"""Compare the searches of a section: curves of their regret, a table and a figure."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.atomic import atomic_write_bytes, atomic_write_text
from nascast.io.parquet import read_parquet
from nascast.report.regret_figures import regret_figure
from nascast.search.regret import regret_curves
from nascast.stages.features import all_labels
from nascast.stages.runner import stage
from nascast.stages.schemas import SEARCHES_SCHEMA
from nascast.stages.tables import write_table
from nascast.tables import regrets

FIGURE_COLUMNS = 2


def notes_of(job: Any) -> list[str]:
    """Return what a reader must know about labels and searches."""
    search, tasks = job.params.search, job.params.tasks
    notes = [
        f"{name} stands for {t['stands_for']}." for name, t in tasks.items() if t["stands_for"]
    ]
    notes += dict.fromkeys(task["note"] for task in tasks.values() if task["note"])
    if search["neighbours"] is not None:
        notes.append(
            "The labelled networks are a sample of their space: a mutation leads to one of the "
            f"{search['neighbours']} nearest labelled ones."
        )
    if search["predictors"]:
        notes.append(
            f"Guided searches train {search['initial']} random networks, then {search['batch']} "
            f"at a time out of {search['candidates']} mutations of the {search['parents']} best."
        )
    return notes


def main(job: Any) -> None:
    """Write curves, table and figure."""
    search, tasks, name = job.params.search, job.params.tasks, job.wildcards.search
    labels = {
        task: all_labels(path, tasks[task]["label_images"], tasks[task]["label_column"])
        for task, path in zip(job.params.live, job.input.labels, strict=True)
    }
    runs = [read_parquet(path) for path in job.input.runs]
    curves = regret_curves(
        pd.concat(runs, ignore_index=True) if runs else SEARCHES_SCHEMA.empty_table().to_pandas(),
        {task: max(known.values()) for task, known in labels.items()},
        resamples=search["bootstrap"],
    )
    atomic_write_text(Path(job.output.curves), curves.to_csv(index=False, float_format="%.6g"))
    sources = {task: settings["labels"] for task, settings in tasks.items()}
    plan = regrets.Plan(
        methods=job.params.methods,
        sources=sources,
        networks={task: len(known) for task, known in labels.items()},
        show=search["show"],
        settings=search["settings"],
    )
    table = regrets.build_table(curves, plan)
    substitutes = {n: task["substitute"] for n, task in tasks.items() if task["substitute"]}
    layout = regrets.lay_out_table(table, search["title"], substitutes, notes_of(job))
    write_table(name, table, [layout], job.output)
    figure = regret_figure(name, curves, sources)
    atomic_write_text(Path(job.output.svg), figure.svg(FIGURE_COLUMNS))
    atomic_write_bytes(Path(job.output.png), figure.png(FIGURE_COLUMNS))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
