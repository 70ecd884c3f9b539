from __future__ import annotations

import threading
import warnings
from collections import Counter

import pytest
import torch
from tests.graphs.counted import assert_counts, meta
from tests.graphs.models import (
    Attention,
    MobileNetV2,
    ResNet18,
    VisionTransformer,
    WithFunctions,
    WithModules,
)
from torch import Tensor, nn
from torch.nn import functional

from nascast.graphs.computation import ComputationGraph, GraphError
from nascast.graphs.trace import UnknownOperation, graph_of_module

IMAGES = meta(1, 3, 8, 8)


def nodes(graph: ComputationGraph) -> list[tuple[str, list[int]]]:
    return list(zip(graph.type_names, graph.predecessors, strict=True))


def test_resnet18() -> None:
    network, images = ResNet18(), meta(1, 3, 224, 224)
    graph = graph_of_module(network, images)
    assert_counts(graph, network, images)
    assert graph.params.sum() == 11_689_512
    # 17 convolutions in the main path and three in shortcuts.
    assert Counter(graph.type_names) == {
        "Input": 1, "Conv": 20, "BatchNorm": 20, "ReLU": 17, "Maxpool": 1, "Add": 8, "Mean": 1,
        "MatMul": 1, "Output": 1,
    }  # fmt: skip
    assert graph.shapes[1].tolist() == [224, 224, 3, 112, 112, 64]
    assert (graph.kernels[1].tolist(), graph.flops[1]) == ([7, 7], 2 * 147 * 64 * 112 * 112)
    last = graph.type_names.index("MatMul")
    assert graph.shapes[last].tolist() == [1, 1, 512, 1, 1, 1000]
    assert np_true(graph.bias) == [last]
    assert graph.shapes[last - 1].tolist() == [7, 7, 512, 1, 1, 512]


def np_true(flags: object) -> list[int]:
    return [index for index, flag in enumerate(flags) if flag]  # type: ignore[arg-type]


def test_mobilenet_v2() -> None:
    network, images = MobileNetV2(), meta(1, 3, 224, 224)
    graph = graph_of_module(network, images)
    assert_counts(graph, network, images)
    assert graph.params.sum() == 3_504_872
    assert Counter(graph.type_names) == {
        "Input": 1, "Conv": 35, "Depthwise": 17, "BatchNorm": 52, "ReLU6": 35, "Add": 10, "Mean": 1,
        "MatMul": 1, "Output": 1,
    }  # fmt: skip


def test_a_vision_transformer() -> None:
    network = VisionTransformer()
    with pytest.warns(UnknownOperation, match=r"layer_norm \(5\), softmax \(2\)") as caught:
        graph = graph_of_module(network, meta(1, 3, 32, 32))
    assert len(caught) == 1
    assert_counts(graph, network, meta(1, 3, 32, 32))
    names = graph.type_names
    assert names[:6] == ["Input", "Conv", "Concat", "Add", "Unknown", "MatMul"]
    # A block: packed, scores, mixed and out of the attention, and two more products.
    assert Counter(names)["MatMul"] == 2 * 6 + 1
    assert (Counter(names)["Add"], Counter(names)["GeLU"]) == (1 + 2 * 2, 2)
    # The token and the positions are parameters of the operations that bring them in.
    assert (graph.params[2], graph.params[3]) == (192, 17 * 192)
    assert graph.shapes[1].tolist() == [32, 32, 3, 4, 4, 192]
    assert graph.shapes[2].tolist() == [1, 17, 192, 1, 17, 192]
    assert graph.shapes[6].tolist() == [3, 17, 64, 3, 17, 17]
    assert graph.flops[6] == 2 * 3 * 17 * 17 * 64


def test_modules_and_functions_make_the_same_graph() -> None:
    written = graph_of_module(WithModules(), IMAGES)
    assert written.same_as(graph_of_module(WithFunctions(), IMAGES))
    assert nodes(written) == [
        ("Input", []), ("Conv", [0]), ("BatchNorm", [1]), ("ReLU6", [2]), ("Avgpool", [3]),
        ("Conv", [4]), ("Add", [3, 5]), ("Concat", [5, 6]), ("Swish", [7]), ("Mean", [8]),
        ("MatMul", [9]), ("Output", [10]),
    ]  # fmt: skip
    assert np_true(written.bias) == [1, 5, 10]


class Fused(Attention):
    """Attention by torch's own function."""

    def forward(self, tokens: Tensor) -> Tensor:
        n, length = tokens.shape[:2]
        query, key, value = (
            part.reshape(n, length, self.heads, -1).transpose(1, 2)
            for part in self.packed(tokens).chunk(3, dim=-1)
        )
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return self.out(mixed.transpose(1, 2).flatten(2))


