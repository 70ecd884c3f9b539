"""Tiny networks and mini-batches of the newer proxies' tests."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from nascast.proxies.base import Batch
from nascast.proxies.measure import Score, measure

CLASSES = 3


class TinyNetwork(nn.Module):
    """Convolutions, batch norms, a skip connection, and activations of both kinds."""

    def __init__(self, channels: int = 4) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.activation = nn.ReLU()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.head = nn.Linear(channels, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        features = self.activation(self.norm(self.stem(images)))
        features = functional.relu(self.conv(features)) + features
        return self.head(features.mean(dim=(2, 3)))


class DeadNetwork(TinyNetwork):
    """Its outputs are its last bias, whatever the images are."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images) * 0 + self.head.bias


def tiny_network(seed: int = 0, dtype: torch.dtype = torch.float32) -> TinyNetwork:
    return seeded(TinyNetwork, seed).to(dtype)


def dead_network() -> TinyNetwork:
    return seeded(DeadNetwork, 0)


def seeded(kind: type[TinyNetwork], seed: int) -> TinyNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return kind()


def tiny_batch(
    count: int = 8, side: int = 6, seed: int = 0, dtype: torch.dtype = torch.float32
) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(count, 3, side, side, generator=generator).to(dtype)
    return batch_of(images, torch.randint(CLASSES, (count,), generator=generator))


def batch_of(inputs: Tensor, labels: Tensor | None = None) -> Batch:
    if labels is None:
        labels = torch.zeros(len(inputs), dtype=torch.int64)
    return Batch(inputs, labels, functional.cross_entropy, labels, CLASSES)


def score(name: str, model: nn.Module, batch: Batch, seed: int = 0) -> Score:
    return measure(model, batch, [name], seed)[name]


def value(name: str, model: nn.Module, batch: Batch, seed: int = 0) -> float:
    found = score(name, model, batch, seed).value
    assert math.isfinite(found)
    return found
