"""Every kind of layer in torch.nn that has weights, and those that shape a network without any."""

from __future__ import annotations

import warnings

import pytest
import torch
from tests.graphs.counted import assert_counts, meta
from torch import Tensor, nn

from nascast.graphs.computation import GraphError
from nascast.graphs.trace import UnknownOperation, graph_of_module

SIGNAL, IMAGE, VOLUME = meta(1, 8, 12), meta(1, 8, 12, 12), meta(1, 8, 6, 6, 6)
SIGNALS = meta(3, 8, 12)
VECTOR, TOKENS = meta(1, 8), meta(1, 5, 8)
WORDS = meta(1, 5, dtype=torch.long)

Shape = list[int]
# Layer, its arguments, the types between inputs and outputs, and the shapes of the first of them.
ONE_NODE: list[tuple[nn.Module, Tensor, str, Shape]] = [
    (nn.Conv1d(8, 4, 3), SIGNAL, "Conv", [1, 12, 8, 1, 10, 4]),
    (nn.Conv2d(8, 4, (3, 1)), IMAGE, "Conv", [12, 12, 8, 10, 12, 4]),
    (nn.Conv3d(8, 4, 3), VOLUME, "Conv", [36, 6, 8, 16, 4, 4]),
    (nn.ConvTranspose1d(8, 4, 3, 2), SIGNAL, "Conv", [1, 12, 8, 1, 25, 4]),
    (nn.ConvTranspose2d(8, 4, 3, 2, groups=4), IMAGE, "Conv", [12, 12, 8, 25, 25, 4]),
    (nn.ConvTranspose3d(8, 4, 3), VOLUME, "Conv", [36, 6, 8, 64, 8, 4]),
    (nn.Linear(8, 3), VECTOR, "MatMul", [1, 1, 8, 1, 1, 3]),
    (nn.Linear(8, 3), TOKENS, "MatMul", [1, 5, 8, 1, 5, 3]),
    (nn.Linear(12, 3), IMAGE, "MatMul", [8, 12, 12, 8, 12, 3]),
    (nn.Embedding(10, 4), WORDS, "Unknown", [1, 5, 1, 1, 5, 4]),
    (nn.Embedding(10, 4, max_norm=1.0), WORDS, "Unknown", [1, 5, 1, 1, 5, 4]),
    (nn.BatchNorm1d(8), SIGNAL, "BatchNorm", [1, 12, 8, 1, 12, 8]),
    (nn.BatchNorm2d(8), IMAGE, "BatchNorm", [12, 12, 8, 12, 12, 8]),
    (nn.BatchNorm3d(8), VOLUME, "BatchNorm", [36, 6, 8, 36, 6, 8]),
    (nn.SyncBatchNorm(8), IMAGE, "BatchNorm", [12, 12, 8, 12, 12, 8]),
    (nn.InstanceNorm1d(8, affine=True), SIGNALS, "BatchNorm", [1, 12, 8, 1, 12, 8]),
    (nn.InstanceNorm3d(8, affine=True), VOLUME, "BatchNorm", [36, 6, 8, 36, 6, 8]),
    (nn.InstanceNorm2d(8, affine=True), IMAGE, "BatchNorm", [12, 12, 8, 12, 12, 8]),
    (nn.LayerNorm(8), TOKENS, "Unknown", [1, 5, 8, 1, 5, 8]),
    (nn.LayerNorm([8, 12, 12]), IMAGE, "Unknown", [12, 12, 8, 12, 12, 8]),
    (nn.LayerNorm(12), IMAGE, "Unknown", [8, 12, 12, 8, 12, 12]),
    (nn.GroupNorm(2, 8), IMAGE, "Unknown", [12, 12, 8, 12, 12, 8]),
    (nn.PReLU(8), IMAGE, "ReLU", [12, 12, 8, 12, 12, 8]),
    (nn.LeakyReLU(), IMAGE, "ReLU", [12, 12, 8, 12, 12, 8]),
    (nn.ReLU(), IMAGE, "ReLU", [12, 12, 8, 12, 12, 8]),
    (nn.Threshold(0, 0), IMAGE, "ReLU", [12, 12, 8, 12, 12, 8]),
    (nn.RReLU(), IMAGE, "ReLU", [12, 12, 8, 12, 12, 8]),
    (nn.Sigmoid(), IMAGE, "Sigmoid", [12, 12, 8, 12, 12, 8]),
    (nn.Tanh(), IMAGE, "Tanh", [12, 12, 8, 12, 12, 8]),
    (nn.Hardtanh(), IMAGE, "Tanh", [12, 12, 8, 12, 12, 8]),
    (nn.SiLU(), IMAGE, "Swish", [12, 12, 8, 12, 12, 8]),
    (nn.ReLU6(), TOKENS, "ReLU6", [1, 5, 8, 1, 5, 8]),
    (nn.Hardswish(), IMAGE, "Swish", [12, 12, 8, 12, 12, 8]),
    (nn.Hardsigmoid(), IMAGE, "Sigmoid", [12, 12, 8, 12, 12, 8]),
    (nn.GELU(), IMAGE, "GeLU", [12, 12, 8, 12, 12, 8]),
    (nn.GLU(1), IMAGE, "Unknown", [12, 12, 8, 12, 12, 4]),
    (nn.Unfold(2), IMAGE, "Unknown", [12, 12, 8, 1, 32, 121]),
    (nn.ELU(), IMAGE, "Unknown", [12, 12, 8, 12, 12, 8]),
    (nn.MaxPool1d(2), SIGNAL, "Maxpool", [1, 12, 8, 1, 6, 8]),
    (nn.MaxPool2d(3, 2, 1), IMAGE, "Maxpool", [12, 12, 8, 6, 6, 8]),
    (nn.AvgPool3d(2), VOLUME, "Avgpool", [36, 6, 8, 9, 3, 8]),
    (nn.AvgPool1d(2), SIGNAL, "Avgpool", [1, 12, 8, 1, 6, 8]),
    (nn.MaxPool3d(2), VOLUME, "Maxpool", [36, 6, 8, 9, 3, 8]),
    (nn.AdaptiveMaxPool2d(3), IMAGE, "Maxpool", [12, 12, 8, 3, 3, 8]),
    (nn.AdaptiveAvgPool2d(4), IMAGE, "Avgpool", [12, 12, 8, 4, 4, 8]),
    (nn.AdaptiveAvgPool2d(1), IMAGE, "Mean", [12, 12, 8, 1, 1, 8]),
    (nn.ZeroPad2d(1), IMAGE, "Paddings", [12, 12, 8, 14, 14, 8]),
    (nn.CircularPad2d(1), IMAGE, "Paddings", [12, 12, 8, 14, 14, 8]),
    (nn.ReplicationPad2d(1), IMAGE, "Paddings", [12, 12, 8, 14, 14, 8]),
    (nn.PixelShuffle(2), IMAGE, "DepthToSpaceND", [12, 12, 8, 24, 24, 2]),
    (nn.PixelUnshuffle(2), IMAGE, "SpaceToDepthND", [12, 12, 8, 6, 6, 32]),
    (nn.Upsample(scale_factor=2), IMAGE, "Unknown", [12, 12, 8, 24, 24, 8]),
    (nn.Softmax(dim=1), IMAGE, "Unknown", [12, 12, 8, 12, 12, 8]),
]


