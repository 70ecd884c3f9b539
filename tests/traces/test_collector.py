from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from nascast.spaces.base import NetworkScale
from nascast.spaces.nasbench201 import NASBench201
from nascast.traces.collector import TraceCollector
from nascast.traces.statistics import tensor_statistics

SPACE = NASBench201()
HOST_READS = ("item", "tolist", "cpu", "numpy", "nonzero", "__bool__", "__float__", "__int__")


def published(*genotype: str) -> nn.Module:
    return SPACE.build(SPACE.from_genotype(genotype), NetworkScale(4, 1), 10)


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.again = self.first
        self.tied = nn.Linear(4, 4, bias=False)
        self.tied.weight = self.first.weight
        self.norm = nn.BatchNorm1d(4)
        self.last = nn.Linear(4, 2, bias=False)


def test_layers_stand_in_module_order() -> None:
    model = published("nor_conv_3x3", "nor_conv_1x1", "none", "skip_connect", "none", "none")
    collector = TraceCollector(model)
    assert [tensor.layer for tensor in collector.tensors] == list(range(15))
    names = [tensor.name for tensor in collector.tensors]
    recorded = [
        name
        for name, parameter in model.named_parameters()
        if parameter.dim() > 1 or name == "classifier.bias"
    ]
    assert names == recorded
    assert names[0] == "stem.0.weight"
    assert names[-2:] == ["classifier.weight", "classifier.bias"]
    assert [t.kind for t in collector.tensors] == ["conv"] * 13 + ["linear_weight", "linear_bias"]
    assert collector.tensors[0].shape == (4, 3, 3, 3)
    assert collector.tensors[-1].shape == (10,)


def test_no_layer_is_cut_however_deep_the_network() -> None:
    with torch.device("meta"):
        model = SPACE.build(SPACE.from_genotype(("nor_conv_3x3",) * 6), NetworkScale(16, 5), 10)
    assert len(TraceCollector(model).tensors) == 99


def test_shared_layers_and_tied_weights_are_recorded_once() -> None:
    names = [tensor.name for tensor in TraceCollector(Shared()).tensors]
    assert names == ["first.weight", "first.bias", "last.weight"]


def test_a_single_layer_is_a_network() -> None:
    assert [t.name for t in TraceCollector(nn.Linear(3, 2)).tensors] == ["weight", "bias"]


def test_convolution_biases_and_norms_are_not_recorded() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3, bias=True), nn.BatchNorm2d(4), nn.Conv1d(4, 4, 1))
    assert [tensor.name for tensor in TraceCollector(model).tensors] == ["0.weight"]


def test_a_network_without_layers_is_refused() -> None:
    with pytest.raises(ValueError, match="no Conv2d or Linear layer"):
        TraceCollector(nn.Sequential(nn.ReLU(), nn.BatchNorm2d(3)))


def test_a_snapshot_holds_weights_then_gradients() -> None:
    model = published(
        "nor_conv_3x3", "skip_connect", "none", "avg_pool_3x3", "nor_conv_1x1", "none"
    )
    model(torch.randn(4, 3, 8, 8)).square().sum().backward()
    collector = TraceCollector(model)
    snapshot = collector.snapshot()
    assert snapshot.shape == (2, len(collector.tensors), 12, 100)
    assert not snapshot.requires_grad
    parameters = dict(model.named_parameters())
    for tensor in collector.tensors:
        parameter = parameters[tensor.name]
        for row, values in enumerate((parameter.detach(), parameter.grad)):
            expected = tensor_statistics([values])[0]
            torch.testing.assert_close(snapshot[row, tensor.layer], expected, rtol=1e-5, atol=1e-7)


def test_a_parameter_without_gradient_counts_as_zero_gradient() -> None:
    # Nodes 1 and 2 go nowhere: their convolutions get no gradient.
    model = published("nor_conv_3x3", "nor_conv_3x3", "none", "nor_conv_1x1", "none", "none")
    model(torch.randn(4, 3, 8, 8)).sum().backward()
    collector = TraceCollector(model)
    weights, gradients = collector.snapshot()
    dead = [t.layer for t in collector.tensors if "0_1" in t.name or "0_2" in t.name]
    alive = [t.layer for t in collector.tensors if t.layer not in dead]
    assert len(dead) == 6
    assert not gradients[dead].any()
    assert all(gradients[layer].any() for layer in alive)
    assert all(weights[layer].any() for layer in range(len(collector.tensors)))


def test_a_snapshot_reads_nothing_on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    model = published(*("nor_conv_3x3",) * 6)
    model(torch.randn(4, 3, 8, 8)).sum().backward()
    collector = TraceCollector(model)

    def refuse(self: Tensor, *args: object, **kwargs: object) -> None:
        raise AssertionError("a snapshot waited for the device")

    with monkeypatch.context() as patch:
        for name in HOST_READS:
            patch.setattr(torch.Tensor, name, refuse)
        snapshot = collector.snapshot()
    assert torch.isfinite(snapshot).all()


@pytest.mark.gpu
def test_a_cuda_snapshot_never_waits(without_cuda_sync: Callable[[], None]) -> None:
    model = published(*("nor_conv_3x3",) * 6).cuda()
    model(torch.randn(4, 3, 8, 8, device="cuda")).sum().backward()
    collector = TraceCollector(model)
    without_cuda_sync()
    assert collector.snapshot().device.type == "cuda"
