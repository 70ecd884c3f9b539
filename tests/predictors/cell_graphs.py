"""The same cell graphs in other guises, for the tests of graph networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.predictors.observed import make_observations

from nascast.predictors.base import Observations

GRAPHS = frozenset({"nodes", "edges"})


def make_graphs(count: int, seed: int) -> Observations:
    """Return labelled cell graphs whose labels grow with their convolutions."""
    return make_observations(count, seed, needs=GRAPHS)


def with_graphs(seen: Observations, nodes: np.ndarray, edges: np.ndarray) -> Observations:
    return replace(seen, features={"nodes": nodes, "edges": edges})


def renumbered(seen: Observations, seed: int) -> Observations:
    """Return isomorphic graphs: the nodes of each in another order."""
    order = np.random.default_rng(seed).permutation(seen.feature("nodes").shape[1])
    edges = seen.feature("edges")[:, order][:, :, order]
    return with_graphs(seen, seen.feature("nodes")[:, order], edges)


def padded(seen: Observations, extra: int) -> Observations:
    """Return the same graphs with room for ``extra`` nodes more."""
    nodes = np.pad(seen.feature("nodes"), ((0, 0), (0, extra), (0, 0)))
    return with_graphs(seen, nodes, np.pad(seen.feature("edges"), ((0, 0), (0, extra), (0, extra))))


def shortened(seen: Observations) -> Observations:
    """Return graphs of which every other one lacks its last node, as padding."""
    nodes, edges = seen.feature("nodes").copy(), seen.feature("edges").copy()
    nodes[::2, -1] = 0
    edges[::2, :, -1] = False
    return with_graphs(seen, nodes, edges)