def name_of(value: object) -> str:
    return type(value).__name__ if isinstance(value, nn.Module) else ""


@pytest.mark.parametrize(("layer", "argument", "type_", "shape"), ONE_NODE, ids=name_of)
def test_layers_of_one_node(layer: nn.Module, argument: Tensor, type_: str, shape: Shape) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownOperation)
        graph = graph_of_module(layer, argument)
    assert graph.type_names == ["Input", type_, "Output"]
    assert graph.shapes[0].tolist() == shape[:3] * 2
    assert graph.shapes[1].tolist() == shape
    assert graph.shapes[2].tolist() == shape[3:] * 2
    assert_counts(graph, layer, argument)


STEP = ["Sigmoid", "Sigmoid", "Tanh", "Sigmoid", "Mul"]  # of an LSTM, its cell and output aside
# Layer, its arguments, and the types between inputs and outputs.
MORE_NODES: list[tuple[nn.Module, tuple[Tensor, ...], list[str]]] = [
    (nn.Linear(12, 3, bias=False), (IMAGE,), ["MatMul"]),
    (nn.EmbeddingBag(10, 4), (WORDS,), ["Unknown"]),
    (nn.Bilinear(8, 8, 3), (VECTOR, VECTOR), ["MatMul"]),
    (nn.Conv2d(8, 4, 3, padding=1, padding_mode="circular"), (IMAGE,), ["Paddings", "Conv"]),
    (nn.Conv2d(8, 4, 3, padding=1, padding_mode="reflect"), (IMAGE,), ["Paddings", "Conv"]),
    (nn.RMSNorm(8), (TOKENS,), ["Unknown", "Mean", "Unknown", "Mul", "Mul"]),
    (nn.RNNCell(8, 4), (VECTOR, meta(1, 4)), ["MatMul", "MatMul", "Add", "Tanh"]),
    # The product with the state at the start, zeros, is a constant of the sum.
    (nn.RNN(8, 4), (meta(1, 1, 8),), ["MatMul", "Add", "Tanh"]),
    (nn.RNN(8, 4), (meta(2, 1, 8),),
     ["MatMul", "Add", "Tanh", "MatMul", "MatMul", "Add", "Tanh", "Concat"]),
    (nn.LSTMCell(8, 4), (VECTOR,), ["MatMul", "Add", *STEP, "Add", "Tanh", "Mul"]),
    (nn.GRUCell(8, 4), (VECTOR,),
     ["MatMul", "Add", "Sigmoid", "Add", "Sigmoid", "Mul", "Add", "Tanh", "Mul", "Add"]),
    (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (TOKENS,),
     ["MatMul", "MatMul", "Unknown", "MatMul", "MatMul", "Add", "Unknown",
      "MatMul", "ReLU", "MatMul", "Add", "Unknown"]),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "arguments", "types"), MORE_NODES, ids=name_of)
