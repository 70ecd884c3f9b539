from __future__ import annotations

import pytest
import torch
from torch._ops import OpOverload

from nascast.graphs.computation import TYPES
from nascast.graphs.normal_form import CONSTANT, PASS, SELECT
from nascast.graphs.operations import Kind, base_name, kind_of, named_arguments

aten = torch.ops.aten
X = torch.empty(1, 2, 4, 4, device="meta")


def test_names_leave_out_how_an_operation_writes() -> None:
    assert base_name(aten.add_.Tensor) == base_name(aten.add.out) == base_name(aten.add.Tensor)
    assert base_name(aten._softmax.default) == "_softmax"
    assert base_name(aten.__and__.Tensor) == "__and__"
    assert base_name(torch.ops.prims.sin.default) == "prims::sin"


@pytest.mark.parametrize(
    ("operator", "args", "expected"),
    [
        (aten.relu_.default, (X,), Kind("ReLU")),
        (aten.hardtanh.default, (X, 0, 6), Kind("ReLU6")),
        (aten.hardtanh.default, (X, 0.0, 6.0), Kind("ReLU6")),
        (aten.hardtanh.default, (X,), Kind("Tanh")),
        (aten.hardtanh.default, (X, -2, 2), Kind("Unknown")),
        (aten.clamp.default, (X, 0), Kind("ReLU")),
        (aten.clamp.default, (X, 0, 6), Kind("ReLU6")),
        (aten.clamp.default, (X, None, 6), Kind("Unknown")),
        (aten.clamp_min.default, (X, 0), Kind("ReLU")),
        (aten.clamp_min.default, (X, 1e-12), Kind("Unknown")),
        (aten.clamp.Tensor, (X, X), Kind("Unknown")),
        (aten.threshold.default, (X, 0, 0), Kind("ReLU")),
        (aten.threshold.default, (X, 1, 0), Kind("Unknown")),
        (aten.mul.Tensor, (X, X), Kind("Mul")),
        (aten.mul.Tensor, (X, 0.0), Kind("Zero")),
        (aten.mul.Tensor, (X, 2), Kind("Mul")),
        (aten.rsub.Scalar, (X, 1), Kind("Add")),
        (aten.native_batch_norm.default, (X,), Kind("BatchNorm", "first")),
        (aten.native_layer_norm.default, (X, [4]), Kind("Unknown", "last")),
        (aten.native_layer_norm.default, (X, [2, 4, 4]), Kind("Unknown")),
        (aten.pixel_shuffle.default, (X, 2), Kind("DepthToSpaceND", "first")),
        (aten.masked_fill.Scalar, (X, X, 0.0), Kind(SELECT)),
        (aten.clone.default, (X,), Kind(PASS)),
        (aten.new_ones.default, (X, [3]), Kind(CONSTANT)),
        (aten.cumsum.default, (X, 1), Kind("Unknown")),
    ],
    ids=str,
)
def test_kinds(operator: OpOverload, args: tuple[object, ...], expected: Kind) -> None:
    found = kind_of(operator, args, {})
    assert found == expected
    assert found.type in (*TYPES, PASS, SELECT, CONSTANT)


def test_arguments_are_found_by_name_wherever_they_are_given() -> None:
    named = named_arguments(aten.clamp.default, (X,), {"max": 6})
    assert (named["self"] is X, named["min"], named["max"]) == (True, None, 6)
    assert kind_of(aten.clamp.default, (X,), {"min": 0, "max": 6}).type == "ReLU6"
