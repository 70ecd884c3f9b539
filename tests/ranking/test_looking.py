from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from nascast.networks.counts import count_macs
from nascast.ranking.base import Candidate, CandidateError, Setting
from nascast.ranking.candidates import read_candidates
from nascast.ranking.looking import look, look_at, ready

SHAPE = Setting((3, 8, 8))


def candidate(model: nn.Module, example: Tensor | None = None) -> Candidate:
    return Candidate("mine", "here", lambda repeat: model, example=example)


def flat(outputs: int = 4) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(192, outputs))


def test_sizes_and_shapes_of_a_module() -> None:
    model = nn.Sequential(nn.Conv2d(3, 5, 3), nn.Flatten(), nn.Linear(5 * 6 * 6, 4))
    network = look(candidate(model), SHAPE)
    assert (network.shape, network.outputs) == ((3, 8, 8), (4,))
    assert network.params == 5 * 27 + 5 + 180 * 4 + 4
    assert network.macs == 36 * 5 * 27 + 180 * 4 == count_macs(model, (3, 8, 8))


def test_an_example_says_the_shape_whatever_the_setting() -> None:
    assert look(candidate(nn.Linear(7, 2), torch.zeros(1, 7)), SHAPE).shape == (7,)


def test_a_spec_has_the_size_of_its_space() -> None:
    cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
    given = read_candidates([f"nasbench201:{cell}"], Setting(classes=10))
    (network,), failures = look_at(given.candidates, Setting(classes=10), lambda line: None)
    assert not failures
    assert network.shape == (3, 32, 32)
    # Dong & Yang's published size of this cell's network.
    assert network.params == 316_346
    model = given.candidates[0].build(0)
    assert network.params == sum(p.numel() for p in model.parameters())


class Raises(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not yet")


class Branches(Raises):
    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


class Pair(Raises):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


class Mean(Raises):
    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.mean().view(1)).sum()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Flatten(), "has no parameters"),
        (Raises(), r"raises in forward on two inputs of 3 x 8 x 8: NotImplementedError: not yet"),
        (nn.Conv2d(1, 2, 3), "expected input.* to have 1 channels, but got 3"),
        (Branches(), "cannot be traced: its forward pass reads values of a tensor"),
        (Pair(), "returns a tuple, not one tensor"),
        (Mean(), "the first axis must be the batch"),
    ],
)
def test_what_is_wrong_with_a_network(model: nn.Module, message: str) -> None:
    with pytest.raises(CandidateError, match=message):
        look(candidate(model), SHAPE)


def test_a_shape_is_needed() -> None:
    with pytest.raises(CandidateError, match="has no example input"):
        look(candidate(flat()), Setting())


def test_looking_leaves_a_network_as_it_was() -> None:
    model = nn.Sequential(nn.BatchNorm2d(3), flat()).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    look(candidate(model), SHAPE)
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_one_that_fails_leaves_the_others_alone() -> None:
    def explodes(repeat: int) -> nn.Module:
        raise KeyError("width")

    candidates = [candidate(flat()), Candidate("bad", "there", explodes), candidate(flat(2))]
    networks, failures = look_at(candidates, SHAPE, lambda line: None)
    assert [network.outputs for network in networks] == [(4,), (2,)]
    assert [(one.name, one.place, one.error) for one in failures] == [
        ("bad", "there", "cannot be built: KeyError: 'width'")
    ]


def test_networks_know_their_classes() -> None:
    network = look(candidate(flat()), SHAPE)
    assert network.classes(None) == network.classes(3) == 4
    with pytest.raises(CandidateError, match="tells 4 classes apart, but the images have 5"):
        network.classes(5)
    dense = look(candidate(nn.Conv2d(3, 2, 1)), SHAPE)
    with pytest.raises(CandidateError, match="puts out 2 x 8 x 8 an input; this predictor needs"):
        dense.classes(None)


def test_a_network_on_another_device_is_copied() -> None:
    model = nn.Sequential(nn.BatchNorm2d(3), flat())
    assert ready(candidate(model), 0, torch.device("cpu")) is model
    moved = ready(candidate(model), 0, torch.device("meta"))
    assert {tensor.device.type for tensor in moved.state_dict().values()} == {"meta"}
    assert {tensor.device.type for tensor in model.state_dict().values()} == {"cpu"}
