from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from tests.predictors.cell_graphs import make_graphs, padded, renumbered, shortened
from torch import Tensor, nn

from nascast.predictors.tnasp import (
    HEAD_DIMENSION,
    HEADS,
    INNER_WIDTH,
    TNASP,
    WIDTH,
    EncoderLayer,
    GraphTransformer,
    laplacian,
)

FEW = {"epochs": 12, "learning_rate": 1e-3}


@pytest.fixture(scope="module")
def fitted() -> TNASP:
    predictor = TNASP(settings=FEW)
    predictor.fit(shortened(make_graphs(60, seed=0)))
    return predictor


def test_it_learns_what_the_graphs_tell(fitted: TNASP) -> None:
    query = make_graphs(40, seed=1)
    assert kendalltau(fitted.predict(query), query.require_labels()).statistic > 0.6


def test_the_laplacian_has_out_degrees_and_minus_the_edges() -> None:
    edges = torch.tensor([[[0.0, 1.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]])
    assert laplacian(edges).tolist() == [[[2, -1, -1], [0, 1, -1], [0, 0, 0]]]


def test_nodes_know_their_place(fitted: TNASP) -> None:
    query = make_graphs(9, seed=1)
    scores = fitted.predict(query)
    nodes, positions, real = fitted.inputs(query)
    network = fitted.network
    assert network is not None
    blind = network(nodes, torch.zeros_like(positions), real)
    seen = network(nodes, positions, real)
    assert (blind - seen).abs().max() > 1e-4
    # Rows of the Laplacian go by the numbers of the nodes, so these matter.
    assert np.abs(fitted.predict(renumbered(query, seed=2)) - scores).max() > 1e-4


def test_padding_changes_nothing(fitted: TNASP) -> None:
    query = shortened(make_graphs(9, seed=1))
    network = fitted.network
    assert network is not None
    network.eval()
    wide = GraphTransformer(11, 5).eval()
    weights = dict(network.state_dict())
    # The weights of positions that no edge ever reaches are arbitrary.
    weights["position.weight"] = torch.cat([weights["position.weight"], torch.rand(WIDTH, 3)], 1)
    wide.load_state_dict(weights)
    torch.testing.assert_close(
        wide(*fitted.inputs(padded(query, 3))), network(*fitted.inputs(query))
    )


def slow_attention(hidden: Tensor, layer: EncoderLayer, attended: list[int]) -> Tensor:
    """Work out what one graph's nodes get of each other, node by node and head by head."""
    width = HEADS * HEAD_DIMENSION
    query, key, value = layer.projection.weight.split(width)
    result = []
    for node in hidden:
        heads = []
        for head in range(HEADS):
            part = slice(head * HEAD_DIMENSION, (head + 1) * HEAD_DIMENSION)
            asked = query[part] @ node
            fits = torch.stack([asked @ (key[part] @ hidden[j]) for j in attended])
            shares = (fits / HEAD_DIMENSION**0.5).softmax(dim=0)
            values = torch.stack([value[part] @ hidden[j] for j in attended])
            heads.append(shares @ values)
        result.append(layer.merge(torch.cat(heads)))
    return torch.stack(result)


def test_a_layer_attends_to_real_nodes_with_every_head() -> None:
    layer = EncoderLayer().eval()
    hidden = torch.randn(2, 5, WIDTH)
    real = torch.tensor([[True] * 5, [True, True, True, False, False]])
    found = layer(hidden, real[:, None, None, :])
    for graph in range(2):
        attended = real[graph].nonzero()[:, 0].tolist()
        merged = slow_attention(hidden[graph], layer, attended)
        middle = nn.functional.layer_norm(hidden[graph] + merged, (WIDTH,), eps=1e-6)
        forwarded = layer.feed_forward(middle)
        expected = nn.functional.layer_norm(middle + forwarded, (WIDTH,), eps=1e-6)
        torch.testing.assert_close(found[graph], expected)


def test_the_network_is_the_published_one() -> None:
    network = GraphTransformer(7, 5)
    attention = 4 * WIDTH * HEADS * HEAD_DIMENSION
    forward = 2 * WIDTH * INNER_WIDTH + INNER_WIDTH + WIDTH
    layers = 3 * (attention + forward + 4 * WIDTH)
    rest = 5 * WIDTH + (7 + 1) * WIDTH + 2 * WIDTH + WIDTH * 96 + 96
    assert sum(weight.numel() for weight in network.parameters()) == layers + rest
