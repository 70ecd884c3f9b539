"""Made computation graphs: small ones, with nodes that are equal and nodes that are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nascast.predictors.gennape.merging import PlainGraphs, merge_equal_nodes
from nascast.predictors.gennape.packed import PackedGraphs, starts

INPUT, CONV, NORM, RELU, MATMUL, ADD = 1, 3, 5, 6, 8, 9

Graph = dict[str, NDArray[Any]]


def random_graphs(count: int, seed: int = 0, most: int = 12) -> PackedGraphs:
    """Merged graphs of :func:`random_graph`, of different sizes."""
    return merge_equal_nodes(plain_graphs(some_graphs(count, seed, most), seed))


def some_graphs(count: int, seed: int = 0, most: int = 12) -> list[Graph]:
    """Graphs of 2 to ``most`` nodes."""
    rng = np.random.default_rng(seed)
    return [random_graph(rng, int(rng.integers(2, most + 1))) for _ in range(count)]


def random_graph(rng: np.random.Generator, nodes: int) -> Graph:
    """A graph whose every node but the first reads one or two earlier ones.

    Shapes and kernels are few, so that some nodes do the same to the same.
    """
    types = rng.choice([CONV, NORM, RELU, MATMUL, ADD], nodes)
    types[0] = INPUT
    sides = rng.choice([8, 300], nodes)
    kernels = np.where(types == CONV, rng.choice([1, 3], nodes), 0)
    pairs = {(int(rng.integers(node)), node) for node in range(1, nodes)}
    pairs |= {(int(rng.integers(node)), node) for node in range(1, nodes) if rng.random() < 0.4}
    return {
        "types": types,
        "shapes": np.stack([sides] * 6, axis=1),
        "kernels": np.stack([kernels, kernels], axis=1),
        "bias": types == MATMUL,
        "edges": np.array(sorted(pairs)).reshape(-1, 2),
    }


def plain_graphs(graphs: Sequence[Graph], seed: int = 0) -> PlainGraphs:
    """Some graphs behind one another, with made names and FLOPs."""

    def joined(name: str, dtype: type) -> NDArray[Any]:
        return np.concatenate([graph[name] for graph in graphs]).astype(dtype)

    return PlainGraphs(
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


def unmerged(graphs: Sequence[Graph], seed: int = 0) -> PackedGraphs:
    """The same graphs with every node as a kind and a node of its own."""
    plain = plain_graphs(graphs, seed)
    ones = np.ones(len(plain.types), dtype=np.int32)
    places = np.concatenate([np.arange(len(graph["types"])) for graph in graphs])
    values = plain._asdict() | {"kind_sizes": ones, "node_sizes": ones}
    return PackedGraphs(**values, node_kinds=places.astype(np.int32), kind_starts=plain.node_starts)
