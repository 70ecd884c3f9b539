"""List all cells of NAS-Bench-101 with hash, spec and the size of the published network."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.parquet import write_parquet
from nascast.spaces.nasbench101 import NASBench101, write
from nascast.spaces.nasbench101_cells import graph_hash
from nascast.spaces.nasbench101_counts import count_cells
from nascast.spaces.nasbench101_enumeration import enumerate_cells, listed
from nascast.stages.runner import provenance, stage
from nascast.stages.schemas import CELLS_SCHEMA


def main(job: Any) -> None:
    """Write one row a cell, in the order of the hashes."""
    space = NASBench101()
    found = enumerate_cells()
    params, macs = count_cells(found, space.published, space.published_image_size)
    cells = listed(found)
    print(f"{len(cells)} cells; hashing them takes about a minute")
    frame = pd.DataFrame(
        {
            "canonical_id": [graph_hash(cell) for cell in cells],
            "spec": [write(cell) for cell in cells],
            "params": params,
            "macs": macs,
        }
    ).sort_values("canonical_id", ignore_index=True)
    write_parquet(frame, Path(job.output[0]), CELLS_SCHEMA, provenance(job, settings={}))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
