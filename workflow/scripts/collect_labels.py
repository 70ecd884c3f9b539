"""Bring the labels of a space from a published table or the mini benchmark into one file."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.parquet import read_parquet, write_table
from nascast.io.unpickle import load_pickle
from nascast.labels.nasbench101 import read_nasbench101
from nascast.labels.readers import read_nats_bench
from nascast.labels.schema import LABELS, LabelError, to_table
from nascast.stages.features import read_label_shards
from nascast.stages.files import fetched
from nascast.stages.runner import provenance, stage


def read_sources(notes: list[str], cells: list[str]) -> list[pd.DataFrame]:
    """Return the labels of fetched benchmark tables; some take several files."""
    files = dict(map(fetched, notes))
    frames = []
    if "nasbench201_labels" in files:
        frames.append(read_nats_bench(pd.read_csv(files.pop("nasbench201_labels"))))
    if "nasbench101_labels" in files:
        tables = [load_pickle(files.pop(f"nasbench101_{part}")) for part in ("labels", "params")]
        frames.append(read_nasbench101(*tables, read_parquet(cells)))
    if files:
        raise LabelError(f"no reader for the label sources {', '.join(sorted(files))}")
    return frames


def main(job: Any) -> None:
    """Write one row an (architecture, image set, seed)."""
    notes = [path for path in job.input if path.endswith(".json")]
    cells = list(job.input.get("cells", []))
    shards = [path for path in job.input if path.endswith(".parquet") and path not in cells]
    if not notes and not shards:
        raise LabelError(
            f"no labels of {job.wildcards.space}: the mini benchmark has no shard of the image "
            "sets that the tasks name; train them with `snakemake minibench`"
        )
    frames = read_sources(notes, cells)
    if shards:
        frames.append(read_label_shards(shards))
    table = to_table(pd.concat(frames, ignore_index=True))
    write_table(table, Path(job.output[0]), LABELS, provenance(job, settings={}))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
