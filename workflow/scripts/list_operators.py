"""List the sentences of all operations: SNAP's Table 1."""

from pathlib import Path
from typing import Any

from nascast.io.atomic import atomic_write_text
from nascast.stages.operators import sentence_rows
from nascast.stages.runner import stage
from nascast.tables import operators, render
from nascast.text.descriptions import load_descriptions

TITLE = "SNAP, Table 1: sentences that describe operations"


def main(job: Any) -> None:
    """Write all sentences as CSV, and three renderings."""
    table = operators.build_table(sentence_rows(load_descriptions(Path(job.input.descriptions))))
    layout = operators.lay_out_table(table, TITLE)
    atomic_write_text(Path(job.output.csv), table.to_csv(index=False, lineterminator="\n"))
    atomic_write_text(Path(job.output.md), render.to_markdown(layout))
    atomic_write_text(Path(job.output.tex), render.to_latex(layout, operators.TABLE))
    atomic_write_text(Path(job.output.html), render.to_html(layout, operators.TABLE))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
