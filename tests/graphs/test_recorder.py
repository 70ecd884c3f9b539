from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nascast.graphs.failures import ReadsValues
from nascast.graphs.normal_form import normalise
from nascast.graphs.recorder import Recorder, tensors_in, without_data


def recorded(function: object, *shapes: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """The nodes of a function of tensors of some shapes; of its result if it has one."""
    recorder = Recorder()
    inputs = [torch.empty(shape, device="meta") for shape in shapes]
    for tensor in inputs:
        recorder.add_input(tensor)
    with torch.no_grad(), recorder:
        results = tensors_in(function(*inputs))  # type: ignore[operator]
    for tensor in results:
        recorder.add_output(tensor)
    return [(node.type, node.inputs) for node in normalise(recorder.operations)]


ONE = [("Input", ()), ("ReLU", (0,)), ("Output", (1,))]


def fill_in_place(x: Tensor) -> Tensor:
    y = torch.zeros(x.shape, device="meta")
    y.copy_(x)
    y.relu_()
    return y


def fill_on_the_host(x: Tensor) -> Tensor:
    y = torch.zeros(x.shape)
    y[:] = x
    return torch.relu(y)


def through_a_view(x: Tensor) -> Tensor:
    view = x.view(-1)
    view.relu_()
    return x


def turned_in_place(x: Tensor) -> Tensor:
    return torch.relu(x.clone().t_().unsqueeze_(0).squeeze_(0))


def written_to(x: Tensor) -> Tensor:
    result = torch.empty(x.shape, device="meta")
    torch.clamp_min(x, 0, out=result)
    return result


@pytest.mark.parametrize(
    "function",
    [fill_in_place, fill_on_the_host, through_a_view, turned_in_place, written_to],
    ids=lambda function: function.__name__,
)
def test_where_a_value_is_kept_does_not_matter(function: object) -> None:
    assert recorded(function, (4, 4)) == ONE


@torch.inference_mode()
def in_inference_mode(x: Tensor) -> Tensor:
    return torch.nn.functional.linear(x, torch.ones(3, 4, device="meta")).chunk(3, 1)[0].relu()


def test_composite_operations_are_taken_apart_in_inference_mode() -> None:
    names = [name for name, _ in recorded(in_inference_mode, (2, 4))]
    assert names == ["Input", "MatMul", "ReLU", "Output"]


def parts(x: Tensor, y: Tensor) -> Tensor:
    joined = x.new_zeros(1, 6, 4, 4)
    joined[:, :4], joined[:, 4:] = x, y
    return joined


def gates(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    first, second = (x + y).chunk(2, 1)
    return first.sigmoid_(), second.tanh_()


def inset(x: Tensor) -> Tensor:
    y = torch.zeros(1, 2, 6, 6)
    y[:, :, 1:5, 1:5] = x
    return y


def one_row_raised(x: Tensor) -> Tensor:
    x[:, :, 0] += x[:, :, 1]
    return x


def wiped(x: Tensor) -> Tensor:
    x[:, :, 0] = 0
    x[:, 0].zero_()
    return x.relu()


def moved(x: Tensor) -> Tensor:
    y = x.clone()
    y[:, :, :1] = y[:, :, 1:2]
    return y.relu()


def test_parts_of_tensors() -> None:
    joined = [("Input", ()), ("Input", ()), ("Concat", (0, 1)), ("Output", (2,))]
    assert recorded(parts, (1, 4, 4, 4), (1, 2, 4, 4)) == joined
    assert [name for name, _ in recorded(gates, (3, 8), (3, 8))] == [
        "Input", "Input", "Add", "Sigmoid", "Tanh", "Output", "Output",
    ]  # fmt: skip
    padded = [("Input", ()), ("Paddings", (0,)), ("Output", (1,))]
    assert recorded(inset, (1, 2, 4, 4)) == padded
    raised = [("Input", ()), ("Add", (0, 0)), ("Concat", (0, 1)), ("Output", (2,))]
    assert recorded(one_row_raised, (1, 2, 4, 4)) == raised
    assert recorded(wiped, (1, 2, 4, 4)) == ONE
    assert recorded(moved, (1, 2, 4, 4)) == ONE


def test_shapes_follow_tokens_and_signals() -> None:
    recorder = Recorder()
    tokens = torch.empty(2, 7, 8, device="meta")
    recorder.add_input(tokens)
    weight, kernel = torch.empty(8, 5, device="meta"), torch.empty(3, 5, 3, device="meta")
    with torch.no_grad(), recorder:
        hidden = torch.relu(tokens @ weight)
        signal = torch.tanh(torch.conv1d(hidden.transpose(1, 2), kernel))
    recorder.add_output(signal.transpose(1, 2))
    nodes = normalise(recorder.operations)
    assert [(node.type, node.read, node.written) for node in nodes] == [
        ("Input", (1, 7, 8), (1, 7, 8)),
        ("MatMul", (1, 7, 8), (1, 7, 5)),
        ("ReLU", (1, 7, 5), (1, 7, 5)),
        ("Conv", (1, 7, 5), (1, 5, 3)),
        ("Tanh", (1, 5, 3), (1, 5, 3)),
        ("Output", (1, 5, 3), (1, 5, 3)),
    ]


@pytest.mark.parametrize(
    ("function", "read", "written"),
    [
        (lambda x, w: torch.mm(w, x), (1, 6, 4), (1, 6, 5)),  # a weight on the left
        (lambda x, w: torch.mv(x, w[:, 0][:1].expand(6)), (1, 4, 6), (1, 4, 1)),
        (lambda x, w: torch.mv(w, x[:, 0]), (1, 1, 4), (1, 1, 5)),
        (lambda x, w: torch.dot(x[0], x[1]), (1, 1, 6), (1, 1, 1)),
        (lambda x, w: torch.bmm(x[None], w.t()[None].mT.new_ones(1, 6, 3)), (1, 4, 6), (1, 4, 3)),
    ],
)
def test_products_of_matrices_and_vectors(
    function: object, read: tuple[int, ...], written: tuple[int, ...]
) -> None:
    recorder = Recorder()
    recorder.add_input(torch.empty(1, device="meta"))
    x, weight = torch.empty(4, 6, device="meta"), torch.empty(5, 4, device="meta")
    recorder.add_input(x)
    with torch.no_grad(), recorder:
        result = function(x, weight)  # type: ignore[operator]
    recorder.add_output(result)
    node = normalise(recorder.operations)[1]
    assert (node.type, node.read, node.written) == ("MatMul", read, written)


def test_constants_may_be_read_and_inputs_not() -> None:
    def doubled(x: Tensor) -> Tensor:
        return torch.relu(x) if torch.tensor([1.0, 0.0]).nonzero().numel() == 1 else x

    assert recorded(doubled, (2, 2)) == ONE
    for function in (
        lambda x: x.nonzero(),
        lambda x: torch.equal(x, x),
        lambda x: x[x > 0],
        lambda x: x.unique(),
        lambda x: torch.cond(x.sum() > 0, torch.relu, torch.tanh, (x,)),
    ):
        with pytest.raises(ReadsValues, match=r"nonzero|equal|index|_unique2|cond"):
            recorded(function, (2, 2))


def test_values_written_to_the_host_are_not_read_either() -> None:
    def kept(x: Tensor) -> Tensor:
        y = torch.zeros(2, 2)
        y[0] = x[0]
        return y.nonzero()

    with pytest.raises(ReadsValues, match="nonzero"):
        recorded(kept, (2, 2))


def test_tensors_without_data_look_the_same() -> None:
    tensor = torch.randn(2, 3, 4).transpose(0, 2)
    empty = without_data(tensor)
    assert empty.is_meta
    assert (empty.shape, empty.stride(), empty.dtype) == (
        tensor.shape, tensor.stride(), tensor.dtype,
    )  # fmt: skip
    assert tensors_in({"a": [tensor, 1], "b": (empty,)}) == [tensor, empty]
