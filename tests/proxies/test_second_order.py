from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from nascast.proxies.second_order import RULES, Pair, Step, general, normalise, tensors_in

A = torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
X, S, T, W = A, A.flip(0).exp(), A.sin(), A[:3, :, :3, :3]


def stepped(step: Step, *moving: torch.Tensor) -> Step:
    step.outputs = tensors_in(step.run())
    step.active = frozenset(map(id, moving))
    step.tangents = {id(x): Pair(x.cos(), x.sin()) for x in moving}
    step.adjoints = [output.cos() for output in step.outputs]
    return step


def test_rules_equal_torchs_own_derivatives() -> None:
    steps = [
        stepped(normalise(torch.conv2d, (X, W, torch.ones(3).double(), 2, 1), {}), X, W),
        stepped(normalise(torch.Tensor.mul, (X, T), {}), X, T),
        stepped(normalise(functional.relu, (X,), {}), X),
        stepped(normalise(torch.cat, ([X, T, S],), {"dim": 1}), X, S),
        stepped(normalise(torch.add, (X, T), {}), X, T),
        stepped(normalise(torch.Tensor.chunk, (X, 2), {}), X),
    ]
    for step in steps:
        moved, second = RULES[step.name](step)
        expected, also = general(step)
        assert float(second) == pytest.approx(float(also), rel=1e-9, abs=1e-9)
        for found, wanted in zip(moved, expected, strict=True):
            torch.testing.assert_close(found.s, wanted.s)
            torch.testing.assert_close(found.t, wanted.t)


def test_batch_norm_equals_torchs_own_derivatives() -> None:
    scale = torch.tensor([1.0, -2.0, 0.5]).double()
    step = stepped(normalise(functional.batch_norm, (X, None, None, scale), {"training": True}), X)
    step.outputs, step.adjoints = step.outputs[:1], step.adjoints[:1]
    moved, second = RULES[step.name](step)

    def plain(x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        centred = x - x.mean((0, 2, 3), keepdim=True)
        deviation = (centred.square().mean((0, 2, 3), keepdim=True) + 1e-5).sqrt()
        return centred / deviation * scale.view(-1, 1, 1)

    reference = stepped(Step("plain", plain, (X, scale), {}), X)
    reference.adjoints = step.adjoints
    expected, also = general(reference)
    torch.testing.assert_close(second, also)
    torch.testing.assert_close(moved[0].s, expected[0].s)
    torch.testing.assert_close(moved[0].t, expected[0].t)


def test_torch_lacks_the_second_derivative_of_a_hard_sigmoid() -> None:
    step = normalise(functional.hardsigmoid, (X * 4,), {"inplace": True})
    torch.testing.assert_close(step.run(), functional.hardsigmoid(X * 4))
