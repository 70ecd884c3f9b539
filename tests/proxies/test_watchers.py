from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from nascast.proxies.watchers import ActivationCodes, PooledFeatures, UnboundedFlow

X = torch.tensor([[-2.0, -0.5, 1.0, 3.0], [2.0, -0.5, 1.0, -3.0]])
CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("gate", "alike"),
    [
        (functional.relu, 2),
        (nn.ReLU(inplace=True), 2),
        (lambda x: x.relu(), 2),
        (nn.ReLU6(), 2),
        (nn.SiLU(), 2),
        (nn.LeakyReLU(), 2),
        (nn.Hardswish(), 2),
        (nn.Hardtanh(-1.0), 2),
        (nn.Hardtanh(-1.0, inplace=True), 2),
        (lambda x: functional.hardtanh(x, min_val=-2.5), 3),
    ],
)
def test_codes_count_units_that_two_images_switch_alike(gate: object, alike: int) -> None:
    assert callable(gate)
    with ActivationCodes(2, CPU) as codes:
        gate(X.clone())
    assert codes.units == 4
    assert codes.kernel.tolist() == [[4, alike], [alike, 4]]


def test_codes_add_up_over_layers_and_pieces_of_images() -> None:
    pieces = torch.cat([X, X.flip(0)], dim=1).reshape(4, 4)
    with ActivationCodes(2, CPU) as codes:
        torch.relu(X)
        torch.relu(pieces)
        torch.sigmoid(X)
    assert codes.units == 12
    assert codes.kernel.tolist() == [[12, 6], [6, 12]]


def test_a_gate_on_something_else_than_images_is_no_code() -> None:
    with ActivationCodes(2, CPU) as codes:
        torch.relu(torch.ones(3, 5))
        torch.relu(torch.tensor(1.0))
    assert codes.units == 0


@pytest.mark.parametrize(
    "pool",
    [
        lambda x: x.mean(dim=(2, 3)),
        lambda x: x.mean(dim=(2, 3), keepdim=True),
        nn.AdaptiveAvgPool2d(1),
        nn.AvgPool2d(4),
    ],
)
def test_the_last_global_pooling_is_seen(pool: object) -> None:
    assert callable(pool)
    first, last = torch.randn(2, 3, 4, 4), torch.randn(2, 5, 4, 4)
    with PooledFeatures() as seen:
        pool(first)
        pool(last)
        functional.avg_pool2d(first, 2)
        last.mean()
        first.flatten(1).mean(dim=1)
    assert seen.features is last


def test_batch_norms_pass_on_what_they_get() -> None:
    model = nn.Sequential(nn.BatchNorm1d(4, affine=True), nn.ReLU())
    with UnboundedFlow():
        assert torch.equal(model(X), X.clamp(min=0))
    assert not torch.equal(model(X), X.clamp(min=0))


def test_a_squashing_at_the_end_is_undone_and_no_other() -> None:
    inner = nn.Sequential(nn.Sigmoid(), nn.Linear(4, 2))
    for squash in (nn.Tanh(), torch.sigmoid, nn.Hardsigmoid(), functional.hardtanh):
        with UnboundedFlow() as flow:
            wanted = inner(X)
            assert flow.before_squashing(squash(wanted)) is wanted
            assert flow.before_squashing(wanted) is wanted, "the sigmoid inside stays"
