from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from tests.graphs.counted import meta
from tests.graphs.models import Written
from torch import Tensor, nn

from nascast.graphs.computation import GraphError
from nascast.graphs.failures import ReadsValues, explain, first_line, reads_values


def raised(function: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        function()
    return caught.value


def test_an_operation_that_reads_values_is_told_from_a_mistake() -> None:
    x = meta(2, 3)
    for asks in (x.sum().item, x.tolist, x.numpy, lambda: bool(x[0, 0])):
        assert reads_values(raised(asks))
    assert reads_values(ReadsValues("nonzero"))
    assert issubclass(ReadsValues, GraphError)
    assert not reads_values(raised(lambda: x.view(5)))
    assert not reads_values(raised(lambda: x + "a"))


def forward(self: Written, x: Tensor) -> Tensor:
    return self.layers(x) if x.dim() == 2 else self.missing


def test_a_mistake_is_explained_with_its_layer_line_and_arguments() -> None:
    model = Written(forward, layers=nn.Sequential(nn.ReLU(), nn.Linear(4, 2)))
    x = meta(2, 3)
    line = forward.__code__.co_firstlineno + 1
    says = explain(raised(lambda: model(x)), "Net", model, [x, meta(1)])
    assert says.startswith(
        "Net cannot be traced: its forward pass fails on these arguments (tensors: (2, 3), (1,)) "
        f"without data in layer layers.1 (Linear) at {__file__}:{line} in forward: "
    )
    own = explain(raised(lambda: model(x[0])), "Net", model, [])
    assert f"(tensors: none) without data at {__file__}:{line} in forward: " in own
    assert own.endswith("object has no attribute 'missing'")


def test_reading_values_is_explained_with_what_to_do() -> None:
    says = explain(ReadsValues("nonzero"), "Net", nn.ReLU(), [])
    assert says.startswith(
        "Net cannot be traced: its forward pass reads values of a tensor (nonzero), so its "
        "operations would depend on the data; choose with torch.where"
    )


def test_the_first_line_of_a_message() -> None:
    assert first_line(ValueError("\n one\ntwo")) == "one"
    assert first_line(AssertionError()) == "AssertionError"
    assert first_line(torch.OutOfMemoryError("full")) == "full"
