"""Heads: sizes worked out by hand, and backbones that cannot carry them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from nascast.networks.plan import Plan
from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.planned import PlannedSpace
from nascast.tasks.errors import TaskError
from nascast.tasks.heads import Backbone, DecoderHead, PooledHead, SiameseHead, SiameseNetwork


class Strides(PlannedSpace):
    """One convolution; the spec is its stride."""

    name = "strides"
    operations = ("conv",)
    published = NetworkScale(20, 1)
    published_image_size = 16

    def parse(self, spec: str) -> Architecture:
        return Architecture(self.name, spec, spec)

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        stride = int(arch.spec)
        return plan.conv(images, scale.channels, stride, stride, padding=0)

    sample = neighbours = cell_graph = None  # type: ignore[assignment]


Strides.__abstractmethods__ = frozenset()


def backbone(stride: int, side: int = 16) -> Backbone:
    space = Strides()  # type: ignore[abstract]
    return Backbone(space, space.parse(str(stride)), NetworkScale(20, 1), side)


def test_a_decoder_doubles_halves_and_ends_at_the_images() -> None:
    plan = DecoderHead("tanh").plan(backbone(4), 5)
    ops = [node.op for node in plan.nodes]
    up = ["transposed_conv", "batch_norm", "relu"]
    assert ops == ["input", "conv", "conv", "batch_norm", "relu", *up, *up, "conv", "tanh"]
    assert [plan.nodes[n].shape for n in (4, 7, 10, 12)] == [
        (20, 4, 4), (10, 8, 8), (8, 16, 16), (5, 16, 16),
    ]  # fmt: skip
    convolutions = 3 * 20 * 16 + 20 * 20 * 9 + 20 * 10 * 16 + 10 * 8 * 16 + 8 * 5 * 9 + 5
    size = DecoderHead("tanh").count(backbone(4), 5)
    assert size.params == convolutions + 2 * (20 + 10 + 8)
    assert size.macs == (
        3 * 20 * 16 * 16 + 20 * 20 * 9 * 16 + 20 * 10 * 16 * 16 + 10 * 8 * 16 * 64 + 8 * 5 * 9 * 256
    )


def test_only_a_tanh_bounds_the_outputs() -> None:
    torch.manual_seed(0)
    images = 50 * torch.randn(2, 3, 16, 16)
    free, bounded = (DecoderHead(kind).build(backbone(4), 3).eval() for kind in (None, "tanh"))
    for layer in (free, bounded):
        for parameter in layer.parameters():
            nn.init.constant_(parameter, 0.3)
    with torch.no_grad():
        assert free(images).abs().max() > 1
        assert torch.allclose(bounded(images), torch.tanh(free(images)))


def test_a_feature_map_that_cannot_be_doubled_is_named() -> None:
    with pytest.raises(TaskError, match="a feature map of 5 x 5 cannot be doubled up to 16 x 16"):
        DecoderHead().plan(backbone(3), 2)


def test_the_pieces_share_one_encoder() -> None:
    head = SiameseHead(4, lambda side: side // 2)
    size = head.count(backbone(2), 6)
    assert size.params == 3 * 20 * 4 + 80 * 6 + 6
    assert size.macs == 4 * (3 * 20 * 4 * 16) + 80 * 6
    network = head.build(backbone(2), 6)
    pieces = torch.randn(3, 4, 3, 8, 8)
    assert isinstance(network, SiameseNetwork)
    codes = [network.encoder(pieces[:, k]) for k in range(4)]
    expected = network.classifier(torch.cat(codes, dim=1))
    torch.testing.assert_close(network(pieces), expected)


def test_only_planned_spaces_carry_decoders() -> None:
    odd: Any = SimpleNamespace(name="odd", build=lambda *size: size, count=lambda *size: size)
    arch = Architecture("odd", "1", "1")
    unplanned = Backbone(odd, arch, NetworkScale(4, 1), 16)
    with pytest.raises(TaskError, match="space odd cannot serve this task: it has no plan"):
        DecoderHead().build(unplanned, 3)
    built: Any = PooledHead().build(unplanned, 9)
    assert built == (arch, NetworkScale(4, 1), 9, 3)
