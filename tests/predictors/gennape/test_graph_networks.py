from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.predictors.gennape.made_graphs import random_graph, some_graphs, unmerged

from nascast.predictors.gennape.graph_networks import GraphLayers, GraphNetwork, Kind
from nascast.predictors.gennape.packed import GraphBatch

KINDS: tuple[Kind, ...] = ("k-gnn", "gcn", "gin")
every_kind = pytest.mark.parametrize("kind", KINDS)


def batch_of(edges: list[tuple[int, int]], nodes: int) -> GraphBatch:
    """One graph with some edges; its nodes are equal."""
    rng = np.random.default_rng(0)
    graph = random_graph(rng, nodes) | {"edges": np.array(edges)}
    return unmerged([graph]).batch(np.array([0]))


LINE = batch_of([(0, 1), (1, 2)], 3)


def test_a_graph_convolution_is_that_of_morris() -> None:
    """Each node: one map of itself, another of the sum of what it reads."""
    torch.manual_seed(0)
    layer, nodes = GraphLayers("k-gnn", 3, 2, 1), torch.randn(4, 3)
    batch = batch_of([(0, 2), (0, 3), (1, 2)], 4)
    convolution = layer.layers[0]
    read = torch.stack([torch.zeros(3), torch.zeros(3), nodes[0] + nodes[1], nodes[0]])
    expected = nodes @ convolution.lin_root.weight.T + read @ convolution.lin_rel.weight.T
    expected = torch.tanh(expected + convolution.lin_rel.bias)
    torch.testing.assert_close(layer(nodes, batch), expected)


def test_a_gcn_layer_normalises_by_degrees() -> None:
    """With loops the nodes of a line read 1, 2 and 2; an edge counts 1 / sqrt of both."""
    torch.manual_seed(0)
    layer, nodes = GraphLayers("gcn", 3, 2, 1), torch.randn(3, 3)
    degrees = [1.0, 2.0, 2.0]
    matrix = torch.zeros(3, 3)
    for source, target in [(0, 1), (1, 2), (0, 0), (1, 1), (2, 2)]:
        matrix[target, source] = (degrees[source] * degrees[target]) ** -0.5
    convolution = layer.layers[0]
    expected = torch.tanh(matrix @ nodes @ convolution.lin.weight.T + convolution.bias)
    torch.testing.assert_close(layer(nodes, LINE), expected)


def test_a_gin_layer_maps_the_sum_of_a_node_and_what_it_reads() -> None:
    torch.manual_seed(0)
    layer, nodes = GraphLayers("gin", 3, 2, 1), torch.randn(3, 3)
    sums = torch.stack([nodes[0], nodes[1] + nodes[0], nodes[2] + nodes[1]])
    torch.testing.assert_close(layer(nodes, LINE), torch.tanh(layer.layers[0].nn(sums)))


@every_kind
def test_messages_run_with_the_edges(kind: Kind) -> None:
    torch.manual_seed(0)
    layers, nodes = GraphLayers(kind, 2, 2, 2), torch.randn(3, 2)
    changed = nodes.clone()
    changed[2] += 1
    before, after = layers(nodes, LINE), layers(changed, LINE)
    assert torch.equal(before[:2], after[:2])
    assert not torch.allclose(before[2], after[2])


@every_kind
def test_a_graph_counts_for_itself_and_its_nodes_have_no_order(kind: Kind) -> None:
    torch.manual_seed(0)
    network, graphs = GraphNetwork(kind), some_graphs(5)
    packed = unmerged(graphs)
    together = network(packed.batch(np.arange(5)))
    assert together.shape == (5,)
    alone = torch.cat([network(packed.batch(np.array([number]))) for number in range(5)])
    torch.testing.assert_close(together, alone)
    rng, shuffled = np.random.default_rng(0), []
    for graph in graphs:
        order = rng.permutation(len(graph["types"]))
        place = np.argsort(order)
        rows = {name: values[order] for name, values in graph.items() if name != "edges"}
        shuffled.append(rows | {"edges": place[graph["edges"]]})
    torch.testing.assert_close(network(unmerged(shuffled).batch(np.arange(5))), together)


def test_the_baseline_has_the_published_sizes() -> None:
    network = GraphNetwork("k-gnn")
    assert len(network.graph.layers) == 6
    assert all(layer.out_channels == 32 for layer in network.graph.layers)
    assert [type(part).__name__ for part in network.head] == [
        "Linear", "Linear", "ReLU", "Linear", "Linear", "Linear",
    ]  # fmt: skip


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of graph network 'gat'"):
        GraphNetwork("gat")  # type: ignore[arg-type]