def test_three_ways_to_write_attention_make_the_same_graph() -> None:
    tokens = meta(1, 5, 8)
    packed = nn.MultiheadAttention(8, 2, batch_first=True)

    class Packed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = packed

        def forward(self, x: Tensor) -> Tensor:
            return self.attention(x, x, x, need_weights=False)[0]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownOperation)
        by_hand = graph_of_module(Attention(8, 2), tokens)
        assert by_hand.same_as(graph_of_module(Fused(8, 2), tokens))
        assert by_hand.same_as(graph_of_module(Packed(), tokens))
    assert nodes(by_hand) == [
        ("Input", []), ("MatMul", [0]), ("MatMul", [1]), ("Unknown", [2]), ("MatMul", [1, 3]),
        ("MatMul", [4]), ("Output", [5]),
    ]  # fmt: skip


class Reused(nn.Module):
    """One layer twice, and a weight shared by two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.tied = nn.Linear(4, 4, bias=False)
        self.tied.weight = self.layer.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.tied(torch.relu(self.layer(torch.relu(self.layer(x)))))


def test_every_use_of_a_layer_is_a_node_and_its_parameters_count_once() -> None:
    graph = graph_of_module(Reused(), meta(1, 4))
    assert nodes(graph) == [
        ("Input", []), ("MatMul", [0]), ("ReLU", [1]), ("MatMul", [2]), ("ReLU", [3]),
        ("MatMul", [4]), ("Output", [5]),
    ]  # fmt: skip
    assert graph.params.tolist() == [0, 20, 0, 0, 0, 0, 0]
    assert graph.flops.tolist() == [0, 32, 0, 32, 0, 32, 0]
    assert np_true(graph.bias) == [1, 3]


class Several(nn.Module):
    """Two images, a vector by name and an unused tensor; a nested result."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 3, padding=1)
        self.unused = nn.Linear(9, 9)

    def forward(
        self, first: Tensor, rest: list[Tensor], *, gate: Tensor, flag: bool
    ) -> dict[str, object]:
        left, right = self.left(first), self.right(rest[0])
        gated = left * gate.sigmoid()[:, :, None, None] if flag else left
        self.unused(rest[1])
        return {"sum": left + right, "others": (gated, [right]), "constant": torch.ones(1), "n": 3}


def test_several_inputs_and_outputs() -> None:
    rest = [IMAGES, meta(1, 9)]
    graph = graph_of_module(Several(), IMAGES, rest, gate=meta(1, 4), flag=True)
    assert nodes(graph) == [
        ("Input", []), ("Input", []), ("Input", []), ("Conv", [0]), ("Conv", [1]),
        ("Sigmoid", [2]), ("Mul", [3, 5]), ("Add", [3, 4]),
        ("Output", [7]), ("Output", [6]), ("Output", [4]),
    ]  # fmt: skip
    assert graph.shapes[2].tolist() == [1, 1, 4, 1, 1, 4]
    assert graph.params.sum() == (3 * 4 + 4) + (9 * 3 * 4 + 4)
    without = graph_of_module(Several(), IMAGES, rest, gate=meta(1, 4), flag=False)
    assert "Mul" not in without.type_names


