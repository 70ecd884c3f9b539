"""Made computation graphs, and slow ways to look at them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nascast.predictors.gennape.packed import PackedGraphs, starts

CONV, NORM, RELU, MATMUL, ADD = 3, 5, 6, 8, 9


def random_graphs(count: int, seed: int = 0, most: int = 12) -> PackedGraphs:
    """Graphs whose every node but the first reads one or two earlier ones."""
    rng = np.random.default_rng(seed)
    return pack([random_graph(rng, int(rng.integers(2, most))) for _ in range(count)], seed)


def random_graph(rng: np.random.Generator, nodes: int) -> dict[str, np.ndarray]:
    """The arrays of one graph of a given size."""
    types = rng.choice([CONV, NORM, RELU, MATMUL, ADD], nodes)
    types[0] = 1
    weighted = np.isin(types, [CONV, MATMUL])
    kernels = np.where((types == CONV)[:, None], rng.integers(1, 8, (nodes, 2)), 0)
    pairs = {(int(rng.integers(node)), node) for node in range(1, nodes)}
    pairs |= {(int(rng.integers(node)), node) for node in range(1, nodes) if rng.random() < 0.4}
    return {
        "types": types,
        "shapes": rng.integers(1, 600, (nodes, 6)),
        "kernels": kernels,
        "bias": weighted & (rng.random(nodes) < 0.5),
        "edges": np.array(sorted(pairs)).reshape(-1, 2),
    }


def pack(graphs: Sequence[dict[str, np.ndarray]], seed: int = 0) -> PackedGraphs:
    """Some graphs behind one another, with made names and FLOPs."""

    def joined(name: str, dtype: type) -> np.ndarray:
        return np.concatenate([graph[name] for graph in graphs]).astype(dtype)

    return PackedGraphs(
        arch_ids=tuple(f"made{seed}-{number:03}" for number in range(len(graphs))),
        types=joined("types", np.int8),
        shapes=joined("shapes", np.int32),
        kernels=joined("kernels", np.int16),
        bias=joined("bias", np.bool_),
        edges=joined("edges", np.int32),
        node_starts=starts(np.array([len(graph["types"]) for graph in graphs])),
        edge_starts=starts(np.array([len(graph["edges"]) for graph in graphs])),
        gflops=np.array([graph["shapes"].sum() / 1e3 for graph in graphs]),
    )


def one(graphs: PackedGraphs, number: int) -> dict[str, np.ndarray]:
    """The arrays of one graph, cut out by hand."""
    nodes = slice(graphs.node_starts[number], graphs.node_starts[number + 1])
    edges = slice(graphs.edge_starts[number], graphs.edge_starts[number + 1])
    names = ("types", "shapes", "kernels", "bias")
    return {name: getattr(graphs, name)[nodes] for name in names} | {"edges": graphs.edges[edges]}
