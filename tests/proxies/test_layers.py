from __future__ import annotations

import pytest
import torch
from tests.proxies.networks import Shared, network
from torch import nn

from nascast.proxies.layers import measuring, replaced, weighted_layers, weights_of


def test_layers_and_weights_come_once_in_module_order() -> None:
    model = Shared()
    layers = weighted_layers(model)
    assert layers == [model.classifier, model.stem[0], model.conv, model.tied]
    expected = [model.classifier.weight, model.stem[0].weight, model.conv.weight]
    assert [id(weight) for weight in weights_of(model)] == [id(weight) for weight in expected]


def test_dropout_is_off_and_norms_train_while_measuring() -> None:
    model = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(3)).eval()
    with measuring(model):
        assert [module.training for module in model.modules()] == [True, False, True]
        model(torch.randn(4, 3))
    assert not any(module.training for module in model.modules())
    assert torch.equal(model[1].running_mean, torch.zeros(3))
    assert int(model[1].num_batches_tracked) == 0


def test_whatever_shares_a_tensor_gets_and_loses_its_replacement() -> None:
    model = Shared()
    own = model.conv.weight
    other = torch.zeros_like(own)
    with replaced(model, {id(own): other}):
        assert model.conv.weight is model.again.weight is model.tied.weight is other
    assert model.conv.weight is model.again.weight is model.tied.weight is own


def test_a_failure_leaves_nothing_behind() -> None:
    model = nn.Linear(3, 2).eval()
    own = model.weight
    with pytest.raises(RuntimeError), measuring(model), replaced(model, {id(own): own.detach()}):
        model(torch.ones(1, 7))
    assert model.weight is own
    assert not model.training


def test_measuring_makes_frozen_weights_differentiable() -> None:
    model = network("residual")
    with torch.no_grad(), measuring(model):
        assert all(parameter.requires_grad for parameter in model.parameters())
        assert torch.is_grad_enabled()
    assert not all(parameter.requires_grad for parameter in model.parameters())
