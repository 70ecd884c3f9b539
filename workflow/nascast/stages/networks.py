"""What every architecture of a family is: its cell graph, its computation graph and its size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa

from nascast.graphs.from_plan import graph_of_plan
from nascast.graphs.tables import GRAPHS_SCHEMA, graphs_table
from nascast.networks.plan import Plan
from nascast.spaces.base import Architecture, NetworkScale, SearchSpace

NETWORKS_SCHEMA = pa.schema(
    [
        GRAPHS_SCHEMA.field("arch_id"),
        pa.field("canonical_id", pa.string(), nullable=False),
        pa.field("spec", pa.string(), nullable=False),
        pa.field("network_params", pa.int64(), nullable=False),
        pa.field("network_macs", pa.int64(), nullable=False),
        pa.field("nodes", pa.int32(), nullable=False),
        pa.field("cell_operations", pa.list_(pa.string()), nullable=False),
        pa.field("cell_edges", pa.list_(pa.int32()), nullable=False),
        *(field for field in GRAPHS_SCHEMA if field.name != "arch_id"),
    ]
)
"""One row an architecture: identity, totals of the network, the cell graph (edges flattened, source
first) and the columns of the computation graph, which :func:`nascast.graphs.tables.read_graphs`
reads. ``nodes`` counts the nodes of the computation graph."""


def network_tables(
    space: SearchSpace,
    archs: Iterable[Architecture],
    scale: NetworkScale,
    image_size: int,
    num_classes: int,
    rows: int = 128,
) -> Iterator[pa.Table]:
    """Yield the rows of :data:`NETWORKS_SCHEMA` in tables of a few each.

    No more networks than those of one table are held, however many there are.

    Args:
        space: the space that the architectures belong to.
        archs: the architectures, in the order of the rows; may be a generator.
        scale: scale of the networks.
        image_size: side of the square images in pixels; where the resolution is searched, each
            network gets what its own makes of it.
        num_classes: outputs of the classifier.
        rows: networks in a table.

    Raises:
        ValueError: an architecture of another space.
    """
    waiting = iter(archs)
    while some := list(islice(waiting, rows)):
        plans = [
            space.plan(arch, scale, space.image_size(arch, image_size), num_classes)
            for arch in some
        ]
        yield _table(space, some, plans)


def _table(space: SearchSpace, archs: Sequence[Architecture], plans: Sequence[Plan]) -> pa.Table:
    graphs = [graph_of_plan(plan) for plan in plans]
    cells = [space.cell_graph(arch) for arch in archs]
    table = graphs_table(zip((arch.arch_id for arch in archs), graphs, strict=True))
    columns = {
        "canonical_id": [arch.canonical_id for arch in archs],
        "spec": [arch.spec for arch in archs],
        "network_params": [plan.params() for plan in plans],
        "network_macs": [plan.macs() for plan in plans],
        "nodes": [len(graph) for graph in graphs],
        "cell_operations": [list(cell.operations) for cell in cells],
        "cell_edges": [np.array(cell.edges, np.int32).reshape(-1) for cell in cells],
    }
    for name, values in columns.items():
        field = NETWORKS_SCHEMA.field(name)
        table = table.append_column(field, pa.array(values, field.type))
    return table.select(NETWORKS_SCHEMA.names)
