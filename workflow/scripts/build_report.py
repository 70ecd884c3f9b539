"""Build one self-contained page from tables, predictions and traces."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.atomic import atomic_write_text
from nascast.io.parquet import read_parquet, read_provenance
from nascast.report import figures, heat_maps, html, sections
from nascast.report.canvas import Figure
from nascast.stages.features import read_labels
from nascast.stages.pictures import network_trace
from nascast.stages.runner import stage
from nascast.tables import tidy

MAIN = "NAP2"


def graphic(figure: Figure, anchor: str, title: str, caption: str) -> html.Graphic:
    """Return a figure as a block of the page."""
    return html.Graphic(anchor, title, caption, figure.panel_svgs())


def cost_figures(job: Any, scores: pd.DataFrame) -> list[html.Block]:
    """Return rank correlation against budget and against measured seconds."""
    sources = {name: task["labels"] for name, task in job.params.tasks.items()}
    tidy_rows = tidy.tidy_table(scores.assign(source=scores["column"].map(sources)))
    return [
        graphic(
            figures.tau_against_query_cost(tidy_rows, axis="budget", highlight=MAIN),
            "tau-budget",
            "Rank correlation against budget",
            "Kendall tau on held-out networks against mini-batches of partial training; bands are "
            "95% bootstrap intervals.",
        ),
        graphic(
            figures.tau_against_query_cost(tidy_rows, axis="query_seconds", highlight=MAIN),
            "tau-seconds",
            "Rank correlation against measured seconds",
            "The same against the measured seconds a network costs on this machine: partial "
            "training with recording, and prediction.",
        ),
    ]


def rank_figure(job: Any, predictions: pd.DataFrame) -> html.Block:
    """Return predicted against true ranks at the middle budget."""
    budgets = sorted(job.params.experiment["budgets"])
    budget = budgets[len(budgets) // 2]
    return graphic(
        figures.predicted_against_true_rank(predictions, MAIN, budget),
        "ranks",
        f"Predicted and true rank, {MAIN} after {budget} mini-batches",
        "One point a held-out network; on the diagonal a rank is predicted exactly.",
    )


def trace_figures(job: Any) -> list[html.Block]:
    """Return the learning curves of the first task and the trace of its best network."""
    name, task = next(iter(job.params.tasks.items()))
    sizes = read_parquet(job.input.sizes).set_index("arch_id")
    labels = read_labels(
        job.input.labels, task["label_images"], task["label_column"], list(sizes.index)
    )
    steps = read_parquet(list(job.input.steps))
    ranked = pd.Series(labels)
    norms, snapshots, best = network_trace(
        job.input.statistics, ranked, tensor="gradient", statistic="l2_norm"
    )
    return [
        graphic(
            figures.learning_curves(steps, ranked, title=f"training loss, {name}"),
            "learning-curves",
            "Learning curves of the partial trainings",
            "Training loss by mini-batch, networks grouped by their final label: median and middle "
            "half of each group.",
        ),
        graphic(
            heat_maps.trace_heat_map(norms, snapshots, network=sizes.loc[best, "spec"]),
            "trace",
            "What a trace looks like",
            f"L2 norm of each layer's gradient at each snapshot of one good network of {name}.",
        ),
    ]


def overview(job: Any, scores: pd.DataFrame) -> tuple[html.Block, ...]:
    """Return the box at the top."""
    experiment, protocol = job.params.experiment, job.params.protocol
    folds = experiment["run_folds"] or list(range(experiment["folds"]))
    scale = protocol["scale"]
    # The target comes first: `--configfile` would swallow one that follows it.
    config = "" if job.params.tier == "mini" else f" --configfile config/{job.params.tier}.yaml"
    return sections.summary(
        tier=job.params.tier,
        tasks=list(job.params.tasks),
        networks=f"{protocol['networks']} of NAS-Bench-201, C={scale['channels']}, "
        f"N={scale['repeats']}, {protocol['image_size']} pixels, batch {protocol['batch_size']}; "
        f"{int(scores['train_size'].max())} of them to train on, {len(folds)} of "
        f"{experiment['folds']} folds",
        budgets=experiment["budgets"],
        labels=" ".join(dict.fromkeys(task["note"] for task in job.params.tasks.values())),
        seeds=f"{experiment['seeds']} a fold; settings: {experiment['settings']}",
        commands=[f"snakemake {job.output[0]} --cores 2{config}"],
    )


def main(job: Any) -> None:
    """Write the page."""
    scores = pd.read_csv(job.input.scores)
    tables = {
        name: tidy.table_from_csv(Path(path).read_text())
        for name, path in zip(job.params.tables, job.input.tables, strict=True)
    }
    predictions = read_parquet(list(job.input.predictions))
    fragments = [html.ResultTable(Path(path).read_text()) for path in job.input.fragments]
    transferred = [t for t in tables.values() if t["context"].str.startswith("from ").any()]
    budget = max(job.params.experiment["budgets"])
    matrices = [
        graphic(
            heat_maps.transfer_matrix(table, MAIN, budget=budget),
            "transfer",
            f"Transfer of {MAIN} after {budget} mini-batches",
            "Kendall tau on the target (column) of a predictor trained on the source (row).",
        )
        for table in transferred[:1]
    ]
    recorded = [path for path in job.input if str(path).endswith(".parquet")]
    parts = [
        html.Section("Results", tuple(fragments)),
        html.Section(
            "Figures",
            (*cost_figures(job, scores), rank_figure(job, predictions), *matrices),
        ),
        html.Section("Traces", tuple(trace_figures(job))),
        sections.how_to_read(),
        sections.missing_cells(tables),
        sections.provenance([asdict(read_provenance(path)) for path in recorded]),
    ]
    page = html.render_report(
        "nascast: NAP2 on NAS-Bench-201",
        overview(job, scores),
        [part for part in parts if part is not None],
        "Made by nascast. Every number on this page comes from the files named above.",
    )
    atomic_write_text(Path(job.output[0]), page)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
