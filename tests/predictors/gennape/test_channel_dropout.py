from __future__ import annotations

import torch

from nascast.predictors.gennape.channel_dropout import ChannelDropout

GRAPH = torch.tensor([0, 0, 0, 1, 1])


def test_a_channel_is_dropped_from_all_nodes_of_a_graph() -> None:
    torch.manual_seed(0)
    dropped = ChannelDropout(0.25)(torch.ones(5, 400), GRAPH, 2)
    assert torch.equal(dropped[0], dropped[1])
    assert torch.equal(dropped[0], dropped[2])
    assert torch.equal(dropped[3], dropped[4])
    assert not torch.equal(dropped[0], dropped[3])
    assert set(dropped.unique().tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert 0.15 < (dropped == 0).float().mean() < 0.35


def test_nothing_is_dropped_outside_of_training() -> None:
    values = torch.randn(5, 8)
    assert torch.equal(ChannelDropout(0.5).eval()(values, GRAPH, 2), values)
    assert torch.equal(ChannelDropout(0.0)(values, GRAPH, 2), values)
