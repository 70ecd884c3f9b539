"""Forward passes in the many ways in which people write them."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from tests.graphs.counted import assert_counts, meta
from tests.graphs.models import ConvNeXtBlock, Written
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.prune import l1_unstructured

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.trace import UnknownOperation, graph_of_module

IMAGES, VECTORS = meta(1, 4, 8, 8), meta(2, 4)
Nodes = list[tuple[str, list[int]]]


def traced(module: nn.Module, *args: Any) -> ComputationGraph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownOperation)
        return graph_of_module(module, *args)


def inner(graph: ComputationGraph) -> Nodes:
    """Types and inputs of all nodes behind the first, which is an input, before the outputs."""
    pairs = zip(graph.type_names, graph.predecessors, strict=True)
    return [(name, read) for name, read in pairs if name not in ("Input", "Output")]


def in_place(self: Written, x: Tensor) -> Tensor:
    y = self.conv(x)
    y += x
    y *= 2
    y /= 3
    y -= x
    return y.relu_()


def split_and_joined(self: Written, x: Tensor) -> Tensor:
    first, second = x.split(2, 1)
    third, fourth = self.conv(torch.cat((second, first), 1)).chunk(2, 1)
    return torch.cat([first, third, fourth, second], 1)


def without_gradients(self: Written, x: Tensor) -> Tensor:
    with torch.no_grad():
        y = self.conv(x)
    with torch.enable_grad():
        return self.conv(y).detach()


def under_autocast(self: Written, x: Tensor) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.inference_mode():
        return self.conv(x).float()


def at_a_checkpoint(self: Written, x: Tensor) -> Tensor:
    return torch.utils.checkpoint.checkpoint(self.conv, x, use_reentrant=False)


def in_training(self: Written, x: Tensor) -> Tensor:
    x = functional.batch_norm(self.conv(x), None, None, training=True)
    return functional.dropout(functional.dropout2d(x, 0.1, True), 0.5, True)


def with_new_buffers(self: Written, x: Tensor) -> Tensor:
    if not hasattr(self, "table"):
        self.register_buffer("table", torch.arange(8.0))
        self.kept = torch.ones(x.shape[1:], device=x.device)
    return self.conv(x * self.kept + self.table)


def with_constants(self: Written, x: Tensor) -> Tensor:
    x = (x - torch.tensor([0.5] * 4).view(1, 4, 1, 1)) / torch.full((8,), 0.2)
    return self.conv(torch.where(torch.ones(8, 8) > 0, x, torch.tensor(0.0)))


def on_the_host(self: Written, x: Tensor) -> Tensor:
    return self.conv(x.cpu()).to("cpu")


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        (in_place, [("Conv", [0]), ("Add", [0, 1]), ("ReLU", [2])]),
        (split_and_joined, [("Concat", [0]), ("Conv", [1]), ("Concat", [0, 2])]),
        (without_gradients, [("Conv", [0]), ("Conv", [1])]),
        (under_autocast, [("Conv", [0])]),
        (at_a_checkpoint, [("Conv", [0])]),
        (in_training, [("Conv", [0]), ("BatchNorm", [1])]),
        (with_new_buffers, [("Conv", [0])]),
        (with_constants, [("Conv", [0])]),
        (on_the_host, [("Conv", [0])]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_one_convolution_with_things_around_it(forward: Any, expected: Nodes) -> None:
    module = Written(forward, conv=nn.Conv2d(4, 4, 3, padding=1))
    graph = traced(module, IMAGES)
    assert inner(graph) == expected
    assert graph.params.sum() == 4 * 4 * 9 + 4
    calls = graph.type_names.count("Conv")
    assert graph.flops.sum() == calls * 2 * (4 * 4 * 9) * 64


def test_nested_containers_and_results() -> None:
    def forward(self: Written, x: Tensor) -> dict[str, Any]:
        for name in self.parts:
            x = self.parts[name][0](x) + x
        return {"map": (x,), "pooled": [x.mean((2, 3))], "none": None, "text": "t", "number": 3}

    lists = {name: nn.ModuleList([nn.Conv2d(4, 4, 1)]) for name in "ab"}
    module = Written(forward, parts=nn.ModuleDict(lists))
    graph = graph_of_module(module, IMAGES)
    assert_counts(graph, module, IMAGES)
    assert inner(graph) == [
        ("Conv", [0]), ("Add", [0, 1]), ("Conv", [2]), ("Add", [2, 3]), ("Mean", [4]),
    ]  # fmt: skip
    assert graph.predecessors[-2:] == [[4], [5]]


@pytest.mark.parametrize("wrap", [torch.jit.script, torch.fx.symbolic_trace, nn.DataParallel])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_wrapped_modules_have_the_graph_of_what_they_wrap(wrap: Any) -> None:
    module = nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU())
    assert graph_of_module(wrap(module), IMAGES).same_as(graph_of_module(module, IMAGES))


def test_weights_that_are_pruned_or_normed_belong_to_their_layer() -> None:
    for wrap in (
        lambda conv: l1_unstructured(conv, "weight", 0.5),
        nn.utils.parametrizations.spectral_norm,
        nn.utils.parametrizations.orthogonal,
    ):
        graph = graph_of_module(wrap(nn.Conv2d(4, 3, 1)), IMAGES)
        assert inner(graph) == [("Conv", [0])]
        assert graph.params.tolist() == [0, 15, 0]


def picked_by_a_mask(self: Written, x: Tensor) -> Tensor:
    return self.conv(x[:, self.mask])


def picked_by_a_new_mask(self: Written, x: Tensor) -> Tensor:
    return self.conv(x[:, torch.tensor([True, False, True, False])])


def picked_by_numbers(self: Written, x: Tensor) -> Tensor:
    return self.conv(x[:, [0, 2]])


def picked_by_index(self: Written, x: Tensor) -> Tensor:
    return self.conv(torch.index_select(x, 1, self.mask.nonzero().flatten()))


def picked_by_stride(self: Written, x: Tensor) -> Tensor:
    x.unsqueeze_(0)
    return self.conv(x[0, :, ::2]) if self.mask[0] else x


PICKS = [picked_by_a_mask, picked_by_a_new_mask, picked_by_numbers, picked_by_index,
         picked_by_stride]  # fmt: skip


@pytest.mark.parametrize("forward", PICKS)
def test_fixed_choices_make_no_node_and_buffers_may_be_read(forward: Any) -> None:
    mask = torch.tensor([True, False, True, False])
    module = Written(forward, conv=nn.Conv2d(2, 3, 1), mask=mask)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = graph_of_module(module, IMAGES)
    assert inner(graph) == [("Conv", [0])]
    assert graph.shapes.tolist()[:2] == [[8, 8, 4, 8, 8, 4], [8, 8, 2, 8, 8, 3]]
    assert module.mask is mask


def test_buffers_that_depend_on_the_input_may_not_be_read() -> None:
    def forward(self: Written, x: Tensor) -> Tensor:
        self.seen.copy_(x.mean(0))
        return x if self.seen.sum() > 0 else -x

    with pytest.raises(GraphError, match="reads values of a tensor"):
        graph_of_module(Written(forward, seen=torch.zeros(4)), VECTORS)
    # Without data in the module itself there is nothing to read.
    bare = Written(picked_by_a_mask, conv=nn.Identity(), mask=meta(4, dtype=torch.bool))
    with pytest.raises(GraphError, match=r"reads values of a tensor \(index\)"):
        graph_of_module(bare, IMAGES)


def test_looking_up_in_a_table_is_an_operation() -> None:
    def forward(self: Written, words: Tensor) -> Tensor:
        return self.table[words]

    with pytest.warns(UnknownOperation, match=r"index \(1\)"):
        graph = graph_of_module(
            Written(forward, table=nn.Parameter(torch.zeros(9, 4))), meta(2, 5, dtype=torch.long)
        )
    assert inner(graph) == [("Unknown", [0])]
    assert (graph.params[1], graph.shapes[1].tolist()) == (36, [1, 5, 1, 1, 5, 4])


def scaled(self: Written, x: Tensor) -> Tensor:
    return self.conv((x.float() / 255 - 0.5) / 0.2)


def turned(self: Written, x: Tensor) -> Tensor:
    return self.conv((x * 2 - 1).permute(0, 3, 1, 2))


def flattened(self: Written, x: Tensor) -> Tensor:
    return self.dense(x.flatten(1))


def by_einsum(self: Written, x: Tensor) -> Tensor:
    return torch.einsum("nchw,dc->ndhw", x, self.mix)


@pytest.mark.parametrize(
    ("forward", "images", "expected"),
    [
        (scaled, meta(1, 3, 8, 9, dtype=torch.uint8), [8, 9, 3]),
        (turned, meta(1, 8, 9, 3), [8, 9, 3]),
        (flattened, meta(1, 1, 8, 8), [8, 8, 1]),
        (by_einsum, meta(1, 3, 8, 8), [8, 8, 3]),
    ],
)
def test_the_shape_of_an_input(forward: Any, images: Tensor, expected: list[int]) -> None:
    conv, dense, mix = nn.Conv2d(3, 2, 1), nn.Linear(64, 2), nn.Parameter(torch.zeros(5, 3))
    graph = graph_of_module(Written(forward, conv=conv, dense=dense, mix=mix), images)
    assert graph.shapes[0].tolist() == expected * 2
    assert len(graph) == 3


@pytest.mark.parametrize("batch", [1, 3])
def test_channels_may_lie_last_for_a_part_of_a_network(batch: int) -> None:
    images = meta(batch, 16, 8, 9)
    graph = traced(ConvNeXtBlock(16), images)
    assert_counts(graph, ConvNeXtBlock(16), images)
    assert inner(graph) == [
        ("Depthwise", [0]), ("Unknown", [1]), ("MatMul", [2]), ("GeLU", [3]), ("MatMul", [4]),
        ("Mul", [5]), ("Add", [0, 6]),
    ]  # fmt: skip
    assert (graph.shapes[:, [0, 1, 3, 4]] == [8, 9, 8, 9]).all()
    assert graph.shapes[:, 2].tolist() == [16, 16, 16, 16, 64, 64, 16, 16, 16]
    assert graph.shapes[:, 5].tolist() == [16, 16, 16, 64, 64, 16, 16, 16, 16]


def test_comparisons_have_the_shape_of_what_they_compare() -> None:
    graph = traced(Written(lambda self, x: x * (x > 0)), IMAGES)
    assert inner(graph) == [("Unknown", [0]), ("Mul", [0, 1])]
    assert (graph.shapes == [8, 8, 4, 8, 8, 4]).all()


def test_instance_norms_see_one_element_of_the_batch() -> None:
    norm = nn.InstanceNorm2d(4, affine=True)
    assert graph_of_module(norm, meta(3, 4, 8, 8)).same_as(graph_of_module(norm, IMAGES))


def padded(self: Written, x: Tensor) -> Tensor:
    return functional.pad(x, (0, 0, 0, 0, 0, 2))


def joined_with_zeros(self: Written, x: Tensor) -> Tensor:
    return torch.cat([x, torch.zeros(1, 2, 8, 8)], 1)


def written_into_zeros(self: Written, x: Tensor) -> Tensor:
    y = x.new_zeros(1, 6, 8, 8)
    y[:, :4] = x
    return y


def test_three_ways_to_pad_make_the_same_graph() -> None:
    first, second, third = (
        graph_of_module(Written(forward), IMAGES)
        for forward in (padded, joined_with_zeros, written_into_zeros)
    )
    assert inner(first) == [("Paddings", [0])]
    assert first.shapes[1].tolist() == [8, 8, 4, 8, 8, 6]
    assert first.same_as(second)
    assert first.same_as(third)


def test_a_bias_is_a_parameter_along_the_channels() -> None:
    bias = nn.Parameter(torch.zeros(8))

    def along(self: Written, x: Tensor) -> Tensor:
        return self.conv(x) + self.bias.view(1, -1, 1, 1)

    def across(self: Written, x: Tensor) -> Tensor:
        return self.conv(x) + self.bias

    conv = nn.Conv2d(4, 8, 1, bias=False)
    graph = graph_of_module(Written(along, conv=conv, bias=bias), IMAGES)
    assert graph.same_as(graph_of_module(nn.Conv2d(4, 8, 1), IMAGES))
    other = graph_of_module(Written(across, conv=conv, bias=bias), IMAGES)
    assert inner(other) == [("Conv", [0]), ("Add", [1])]
    assert (other.bias.any(), other.params.tolist()) == (False, [0, 32, 8, 0])


class Quiet(nn.Module):
    """Forgets to return itself from a mode."""

    def train(self, mode: bool = True) -> None:  # type: ignore[override]
        super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x)


def test_modes_need_not_return_the_module() -> None:
    assert inner(graph_of_module(Quiet(), VECTORS)) == [("ReLU", [0])]


def test_a_mistake_in_a_layer_is_said_with_its_name_and_shapes() -> None:
    says = (
        r"^Sequential cannot be traced: .* \(tensors: \(1, 4, 8, 8\)\) without data in layer "
        r"1.0 \(Conv2d\): "
    )
    inner_part = nn.Sequential(nn.Conv2d(3, 4, 3))
    with pytest.raises(GraphError, match=says):
        graph_of_module(nn.Sequential(nn.ReLU(), inner_part), IMAGES)
