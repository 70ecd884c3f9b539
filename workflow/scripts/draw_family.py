"""Draw one typical architecture of a family: what is searched, and its computation graph."""

from pathlib import Path
from typing import Any

from nascast.graphs.from_plan import graph_of_plan
from nascast.io.atomic import atomic_write_bytes, atomic_write_text
from nascast.labels.pool import label_pool
from nascast.report.canvas import Figure
from nascast.report.graph_drawing import cell_figure, computation_figure
from nascast.spaces import registry as spaces
from nascast.spaces.base import NetworkScale
from nascast.stages.runner import stage
from nascast.tables.families import family_name

CLASSES = 10
SHEET = 1100.0  # points beside each other in a file


def pairs(rows: Any) -> list[tuple[int, ...]]:
    """Return the rows of an array as tuples."""
    return [tuple(row) for row in rows.tolist()]


def save(figure: Figure, svg: str, png: str) -> None:
    """Write a figure in both forms, as many panels in a row as a sheet holds."""
    columns = int(SHEET // max(panel.width for panel in figure.panels))
    atomic_write_text(Path(svg), figure.svg(columns))
    atomic_write_bytes(Path(png), figure.png(columns))


def main(job: Any) -> None:
    """Write the two drawings of the first architecture of the pool."""
    settings, name = job.params.settings, job.wildcards.space
    space = spaces.create(name)
    (arch,) = label_pool(space, 1)
    cell = space.cell_graph(arch)
    drawn = cell_figure(
        f"family_{name}_cell", f"{family_name(name)}: what is searched", cell.operations, cell.edges
    )
    save(drawn, job.output.cell_svg, job.output.cell_png)
    side = space.image_size(arch, settings["image_size"])
    graph = graph_of_plan(space.plan(arch, NetworkScale(**settings["scale"]), side, CLASSES))
    drawn = computation_figure(
        f"family_{name}_graph",
        f"{family_name(name)}: computation graph",
        graph.type_names,
        pairs(graph.kernels),
        pairs(graph.shapes[:, 3:]),
        pairs(graph.edges),
    )
    save(drawn, job.output.graph_svg, job.output.graph_png)


with stage(snakemake):  # noqa: F821
    main(snakemake)  # noqa: F821
