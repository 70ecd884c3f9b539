"""Put the families side by side: a table and a figure of their accuracies and sizes."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.atomic import atomic_write_bytes, atomic_write_text
from nascast.report.family_figures import COLUMNS, family_overview
from nascast.stages.families import family_networks
from nascast.stages.runner import stage
from nascast.tables import render
from nascast.tables.families import family_table, lay_out_families

NAME = "family_overview"


def main(job: Any) -> None:
    """Write the table in four forms and the figure in two."""
    networks = pd.concat(
        [
            family_networks(space, path, **job.params.labels[space])
            for space, path in zip(job.params.labels, job.input.networks, strict=True)
        ],
        ignore_index=True,
    )
    table = family_table(networks)
    layout = lay_out_families(table)
    atomic_write_text(Path(job.output.csv), table.to_csv(index=False, float_format="%.4f"))
    atomic_write_text(Path(job.output.md), render.to_markdown(layout))
    atomic_write_text(Path(job.output.tex), render.to_latex(layout, NAME))
    atomic_write_text(Path(job.output.html), render.to_html(layout, NAME))
    figure = family_overview(networks)
    atomic_write_text(Path(job.output.svg), figure.svg(COLUMNS))
    atomic_write_bytes(Path(job.output.png), figure.png(COLUMNS))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
