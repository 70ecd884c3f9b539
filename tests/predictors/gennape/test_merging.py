from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.predictors.gennape.made_graphs import (
    ADD,
    CONV,
    INPUT,
    NORM,
    RELU,
    Graph,
    plain_graphs,
    some_graphs,
    unmerged,
)

from nascast.predictors.gennape import encoder, graph_networks
from nascast.predictors.gennape.merging import DEPTH, merge_equal_nodes


def tree(graph: Graph, node: int, depth: int) -> tuple[object, ...]:
    """A node's features and, if deeper, the sorted trees of what it reads."""
    names = ("types", "shapes", "kernels", "bias")
    own = tuple(np.ravel(graph[name][node]).tolist() for name in names)
    if depth == 0:
        return own
    sources = [source for source, target in graph["edges"].tolist() if target == node]
    return (own, *sorted(map(repr, (tree(graph, source, depth - 1) for source in sources))))


@pytest.mark.parametrize("depth", [0, 1, 2, 6])
def test_nodes_are_merged_if_the_trees_that_they_read_are_equal(depth: int) -> None:
    graphs = some_graphs(25, most=16)
    merged = merge_equal_nodes(plain_graphs(graphs), depth)
    found = set()
    for number, graph in enumerate(graphs):
        trees = [repr(tree(graph, node, depth)) for node in range(len(graph["types"]))]
        kinds = [repr(tree(graph, node, 0)) for node in range(len(graph["types"]))]
        nodes = slice(*merged.node_starts[number : number + 2])
        own = slice(*merged.kind_starts[number : number + 2])
        expected = sorted(trees.count(each) for each in set(trees))
        assert sorted(merged.node_sizes[nodes].tolist()) == expected
        expected = sorted(kinds.count(each) for each in set(kinds))
        assert sorted(merged.kind_sizes[own].tolist()) == expected
        found.add(len(set(trees)) < len(trees))
    assert found == {True, False}


def test_a_graph_worked_out_by_hand() -> None:
    """An input, three equal rectifiers of it and a sum of two of them, read by a third."""
    graph = {
        "types": np.array([INPUT, RELU, RELU, RELU, ADD, RELU]),
        "shapes": np.full((6, 6), 8),
        "kernels": np.zeros((6, 2)),
        "bias": np.zeros(6, dtype=bool),
        "edges": np.array([[0, 1], [0, 2], [0, 3], [1, 4], [2, 4], [4, 5]]),
    }
    merged = merge_equal_nodes(plain_graphs([graph]))
    kinds = dict(zip(merged.types.tolist(), merged.kind_sizes.tolist(), strict=True))
    assert kinds == {INPUT: 1, RELU: 4, ADD: 1}
    nodes = list(zip(merged.types[merged.node_kinds], merged.node_sizes, strict=True))
    assert sorted(nodes) == [(INPUT, 1), (RELU, 1), (RELU, 3), (ADD, 1)]
    first, three, plus, last = (
        nodes.index(node) for node in ((INPUT, 1), (RELU, 3), (ADD, 1), (RELU, 1))
    )
    expected = [(first, three), (three, plus), (three, plus), (plus, last)]
    assert sorted(map(tuple, merged.edges.tolist())) == sorted(expected)
    assert merged.gflops.tolist() == plain_graphs([graph]).gflops.tolist()


def repeated(blocks: int) -> Graph:
    """A line of equal residual blocks; deep in it, all of them look alike."""
    nodes = 1 + 4 * blocks
    types = np.array([INPUT, *[CONV, NORM, RELU, ADD] * blocks])
    line = [(node, node + 1) for node in range(nodes - 1)]
    around = [(1 + 4 * block, 4 + 4 * block) for block in range(blocks)]
    return {
        "types": types,
        "shapes": np.full((nodes, 6), 8),
        "kernels": np.where(types == CONV, 3, 0)[:, None].repeat(2, axis=1),
        "bias": np.zeros(nodes, dtype=bool),
        "edges": np.array(sorted([*line, *around])),
    }


@pytest.mark.parametrize("kind", ["k-gnn", "gcn", "gin"])
def test_baselines_do_not_notice(kind: graph_networks.Kind) -> None:
    torch.manual_seed(0)
    graphs, network = (
        [*map(repeated, range(1, 9)), *some_graphs(9)],
        graph_networks.GraphNetwork(kind),
    )
    whole, merged = unmerged(graphs), merge_equal_nodes(plain_graphs(graphs))
    assert len(merged.node_kinds) < 0.8 * len(whole.node_kinds)
    every = np.arange(17)
    found = [network(each.batch(every)) for each in (merged, whole)]
    torch.testing.assert_close(*found)
    gradients = [torch.autograd.grad(each.square().sum(), network.parameters()) for each in found]
    for first, second in zip(*gradients, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-3, atol=1e-5)


def test_the_encoder_does_not_notice() -> None:
    torch.manual_seed(0)
    graphs, network = [*map(repeated, range(1, 9)), *some_graphs(9)], encoder.EncoderNetwork()
    network.eval()
    packs = (merge_equal_nodes(plain_graphs(graphs)), unmerged(graphs))
    found = [network(packed.batch(np.arange(17))) for packed in packs]
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-5)


def test_equal_nodes_stay_equal_in_training() -> None:
    """Merged as deep as the graphs are, there are more nodes of the same kinds."""
    graphs, found, nodes = plain_graphs([*map(repeated, range(1, 9))]), [], []
    for depth in (DEPTH, 40):
        torch.manual_seed(0)
        packed, network = merge_equal_nodes(graphs, depth), encoder.EncoderNetwork()
        found.append(network(packed.batch(np.arange(8))))
        nodes.append(len(packed.node_kinds))
    assert nodes[0] < 0.8 * nodes[1]
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-5)


def test_merging_serves_the_deepest_network() -> None:
    assert max(graph_networks.LAYERS, encoder.LAYERS) == DEPTH