class Dense(nn.Module):
    """Huang et al. 2017: every layer reads all before it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(3 + 2 * i, 2, 3, padding=1) for i in range(3))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.cat([x, layer(x)], 1)
        return x


def test_dense_grouped_dilated_and_transposed_convolutions() -> None:
    dense = graph_of_module(Dense(), IMAGES)
    assert nodes(dense)[3:5] == [("Conv", [2]), ("Concat", [2, 3])]
    assert dense.shapes[-1].tolist() == [8, 8, 9, 8, 8, 9]
    layers = nn.Sequential(
        nn.Conv2d(8, 8, 3, groups=2),
        nn.Conv2d(8, 16, (1, 5), dilation=2, groups=8),
        nn.ConvTranspose2d(16, 6, 4, stride=2, bias=False),
        nn.ConvTranspose2d(6, 6, 3, groups=6),
    )
    graph = graph_of_module(layers, meta(1, 8, 12, 12))
    assert_counts(graph, layers, meta(1, 8, 12, 12))
    assert graph.type_names[1:5] == ["Conv", "Depthwise", "Conv", "Depthwise"]
    assert graph.kernels.tolist()[1:5] == [[3, 3], [1, 5], [4, 4], [3, 3]]
    assert graph.shapes[3].tolist() == [10, 2, 16, 22, 6, 6]
    assert graph.flops[3] == 2 * (16 * 6 * 16) * (10 * 2)
    assert np_true(graph.bias) == [1, 2, 4]


class Transparent(nn.Module):
    """Computes nothing."""

    def forward(self, x: Tensor) -> Tensor:
        x = functional.dropout(nn.Identity()(x), 0.5, training=True).detach()
        x = x.reshape(1, 4, -1).permute(0, 2, 1).contiguous().flip(1).roll(1, 2) * 3 + 1
        return -x.to(torch.float64).expand(2, -1, -1).squeeze()[:, 1:].clone() / 2


def test_what_computes_nothing_has_no_node() -> None:
    assert nodes(graph_of_module(Transparent(), meta(1, 4, 2, 2))) == [
        ("Input", []),
        ("Output", [0]),
    ]


class Hooked(nn.Module):
    """A layer with everything that could be left changed."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.norm = nn.Linear(4, 4), nn.BatchNorm1d(4)
        self.register_buffer("calls", torch.zeros(()))
        self.plain = (self.layer.weight * 2).sum(1)  # has a history
        self.count = 0
        self.layer.register_forward_hook(lambda module, inputs, output: output.relu())

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        self.calls += 1
        return self.norm(self.layer(x)) * self.plain


def test_the_module_stays_as_it_is() -> None:
    module = Hooked().train()
    module.norm.eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    tensors = {name: id(value) for name, value in module.named_parameters()}
    graph = graph_of_module(module, torch.ones(1, 4))
    assert graph.type_names == ["Input", "MatMul", "ReLU", "BatchNorm", "Output"]
    assert (module.training, module.norm.training, module.count) == (True, False, 0)
    assert {name: id(value) for name, value in module.named_parameters()} == tensors
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(p.device.type == "cpu" and p.requires_grad for p in module.parameters())
    assert len(module.layer._forward_hooks) == 1


def test_mode_device_and_batch_of_the_arguments_do_not_matter() -> None:
    expected = graph_of_module(WithModules(), IMAGES)
    assert expected.same_as(graph_of_module(WithModules().train(), torch.ones(1, 3, 8, 8)))
    assert expected.same_as(graph_of_module(WithModules().to("meta").eval(), IMAGES))
    four = graph_of_module(WithModules(), meta(4, 3, 8, 8))
    assert (four.shapes == expected.shapes).all()
    assert (four.flops == 4 * expected.flops).all()


class Branches(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x
        return -x


class Counts(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.repeat(int(x.argmax()), 1)


class Masks(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x[x > 0]


class ToNumpy(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.tensor(x.numpy())


@pytest.mark.parametrize("module", [Branches(), Counts(), Masks(), ToNumpy()])
def test_what_depends_on_the_data_is_one_clear_error(module: nn.Module) -> None:
    line = type(module).forward.__code__.co_firstlineno + 1
    says = (
        rf"^{type(module).__name__} cannot be traced: its forward pass reads values of a tensor.* "
        rf"at .*test_trace.py:{line} in forward, so its operations would depend on the data; "
        r"choose with torch.where"
    )
    with pytest.raises(GraphError, match=says):
        graph_of_module(module, meta(2, 3))


class Silent(nn.Module):
    def forward(self, x: Tensor) -> str:
        return "nothing"


class Constant(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.ones(3)


class Locked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()


@pytest.mark.parametrize(
    ("module", "says"),
    [
        (nn.Linear(5, 2), r"^Linear cannot be traced: its forward pass fails on these arguments"),
        (Silent(), r"^Silent returns no tensor; its forward pass must return tensors"),
        (Constant(), r"^Constant: no output depends on an input"),
        (Locked(), r"^Locked cannot be traced because copy.deepcopy cannot copy it .*lock"),
        (nn.LazyLinear(4), r"^LazyLinear has lazy parameters.*run it once"),
    ],
)
def test_what_cannot_be_traced_is_said(module: nn.Module, says: str) -> None:
    with pytest.raises(GraphError, match=says):
        graph_of_module(module, meta(2, 3))


class Strange(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.cumsum(1).erf() + x.erf()


def test_unknown_operations_are_named_in_one_warning() -> None:
    says = r"no type for some operations of Strange, .* Unknown: cumsum \(1\), erf \(2\)$"
    with pytest.warns(UnknownOperation, match=says) as caught:
        graph = graph_of_module(Strange(), meta(2, 3))
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert Counter(graph.type_names)["Unknown"] == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph_of_module(WithModules(), IMAGES)
