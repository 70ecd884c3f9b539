"""What the files of one formula each give where it can be worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from tests.proxies.networks import batch, network
from torch import Tensor, nn

from nascast.proxies.base import Batch, Proxy
from nascast.proxies.epe_nas import EpeNas
from nascast.proxies.fisher import Fisher
from nascast.proxies.flops import Flops
from nascast.proxies.grad_norm import GradNorm
from nascast.proxies.grasp import Grasp
from nascast.proxies.jacov import Jacov
from nascast.proxies.l2_norm import L2Norm
from nascast.proxies.layers import measuring
from nascast.proxies.params import Params
from nascast.proxies.plain import Plain
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.snip import Snip


def scored(proxy: Proxy, model: nn.Module, given: Batch) -> float:
    with measuring(model):
        return proxy.score(SharedPass(model, given, proxy.needs, 0))


def two_weights() -> tuple[nn.Module, Batch]:
    """``y = 3 * (-2 * x)`` with the loss ``mean of y^2 / 2`` on x = 1 and x = 2."""
    model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
    for layer, weight in zip(model, (-2.0, 3.0), strict=True):
        nn.init.constant_(layer.weight, weight)  # type: ignore[arg-type]
    inputs = torch.tensor([[1.0], [2.0]])
    return model, Batch(inputs, inputs, lambda y, _: y.square().mean() / 2)


# L = 2.5/2 (a b)^2 with a = -2 and b = 3: dL/da = 2.5 a b^2 = -45, dL/db = 2.5 a^2 b = 30.
# H = 2.5 [[b^2, 2 a b], [2 a b, a^2]] = [[22.5, -30], [-30, 10]], H g = [-1912.5, 1650].
# Fisher of the layers' outputs, -2 x and -6 x: a dL/da = 18 x^2 twice, so 1/2 * 324 * 8.5 each.
@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        (L2Norm(), 5.0),
        (GradNorm(), 75.0),
        (Plain(), 180.0),
        (Snip(), 180.0),
        (Grasp(), -(-2 * -1912.5 + 3 * 1650.0)),
        (Fisher(), 2 * 0.5 * 324 * 8.5),
        (Params(), 2.0),
        (Flops(), 4.0),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_two_weights_by_hand(proxy: Proxy, expected: float) -> None:
    assert scored(proxy, *two_weights()) == pytest.approx(expected, rel=1e-6)


def test_signs_part_plain_from_snip() -> None:
    model, given = network("plain"), batch()
    assert scored(Snip(), model, given) > abs(scored(Plain(), model, given))


def test_sizes_by_hand() -> None:
    model, given = network("plain"), batch()
    convs, norms, linear = 3 * 4 * 9 + 4 + 4 * 5 * 9, 2 * 4 + 2 * 5, 5 * 3 + 3
    assert scored(Params(), model, given) == convs + norms + linear
    # 8x8 positions, then 4x4 without a border, then one.
    assert scored(Flops(), model, given) == 2 * (64 * 3 * 4 * 9 + 4 * 4 * 5 * 9 + 5 * 3)


class Known(nn.Module):
    """Whose Jacobian for an image is the image itself."""

    def forward(self, x: Tensor) -> Tensor:
        return (x.square() / 2).sum(dim=1, keepdim=True)


def known(rows: list[list[float]], labels: list[int], classes: int) -> Batch:
    inputs, wanted = torch.tensor(rows), torch.tensor(labels)
    return Batch(inputs, wanted, lambda y, _: y.mean(), wanted, classes)


def test_jacobian_proxies_by_hand() -> None:
    # Correlations: 1 and 0 and -1; the matrix of the first two and the fourth is worked out below.
    a, b, c = [1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, -1.0], [-3.0, 0.0, 3.0, 0.0]
    k = 1e-5
    both = known([a, b], [0, 1], 2)
    assert scored(Jacov(), Known(), both) == pytest.approx(-2 * (math.log(1 + k) + 1 / (1 + k)))
    assert scored(EpeNas(), Known(), both) == pytest.approx(2 * math.log(1 + k), rel=1e-5)
    # a and c are opposites (eigenvalues 0 and 2), a and b orthogonal.
    opposite = -(math.log(k) + 1 / k + math.log(2 + k) + 1 / (2 + k))
    assert scored(Jacov(), Known(), known([a, c], [0, 0], 1)) == pytest.approx(opposite)
    classes = known([a, b, a, c, b], [0, 0, 4, 4, 7], 10)
    orthogonal, same, single = 2 * math.log(k) + 2 * math.log(1 + k), 4, 1
    expected = abs(orthogonal) + (same + single) * math.log(1 + k)
    assert scored(EpeNas(), Known(), classes) == pytest.approx(expected, rel=1e-5)


def test_many_classes_are_compared_pair_by_pair() -> None:
    a, b = [1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, -1.0]
    given = known([a, b, a], [3, 3, 150], 200)
    k = 1e-5
    orthogonal, single = (2 * math.log(k) + 2 * math.log(1 + k)) / 2, math.log(1 + k)
    # Every pair counts twice, and there are two classes.
    expected = 2 * abs(orthogonal - single) / 2
    assert scored(EpeNas(), Known(), given) == pytest.approx(expected, rel=1e-6)
