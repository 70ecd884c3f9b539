"""Fill one table of a paper from measured zero-cost proxies and render it."""

from typing import Any

import pandas as pd

from nascast.io.parquet import read_parquet
from nascast.stages.features import all_labels
from nascast.stages.proxies import measured_run
from nascast.stages.runner import stage
from nascast.stages.schemas import PROXIES_SCHEMA
from nascast.stages.searches import proxy_searches
from nascast.stages.tables import write_table
from nascast.tables import proxies, searches, tidy
from nascast.tables.layout import Layout


def correlations(job: Any, run: proxies.Run) -> tuple[pd.DataFrame, list[Layout]]:
    """Return the tidy rows and layouts of a table of correlations."""
    settings = job.params.table
    plan = proxies.PLANS[settings["layout"]]
    table = proxies.build_table(plan, run)
    shown = [name for name in table["column"].unique() if name in run.measured()]
    notes = list(dict.fromkeys(job.params.tasks[name]["note"] for name in shown))
    layouts = proxies.lay_out_table(settings["layout"], table, run, settings["title"], notes)
    return table, layouts


def found_networks(job: Any, run: proxies.Run) -> tuple[pd.DataFrame, list[Layout]]:
    """Return the tidy rows and layout of what searches find."""
    tasks, labels = job.params.tasks, list(job.input.labels)
    places = [run.place(task) for task in proxies.NASBENCH201]
    # Accuracies are known of every labelled task, whether or not proxies were measured on it.
    places = [(name, tasks[name]["labels"] if name in tasks else need) for name, need in places]
    accuracies = {
        name: all_labels(labels[0], tasks[name]["label_images"], searches.ACCURACY)
        for name, need in places
        if not need.startswith(tidy.MISSING)
    }
    nothing = pd.DataFrame(columns=PROXIES_SCHEMA.names)
    measured = [read_parquet(path) for path in job.input.measured]
    found = proxy_searches(
        pd.concat(measured, ignore_index=True) if measured else nothing,
        accuracies.get(places[0][0], {}),
    )
    table = searches.build_table(found, accuracies, places, run.stands_for)
    title, notes = job.params.table["title"], searches.search_notes(found)
    return table, [searches.lay_out_table(table, title, run.stands_for, notes)]


def main(job: Any) -> None:
    """Write the tidy rows and three renderings."""
    run = measured_run(job.input.scores, job.params.tasks, job.params.table["comparable"])
    is_search = job.params.table["layout"] == searches.TABLE
    table, layouts = found_networks(job, run) if is_search else correlations(job, run)
    write_table(job.wildcards.table, table, layouts, job.output)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
