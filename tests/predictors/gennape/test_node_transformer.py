from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from nascast.predictors.gennape.node_transformer import HEADS, NodeTransformer

WIDTH = 8


def torchs_layer(own: NodeTransformer) -> nn.TransformerEncoderLayer:
    """torch's encoder layer with the same weights."""
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, 0.1, batch_first=True).eval()
    pairs = [
        (layer.self_attn.in_proj_weight, own.query_key_value.weight),
        (layer.self_attn.in_proj_bias, own.query_key_value.bias),
        *zip(layer.self_attn.out_proj.parameters(), own.leave.parameters(), strict=True),
        *zip(layer.linear1.parameters(), own.feed_forward[0].parameters(), strict=True),
        *zip(layer.linear2.parameters(), own.feed_forward[3].parameters(), strict=True),
        *zip(layer.norm1.parameters(), own.attention_norm.parameters(), strict=True),
        *zip(layer.norm2.parameters(), own.feed_forward_norm.parameters(), strict=True),
    ]
    with torch.no_grad():
        for theirs, ours in pairs:
            theirs.copy_(ours)
    return layer


def expected(own: NodeTransformer, nodes: Tensor, counts: Tensor) -> Tensor:
    """Each graph on its own through torch's layer."""
    layer, parts = torchs_layer(own), own.enter(nodes).split(counts.tolist())
    return torch.cat([layer(part[None])[0] for part in parts])


@pytest.mark.parametrize(
    "sizes",
    [[1], [3, 3, 3], [2, 7, 1, 5], list(range(1, 40))],
    ids=["one", "equal", "four", "many"],
)
def test_it_is_the_published_layer_on_each_graph(sizes: list[int]) -> None:
    torch.manual_seed(0)
    layer, counts = NodeTransformer(5, WIDTH, 0.1).eval(), torch.tensor(sizes)
    nodes = torch.randn(int(counts.sum()), 5)
    torch.testing.assert_close(layer(nodes, counts), expected(layer, nodes, counts))


def test_gradients_of_padded_graphs_are_those_of_each_graph() -> None:
    torch.manual_seed(0)
    layer, counts = NodeTransformer(5, WIDTH, 0.1).eval(), torch.tensor([2, 6, 3])
    nodes = torch.randn(11, 5, requires_grad=True)
    (found,) = torch.autograd.grad(layer(nodes, counts).square().sum(), nodes)
    (wanted,) = torch.autograd.grad(expected(layer, nodes, counts).square().sum(), nodes)
    torch.testing.assert_close(found, wanted)


def test_training_drops() -> None:
    torch.manual_seed(0)
    layer, nodes, counts = NodeTransformer(5, WIDTH, 0.1), torch.randn(9, 5), torch.tensor([4, 5])
    assert not torch.equal(layer(nodes, counts), layer(nodes, counts))
    layer.eval()
    assert torch.equal(layer(nodes, counts), layer(nodes, counts))
