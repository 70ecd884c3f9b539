from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from nascast.networks.counts import count_macs, count_params


def test_layers_by_hand() -> None:
    with torch.device("meta"):
        model = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1),
            nn.BatchNorm2d(8),
            nn.Conv2d(8, 8, 3, padding=1, groups=4, bias=False),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 5),
        )
    assert count_params(model) == (3 * 8 * 9 + 8) + 16 + 8 * 2 * 9 + (8 * 5 + 5)
    # 16x16 images are 8x8 behind the stride; a group sees a quarter of the channels.
    assert count_macs(model, (3, 16, 16)) == 64 * 3 * 8 * 9 + 64 * 8 * 2 * 9 + 8 * 5


def test_a_layer_used_twice_counts_twice_in_macs_and_once_in_params() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(6, 6)

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(self.layer(x))

    with torch.device("meta"):
        model = Twice()
    assert count_params(model) == 42
    assert count_macs(model, (6,)) == 72


def test_a_transposed_convolution_spreads_every_number_of_its_input() -> None:
    model = nn.ConvTranspose2d(6, 4, 4, stride=2, padding=1, groups=2).double()
    assert count_macs(model, (6, 5, 5)) == 6 * 25 * 2 * 16


def test_every_module_gets_its_own_mode_back() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout())
    model[1].eval()
    count_macs(model, (3,))
    assert [module.training for module in model.modules()] == [True, True, False]


def test_frozen_parameters_do_not_count() -> None:
    model = nn.Linear(4, 3)
    model.bias.requires_grad_(False)
    assert count_params(model) == 12


def test_the_model_is_left_as_it_was() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    count_macs(model, (3, 4, 4))
    assert model.training
    assert all(not module._forward_hooks for module in model.modules())


def test_hooks_go_even_when_the_forward_pass_fails() -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(4, 4))
    with pytest.raises(RuntimeError):
        count_macs(model, (5,))
    assert not model[0]._forward_hooks


def test_a_model_with_weights_counts_the_same_and_stays_as_it_is() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(36, 2))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert count_macs(model, (3, 5, 5)) == 4 * 9 * 27 + 36 * 2
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert model.training
