"""Write the operator graphs of all networks of a space, in every form that SNAP reads."""

from pathlib import Path
from typing import Any

from nascast.io.parquet import read_parquet, write_table
from nascast.spaces import registry as spaces
from nascast.spaces.base import EnumerableSpace
from nascast.stages.runner import provenance, stage
from nascast.stages.snap_graphs import nasbench101_table, operator_table


def main(job: Any) -> None:
    """Write one row an architecture: all of a space that can be listed, else the labelled ones."""
    space = spaces.create(job.wildcards.space)
    if space.name == "nasbench101":
        table = nasbench101_table()
    elif isinstance(space, EnumerableSpace):
        table = operator_table(space, list(space.enumerate()))
    else:
        labelled = read_parquet(job.input.labels, ["arch_id", "spec"]).drop_duplicates("arch_id")
        specs = labelled.sort_values("arch_id")["spec"].astype(str)
        table = operator_table(space, [space.parse(spec) for spec in specs])
    print(f"{table.num_rows} graphs")
    write_table(table, Path(job.output[0]), table.schema, provenance(job, settings={}))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
