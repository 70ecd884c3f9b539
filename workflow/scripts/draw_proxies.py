"""Draw one figure of measured zero-cost proxies."""

from pathlib import Path
from typing import Any

import pandas as pd

from nascast.io.atomic import atomic_write_bytes, atomic_write_text
from nascast.report import proxy_figures
from nascast.stages.proxies import measured_run
from nascast.stages.runner import stage
from nascast.tables.proxies import NEEDS

COLUMNS = {"bars": 3, "benchmarks": 3, "pairs": 2}


def main(job: Any) -> None:
    """Write the figure in both forms."""
    settings, name = job.params.figure, job.wildcards.figure
    run = measured_run(job.input.scores, job.params.tasks)
    places = {task: run.place(task) for task in settings["tasks"]}
    if settings["layout"] == "pairs":
        frames, place = [pd.read_csv(path) for path in job.input.pairs], ["task", "proxy", "other"]
        draw = proxy_figures.proxy_pairs
    else:
        frames, place = list(run.scores), ["row", "column", "metric"]
        bars = settings["layout"] == "bars"
        draw = proxy_figures.proxy_bars if bars else proxy_figures.proxy_points
    numbers = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=place)
    figure = draw(name, numbers.drop_duplicates(place), places, settings["rows"], NEEDS)
    columns = COLUMNS[settings["layout"]]
    atomic_write_text(Path(job.output.svg), figure.svg(columns))
    atomic_write_bytes(Path(job.output.png), figure.png(columns))


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
