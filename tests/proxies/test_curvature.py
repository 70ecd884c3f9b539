from __future__ import annotations

import pytest
import torch
from tests.proxies.networks import NETWORKS, WithFeatures, batch, network
from torch import Tensor, nn
from torch.nn import functional

from nascast.proxies import shared_pass
from nascast.proxies.base import Batch, Need
from nascast.proxies.curvature import double_backward, gradients_of
from nascast.proxies.layers import measuring
from nascast.proxies.shared_pass import SharedPass


def bend(model: nn.Module, given: Batch) -> float:
    with measuring(model):
        return float(SharedPass(model, given, frozenset({Need.CURVATURE}), 0).curvature)


def hessian_form(model: nn.Module, given: Batch) -> float:
    """The whole matrix, on a network of a few weights."""
    names = [name for name, p in model.named_parameters() if p.dim() > 1]
    own = dict(model.named_parameters())
    sizes = [own[name].numel() for name in names]
    flat = torch.cat([own[name].detach().flatten() for name in names])

    def loss(vector: Tensor) -> Tensor:
        parts = zip(names, vector.split(sizes), strict=True)
        tensors = {name: part.view_as(own[name]) for name, part in parts}
        outputs = torch.func.functional_call(model, tensors, (given.inputs,))
        return given.loss(outputs, given.targets)

    gradient = torch.func.grad(loss)(flat)
    hessian = torch.autograd.functional.hessian(loss, flat)
    assert isinstance(hessian, Tensor)
    return float(flat @ hessian @ gradient.detach())


@pytest.fixture
def _forwards_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(loss: Tensor, weights: list[Tensor]) -> Tensor:
        raise AssertionError("fell back on the double backward pass")

    monkeypatch.setattr(shared_pass, "double_backward", fail)


@pytest.mark.usefixtures("_forwards_only")
def test_what_else_watches_does_not_disturb_it() -> None:
    model, given = network("residual").double(), batch(dtype=torch.float64)
    expected = bend(model, given)
    with measuring(model):
        assert float(SharedPass(model, given, frozenset(Need), 0).curvature) == expected


class Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)
        self.norm = nn.BatchNorm2d(2, track_running_stats=False)
        self.linear = nn.Linear(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(torch.tanh(self.norm(self.conv(x))).mean(dim=(2, 3)))


@pytest.mark.usefixtures("_forwards_only")
def test_it_is_the_form_of_the_full_hessian() -> None:
    torch.manual_seed(0)
    model, given = Tiny().double(), batch(dtype=torch.float64)
    assert bend(model, given) == pytest.approx(hessian_form(model, given), rel=1e-9)


@pytest.mark.usefixtures("_forwards_only")
@pytest.mark.parametrize("kind", [kind for kind in NETWORKS if kind != "in place"])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=str)
def test_both_ways_agree(kind: str, layout: torch.memory_format) -> None:
    model, given = network(kind).double(), batch(dtype=torch.float64)
    inputs = given.inputs.contiguous(memory_format=layout)
    with measuring(model):
        expected = float(double_backward(given.loss(model(inputs), given.targets), weights(model)))
    found = bend(model, Batch(inputs, given.targets, given.loss))
    assert found == pytest.approx(expected, rel=1e-9)


def weights(model: nn.Module) -> list[Tensor]:
    kinds = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
    found = {id(m.weight): m.weight for m in model.modules() if isinstance(m, kinds)}
    return list(found.values())


class Body(WithFeatures):
    """One function between two convolutions."""

    def __init__(self, function: object) -> None:
        super().__init__(4)
        self.stem, self.conv = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1)
        self.function = function

    def features(self, x: Tensor) -> Tensor:
        assert callable(self.function)
        return self.conv(self.function(self.stem(x)))


