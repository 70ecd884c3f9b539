import math

import pytest
import torch
from tests.proxies.tiny import batch_of, dead_network, score, tiny_batch, tiny_network, value
from torch import Tensor, nn

from nascast.proxies.base import Status
from nascast.proxies.te_nas_regions import TeNasRegions, random_crops, thinned


def smooth_images(count: int, side: int, seed: int = 0) -> Tensor:
    """Images whose neighbouring pixels are alike, as a photograph's are."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 4, 4, generator=generator)
    return nn.functional.interpolate(coarse, size=(side, side), mode="bicubic")


def thin_network(wide: nn.Sequential) -> nn.Sequential:
    """The network of one channel that has the first channels' weights."""
    thin = nn.Sequential(
        nn.Conv2d(3, 1, 3, padding=1, bias=False),
        nn.BatchNorm2d(1),
        nn.ReLU(),
        nn.Conv2d(1, 1, 3, padding=1),
        nn.ReLU(),
    ).double()
    with torch.no_grad():
        thin[0].weight.copy_(wide[0].weight[:1])
        thin[3].weight.copy_(wide[3].weight[:1, :1])
        thin[3].bias.copy_(wide[3].bias[:1])
    return thin.train()


def test_is_its_formula() -> None:
    torch.manual_seed(0)
    wide = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 3, 3, padding=1),
        nn.ReLU(),
    ).double()
    images = smooth_images(8, 12).double()
    thin = thin_network(wide)
    patterns = set()
    for crops in random_crops(images, 4, seed=5).split(1000):
        first = thin[:3](crops)
        second = thin[3:](first)
        signs = torch.cat([first.flatten(1) > 0, second.flatten(1) > 0], dim=1)
        patterns |= {tuple(row) for row in signs.tolist()}
    found = value(TeNasRegions.name, wide, batch_of(images), seed=5)
    assert found == len(patterns)
    assert 100 < found < 3000


def test_inputs_that_are_no_images_are_taken_as_they_are() -> None:
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU())
    with torch.no_grad():
        model[0].weight.copy_(torch.eye(2))
    quadrants = torch.tensor([[1.0, 1.0], [2.0, 3.0], [-1.0, 1.0], [1.0, -1.0], [4.0, -1.0]])
    assert value("te_nas_regions", model, batch_of(quadrants)) == 3


@pytest.mark.parametrize(("kernel", "most"), [(3, 3000), (6, 3000), (16, 3000), (17, 6)])
def test_takes_the_smallest_crops_that_the_network_takes(kernel: int, most: int) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, kernel), nn.ReLU(), nn.Conv2d(8, 8, 1), nn.ReLU())
    sides = []
    model[0].register_forward_hook(lambda layer, inputs, output: sides.append(inputs[0].shape[-1]))
    found = value("te_nas_regions", model, batch_of(smooth_images(6, 20)))
    assert 1 < found <= most
    assert sides[-1] == {3: 4, 6: 8, 16: 16, 17: 20}[kernel]


def test_a_network_that_never_bends_has_one_region() -> None:
    assert value("te_nas_regions", nn.Conv2d(3, 2, 1), tiny_batch()) == 1
    model = dead_network()
    with torch.no_grad():
        model.stem.weight.zero_()
    assert value("te_nas_regions", model, tiny_batch()) == 1


def test_equal_images_fall_into_one_region() -> None:
    assert value("te_nas_regions", tiny_network(), batch_of(torch.ones(8, 3, 6, 6))) == 1


def test_outputs_that_are_not_finite_are_reported() -> None:
    model = tiny_network()
    with torch.no_grad():
        model.head.bias.fill_(math.inf)
    assert score("te_nas_regions", model, tiny_batch()).status is Status.NAN


def test_crops_are_pieces_of_the_images_and_follow_the_seed() -> None:
    images = torch.arange(2 * 3 * 7 * 9.0).reshape(2, 3, 7, 9)
    crops = random_crops(images, 4, seed=1, samples=200)
    assert crops.shape == (200, 3, 4, 4)
    corners = set()
    for crop in crops:
        number = int(crop[0, 0, 0])
        image, top, left = number // 189, number // 9 % 7, number % 9
        assert torch.equal(crop, images[image, :, top : top + 4, left : left + 4])
        corners.add((image, top, left))
    assert len(corners) == 2 * 4 * 6  # all positions come up in 200 draws, none from outside
    assert torch.equal(crops, random_crops(images, 4, seed=1, samples=200))
    assert not torch.equal(crops, random_crops(images, 4, seed=2, samples=200))


def test_thin_networks_share_what_the_wide_ones_share() -> None:
    model = nn.ModuleDict({"a": nn.Conv2d(2, 3, 1), "up": nn.ConvTranspose2d(2, 3, 1)})
    model["b"] = nn.Conv2d(2, 3, 1)
    model["b"].weight = model["a"].weight
    found = thinned(model)
    assert len(found) == 5
    for name, axis in (("a.weight", 0), ("up.weight", 1), ("b.bias", 0)):
        kept = found[id(model.get_parameter(name))].transpose(0, axis)
        assert torch.equal(kept[0], model.get_parameter(name).transpose(0, axis)[0])
        assert kept[1:].count_nonzero() == 0
