from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.predictors.gennape.made_graphs import random_graphs
from torch import Tensor, nn

from nascast.predictors.gennape.node_transformer import HEADS, NodeTransformer
from nascast.predictors.gennape.packed import GraphBatch

WIDTH = 8


def a_batch(graphs: int, most: int) -> GraphBatch:
    return random_graphs(graphs, most=most).batch(np.arange(graphs))


def torchs_layer(own: NodeTransformer) -> nn.TransformerEncoderLayer:
    """torch's encoder layer with the same weights."""
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, 0.1, batch_first=True).eval()
    pairs = [
        (layer.self_attn.in_proj_weight, own.query_key_value.weight),
        (layer.self_attn.in_proj_bias, own.query_key_value.bias),
        *zip(layer.self_attn.out_proj.parameters(), own.leave.parameters(), strict=True),
        *zip(layer.linear1.parameters(), own.widen.parameters(), strict=True),
        *zip(layer.linear2.parameters(), own.narrow.parameters(), strict=True),
        *zip(layer.norm1.parameters(), own.attention_norm.parameters(), strict=True),
        *zip(layer.norm2.parameters(), own.feed_forward_norm.parameters(), strict=True),
    ]
    with torch.no_grad():
        for theirs, ours in pairs:
            theirs.copy_(ours)
    return layer


def expected(own: NodeTransformer, kinds: Tensor, batch: GraphBatch) -> Tensor:
    """Each graph on its own through torch's layer, every node of the network in it."""
    layer, found = torchs_layer(own), []
    kind_graphs = torch.arange(len(batch)).repeat_interleave(batch.kind_counts)
    for number in range(len(batch)):
        of_graph = kind_graphs == number
        sizes = batch.kind_sizes[of_graph].long()
        nodes = own.enter(kinds[of_graph]).repeat_interleave(sizes, dim=0)
        # The first node of each kind shows the value that all of them have.
        found.append(layer(nodes[None])[0][sizes.cumsum(0) - sizes])
    return torch.cat(found)


@pytest.mark.parametrize(("graphs", "most"), [(1, 2), (4, 12), (70, 9)])
def test_it_is_the_published_layer_on_each_graph(graphs: int, most: int) -> None:
    torch.manual_seed(0)
    layer, batch = NodeTransformer(5, WIDTH, 0.1).eval(), a_batch(graphs, most)
    kinds = torch.randn(len(batch.types), 5)
    torch.testing.assert_close(layer(kinds, batch), expected(layer, kinds, batch))


def test_gradients_of_padded_graphs_are_those_of_each_graph() -> None:
    torch.manual_seed(0)
    layer, batch = NodeTransformer(5, WIDTH, 0.1).eval(), a_batch(5, 12)
    assert batch.kind_sizes.max() > 1
    assert batch.kind_counts.unique().numel() > 1
    kinds = torch.randn(len(batch.types), 5, requires_grad=True)
    (found,) = torch.autograd.grad(layer(kinds, batch).square().sum(), kinds)
    (wanted,) = torch.autograd.grad(expected(layer, kinds, batch).square().sum(), kinds)
    torch.testing.assert_close(found, wanted)


def test_training_drops() -> None:
    torch.manual_seed(0)
    layer, batch = NodeTransformer(5, WIDTH, 0.1), a_batch(3, 9)
    kinds = torch.randn(len(batch.types), 5)
    assert not torch.equal(layer(kinds, batch), layer(kinds, batch))
    layer.eval()
    assert torch.equal(layer(kinds, batch), layer(kinds, batch))