FOLLOWED = {
    "add": lambda x: x + x.flip(0),
    "number": lambda x: 2.0 - x * 3.0 / (1.0 + 4.0),
    "square": lambda x: x * x,
    "broadcast": lambda x: x * x.mean(dim=(2, 3), keepdim=True) + x.amax(dim=1, keepdim=True),
    "cat": lambda x: torch.cat([x[:, :2], torch.ones_like(x[:, 2:])], dim=1).exp(),
    "split": lambda x: torch.cat(x.chunk(2, dim=1)[::-1], dim=1).sigmoid(),
    "softmax": lambda x: functional.softmax(x, dim=1),
    "hardsigmoid": lambda x: x * functional.hardsigmoid(x),
    "pools": lambda x: functional.max_pool2d(x, 2) * functional.avg_pool2d(x, 2),
    "pad": lambda x: functional.pad(x, (1, 0, 1, 0), value=2.0).sin(),
    "interpolate": lambda x: functional.interpolate(x, scale_factor=2.0).tanh(),
    "group norm": lambda x: functional.group_norm(x, 2),
    "gelu": functional.gelu,
    "elu": functional.elu,
    "silu": functional.silu,
    "mish": functional.mish,
    "selu": functional.selu,
    "celu": functional.celu,
    "softplus": functional.softplus,
    "swish": lambda x: functional.hardswish(x) + functional.relu6(x).exp(),
    "logarithm": lambda x: functional.log_softmax(x, dim=1),
    "layer norm": lambda x: functional.layer_norm(x, x.shape[1:]),
    "instance norm": functional.instance_norm,
    "local norm": lambda x: functional.local_response_norm(x, 2),
    "power": lambda x: (x.abs() + 1.0).pow(0.3) + x.abs().sqrt(),
    "leaky": functional.leaky_relu,
    "standardised": lambda x: functional.conv2d(x, (x[:4, :, :1, :1] - 1.0)),
    "keywords": lambda x: functional.conv2d(input=x, weight=torch.ones(4, 4, 1, 1).to(x)).sin(),
    "constant norm": lambda x: functional.batch_norm(
        x, torch.ones(4).to(x), torch.ones(4).to(x)
    ).exp(),
    "bare norm": lambda x: functional.batch_norm(x, None, None, training=True).exp(),
}


@pytest.mark.usefixtures("_forwards_only")
@pytest.mark.parametrize("name", FOLLOWED)
def test_every_function_is_followed(name: str) -> None:
    torch.manual_seed(0)
    model, given = Body(FOLLOWED[name]).double(), batch(dtype=torch.float64)
    reference = Body(_safe if name == "hardsigmoid" else FOLLOWED[name]).double()
    reference.load_state_dict(model.state_dict())
    loss = given.loss(reference(given.inputs), given.targets)
    expected = float(double_backward(loss, weights(reference)))
    assert expected != 0.0
    assert bend(model, given) == pytest.approx(expected, rel=1e-9)


def _safe(x: Tensor) -> Tensor:
    return x * (x + 3).clamp(0, 6) / 6


class Cube(torch.autograd.Function):
    """Which no mode sees."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *grads: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return 3 * x**2 * grads[0]


def _write(x: Tensor) -> Tensor:
    y = torch.zeros_like(x)
    y[:, :2] = x[:, :2].exp()
    return y


UNFOLLOWED = {
    "custom function": Cube.apply,
    "in place": lambda x: x.sin().mul_(2.0),
    "written": _write,
    "through a view": lambda x: x.sin().view(-1).add_(1.0).view_as(x),
}


@pytest.mark.parametrize("name", UNFOLLOWED)
def test_whatever_else_goes_backwards_twice(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(
        shared_pass, "double_backward", lambda *a: calls.append(1) or double_backward(*a)
    )
    torch.manual_seed(0)
    model, given = Body(UNFOLLOWED[name]).double(), batch(dtype=torch.float64)
    loss = given.loss(model(given.inputs), given.targets)
    expected = float(double_backward(loss, weights(model)))
    assert expected != 0.0
    assert bend(model, given) == pytest.approx(expected, rel=1e-9)
    assert calls == [1]


def test_noise_is_not_drawn_twice() -> None:
    model, given = Body(lambda x: functional.dropout(x.sin(), 0.5)).double(), batch()
    given = Batch(given.inputs.double(), given.targets, given.loss)
    torch.manual_seed(3)
    found = bend(model, given)
    torch.manual_seed(3)
    loss = given.loss(model(given.inputs), given.targets)
    assert found == pytest.approx(float(double_backward(loss, weights(model))), rel=1e-9)


def test_a_loss_that_is_linear_in_all_weights_does_not_bend() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    given = batch()
    assert bend(model, Batch(given.inputs, given.targets, lambda y, _: y.mean())) == 0.0
    assert float(double_backward(model(given.inputs).mean(), weights(model))) == 0.0


def test_gradients_of_what_a_scalar_does_not_see() -> None:
    a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    first, second = gradients_of(a.sum(), [a, b])
    assert first is not None
    assert first.tolist() == [1, 1]
    assert second is None
    assert gradients_of(torch.tensor(1.0), [a]) == [None]
