import itertools
import math

import pytest
import torch
from tests.proxies.tiny import (
    TinyNetwork,
    batch_of,
    dead_network,
    score,
    tiny_batch,
    tiny_network,
    value,
)
from torch import Tensor, nn

from nascast.proxies.base import Status
from nascast.proxies.regions import Regions, segments


def reference(model: TinyNetwork, images: Tensor) -> float:
    """Units that switch, counted point by point on each segment."""
    model = model.double().train()
    signs: list[Tensor] = []
    model.norm.register_forward_hook(lambda layer, inputs, output: signs.append(output > 0))
    model.conv.register_forward_hook(lambda layer, inputs, output: signs.append(output > 0))
    half = len(images) // 2
    points = [
        (1 - step / 16) * images[i] + step / 16 * images[half + i]
        for i in range(min(8, half))
        for step in range(17)
    ]
    model(torch.stack(points).double())
    rows = torch.cat([sign.flatten(1) for sign in signs], dim=1).tolist()
    pieces = []
    for start in range(0, len(rows), 17):
        segment = rows[start : start + 17]
        pairs = itertools.pairwise(segment)
        switches = (a != b for pair in pairs for a, b in zip(*pair, strict=True))
        pieces.append(1 + sum(switches))
    return sum(pieces) / len(pieces)


@pytest.mark.parametrize("count", [2, 7, 20])
def test_is_its_formula(count: int) -> None:
    images = tiny_batch(count, dtype=torch.float64).inputs
    assert value(Regions.name, tiny_network(dtype=torch.float64), batch_of(images)) == (
        pytest.approx(reference(tiny_network(), images), rel=1e-4)
    )


def test_a_line_by_hand() -> None:
    # Units bend at 0, 0.5 and 3; the segment from -1 to 1 meets two of them.
    model = nn.Sequential(nn.Linear(1, 3), nn.ReLU())
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.0], [-1.0], [1.0]]))
        model[0].bias.copy_(torch.tensor([0.0, 0.5, -3.0]))
    assert value("regions", model, batch_of(torch.tensor([[-1.0], [1.0]]))) == 3
    # A second segment from 2 to 4 meets one.
    both = torch.tensor([[-1.0], [2.0], [1.0], [4.0]])
    assert value("regions", model, batch_of(both)) == (3 + 2) / 2


def test_stays_between_one_and_its_bound() -> None:
    units = 2 * 4 * 6 * 6
    for seed in range(3):
        found = value("regions", tiny_network(seed), tiny_batch(seed=seed))
        assert 1 < found <= 1 + 16 * units


def test_a_network_that_never_bends_has_one_piece() -> None:
    assert value("regions", nn.Conv2d(3, 2, 1), tiny_batch()) == 1
    model = dead_network()
    with torch.no_grad():
        model.stem.weight.zero_()
        model.conv.weight.zero_()
    assert value("regions", model, tiny_batch()) == 1


def test_nothing_changes_between_equal_images() -> None:
    assert value("regions", tiny_network(), batch_of(torch.ones(6, 3, 6, 6))) == 1


def test_outputs_that_are_not_finite_are_reported() -> None:
    model = tiny_network()
    with torch.no_grad():
        model.head.bias.fill_(math.nan)
    assert score("regions", model, tiny_batch()).status is Status.NAN


def test_one_image_is_not_enough() -> None:
    assert score("regions", tiny_network(), tiny_batch(1)).status is Status.UNDEFINED


def test_segments_join_both_halves_of_the_batch() -> None:
    images = torch.tensor([[0.0], [10.0], [16.0], [42.0]])
    found = segments(images).flatten().tolist()
    assert found == [*range(17), *range(10, 43, 2)]
