from __future__ import annotations

from torch import nn

from nascast.networks.literal import LiteralModule, compute_literally
from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench201 import NASBench201


def test_every_module_that_knows_a_literal_way_is_switched() -> None:
    space = NASBench201()
    cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|"
    model = nn.Sequential(space.build(space.parse(cell), NetworkScale(4, 2), 10))
    knowing = [module for module in model.modules() if isinstance(module, LiteralModule)]
    assert len(knowing) == 6
    assert compute_literally(model) is model
    assert all(module.literal for module in knowing)


def test_other_networks_are_left_alone() -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    assert "literal" not in vars(compute_literally(model)[0])