def test_layers_of_more_nodes(
    layer: nn.Module, arguments: tuple[Tensor, ...], types: list[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownOperation)
        graph = graph_of_module(layer, *arguments)
    assert [name for name in graph.type_names if name not in ("Input", "Output")] == types
    assert_counts(graph, layer, *arguments)


@pytest.mark.parametrize(
    ("layer", "arguments"),
    [
        (nn.LSTM(8, 4, 2, bidirectional=True), (meta(3, 2, 8),)),
        (nn.LSTM(8, 4, proj_size=2, batch_first=True), (TOKENS,)),
        (nn.GRU(8, 4), (meta(3, 1, 8), meta(1, 1, 4))),
        (nn.MultiheadAttention(8, 2, batch_first=True), (TOKENS, TOKENS, TOKENS)),
        (nn.MultiheadAttention(8, 2, kdim=6, vdim=4, add_bias_kv=True),
         (meta(5, 1, 8), meta(7, 1, 6), meta(7, 1, 4))),
        (nn.TransformerDecoderLayer(8, 2, 16), (meta(5, 1, 8), meta(7, 1, 8))),
        (nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2),
         (TOKENS,)),
        (nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), 2),
         (TOKENS, meta(1, 7, 8))),
        (nn.Transformer(8, 2, 1, 1, 16, batch_first=True), (TOKENS, meta(1, 7, 8))),
        (nn.utils.parametrizations.weight_norm(nn.Linear(8, 3)), (VECTOR,)),
        (nn.utils.parametrizations.spectral_norm(nn.Conv2d(8, 3, 3)), (IMAGE,)),
        (nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8)), (meta(2, 3, 8).transpose(1, 2).mT,)),
    ],
    ids=name_of,
)  # fmt: skip
def test_counts_of_large_layers(layer: nn.Module, arguments: tuple[Tensor, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownOperation)
        graph = graph_of_module(layer, *arguments)
    assert_counts(graph, layer, *arguments)
    # A weight on its own makes no node: nothing but inputs starts a path.
    assert graph.prune().same_as(graph)


class Adaptive(nn.Module):
    """The layer for large vocabularies, which has no forward pass of its own but the loss."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.AdaptiveLogSoftmaxWithLoss(8, 10, [4])

    def forward(self, x: Tensor) -> Tensor:
        return self.layer.log_prob(x)


def test_the_adaptive_softmax_has_a_graph_but_its_loss_depends_on_the_labels() -> None:
    with pytest.warns(UnknownOperation, match=r"log_softmax \(2\)"):
        graph = graph_of_module(Adaptive(), VECTOR)
    assert_counts(graph, Adaptive(), VECTOR)
    assert graph.type_names.count("MatMul") == 3
    assert graph.type_names[-2:] == ["Concat", "Output"]
    with pytest.raises(GraphError, match="nonzero"):
        graph_of_module(
            nn.AdaptiveLogSoftmaxWithLoss(8, 10, [4]), VECTOR, meta(1, dtype=torch.long)
        )


def test_weights_that_are_computed_belong_to_their_reader() -> None:
    layer = nn.utils.parametrizations.weight_norm(nn.Conv2d(8, 3, 1, bias=False))
    graph = graph_of_module(layer, IMAGE)
    assert graph.type_names == ["Input", "Conv", "Output"]
    assert graph.params.tolist() == [0, 3 * 8 + 3, 0]
