from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from tests.proxies.networks import IMAGES, NETWORKS, batch, network
from torch import Tensor, nn

from nascast.proxies.base import Batch, Status
from nascast.proxies.errors import ProxyError
from nascast.proxies.measure import measure
from nascast.proxies.registry import SUITE_ZERO, create

every_kind = pytest.mark.parametrize("kind", NETWORKS)


class Constant(nn.Module):
    """Whose outputs do not depend on the images."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(192, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(torch.relu(x.flatten(1) * 0.0))


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def values(kind: str, **settings: int) -> dict[str, float]:
    scores = measure(network(kind), batch(), SUITE_ZERO, **settings)
    return {name: score.value for name, score in scores.items()}


@every_kind
def test_a_network_comes_back_as_it_was(kind: str) -> None:
    model = network(kind)
    children = list(model.children())
    children[0].eval()
    first = next(model.parameters())
    first.grad = torch.ones_like(first)
    tensors = dict(model.named_parameters(remove_duplicate=False)) | dict(model.named_buffers())
    before = {name: (tensor, tensor.detach().clone()) for name, tensor in tensors.items()}
    trainable = [parameter.requires_grad for parameter in model.parameters()]
    modes = [module.training for module in model.modules()]
    generator = torch.get_rng_state()
    measure(model, batch(), SUITE_ZERO)
    after = dict(model.named_parameters(remove_duplicate=False)) | dict(model.named_buffers())
    assert list(after) == list(before)
    for name, (tensor, value) in before.items():
        assert after[name] is tensor
        assert torch.equal(tensor, value)
    assert [parameter.requires_grad for parameter in model.parameters()] == trainable
    assert [module.training for module in model.modules()] == modes
    assert not any(module._forward_hooks or module._backward_hooks for module in model.modules())
    assert torch.equal(first.grad, torch.ones_like(first))
    assert all(p.grad is None for p in model.parameters() if p is not first)
    assert torch.equal(torch.get_rng_state(), generator)


@every_kind
def test_alone_and_together_are_one(kind: str) -> None:
    together = values(kind)
    for name in SUITE_ZERO:
        alone = measure(network(kind), batch(), [name])[name]
        assert alone.value == pytest.approx(together[name], rel=1e-5), name
    turned = measure(network(kind), batch(), reversed(SUITE_ZERO))
    assert list(turned) == list(reversed(SUITE_ZERO))
    assert {name: score.value for name, score in turned.items()} == pytest.approx(together)


@every_kind
def test_the_number_of_threads_does_not_matter(kind: str) -> None:
    with threads(1):
        one = values(kind)
    with threads(2):
        two = values(kind)
    assert two == pytest.approx(one, rel=1e-5)


def test_a_seed_draws_the_same_weights_and_matters_to_nothing_else() -> None:
    first, again, other = values("plain", seed=3), values("plain", seed=3), values("plain", seed=4)
    assert first == again
    assert {name for name in first if first[name] != other[name]} == {"zen"}


def test_gradients_are_taken_even_where_the_caller_switched_them_off() -> None:
    expected = values("residual")
    with torch.no_grad():
        assert values("residual") == expected


def test_a_task_without_classes_leaves_a_proxy_undefined() -> None:
    given = batch()
    regression = Batch(given.inputs, torch.zeros(IMAGES, 3), nn.functional.mse_loss)
    scores = measure(network("plain"), regression, SUITE_ZERO)
    assert scores["epe_nas"].status is Status.UNDEFINED
    assert math.isnan(scores["epe_nas"].value)
    assert scores["epe_nas"].reason == create("epe_nas").undefined(regression)
    others = [score for name, score in scores.items() if name != "epe_nas"]
    assert all(score.status is Status.OK and not score.reason for score in others)


def test_a_constant_network_is_not_a_number_to_what_compares_its_images() -> None:
    scores = measure(Constant(), batch(), SUITE_ZERO)
    not_ok = {name: score.status for name, score in scores.items() if score.status != Status.OK}
    assert not_ok == {
        "epe_nas": Status.NAN,
        "jacov": Status.NAN,
        "nwot": Status.OVERFLOW,
        "zen": Status.OVERFLOW,
    }
    assert scores["snip"].value == 0.0  # all its gradients are zero indeed


def test_outputs_without_any_gradient_have_gradients_of_zero() -> None:
    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return torch.ones(len(x), 3)

    scores = measure(Cut(), batch(), ["grad_norm", "snip", "grasp", "fisher", "synflow", "jacov"])
    assert {score.value for name, score in scores.items() if name != "jacov"} == {0.0}
    assert scores["jacov"].status is Status.NAN


def test_weights_beyond_the_range_overflow() -> None:
    model = network("mlp")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1e38)
    scores = measure(model.double(), batch(dtype=torch.float64), ["synflow", "l2_norm", "plain"])
    assert scores["synflow"].status is Status.OK  # 1e76, in double precision
    scores = measure(model.float(), batch(), ["l2_norm"])
    assert scores["l2_norm"].status is Status.OVERFLOW


def test_seconds_are_those_of_a_proxy_by_itself() -> None:
    scores = measure(network("plain"), batch(), SUITE_ZERO)
    assert all(score.seconds >= 0 for score in scores.values())
    assert scores["grasp"].seconds > scores["snip"].seconds > scores["params"].seconds


@pytest.mark.parametrize("name", SUITE_ZERO)
def test_what_cannot_be_scored_is_an_error(name: str) -> None:
    class Pair(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(8, 3)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return self.layer(x), x

    weightless = {"grad_norm", "snip", "plain", "grasp", "fisher", "synflow"}
    if name in weightless:
        with pytest.raises(ProxyError, match="Flatten has neither convolutions nor linear"):
            measure(nn.Flatten(), batch(), [name])
    if name not in {"params", "flops", "l2_norm"}:
        with pytest.raises(ProxyError, match="Pair returns tuple, not one tensor; wrap it"):
            measure(Pair(), batch(), [name])


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(ProxyError, match="nonsense"):
        measure(network("mlp"), batch(), ["nonsense"])


def test_a_computed_weight_is_an_error() -> None:
    model = network("mlp")
    nn.utils.parametrizations.weight_norm(model.layers[0])  # type: ignore[index, union-attr]
    with pytest.raises(ProxyError, match="a ParametrizedLinear of Mlp computes its weight"):
        measure(model, batch(), ["snip"])
