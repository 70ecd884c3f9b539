"""Naive networks written as functions: layers are made in the first pass and reused afterwards."""

from __future__ import annotations

from collections.abc import Callable

import torch
from tests.networks.naive_nasbench201 import copy_parameters
from torch import Tensor, nn
from torch.nn import functional


class LazyNetwork(nn.Module):
    """Runs ``body(network, images)``; its layers follow one another as the body asks for them."""

    def __init__(
        self, body: Callable[[LazyNetwork, Tensor], Tensor], momentum: float, bias: bool = False
    ) -> None:
        super().__init__()
        self.body, self.momentum, self.bias = body, momentum, bias
        self.layers = nn.ModuleList()
        self.next = 0

    def forward(self, images: Tensor) -> Tensor:
        self.next = 0
        return self.body(self, images)

    def layer(self, make: Callable[[], nn.Module], x: Tensor) -> Tensor:
        if self.next == len(self.layers):
            self.layers.append(make().double())
        self.next += 1
        return self.layers[self.next - 1](x)

    def norm(self, x: Tensor) -> Tensor:
        return self.layer(lambda: nn.BatchNorm2d(x.shape[1], 1e-3, self.momentum), x)

    def conv(
        self,
        x: Tensor,
        channels: int,
        kernel: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        then: Callable[[Tensor], Tensor] = functional.relu6,
    ) -> Tensor:
        size = (kernel, kernel) if isinstance(kernel, int) else kernel
        padding = (size[0] // 2, size[1] // 2)
        x = self.layer(
            lambda: nn.Conv2d(x.shape[1], channels, size, stride, padding, bias=self.bias), x
        )
        return then(self.norm(x))

    def classify(self, x: Tensor, classes: int) -> Tensor:
        return self.layer(lambda: nn.Linear(x.shape[1], classes), x.mean(dim=(2, 3)))


def linear(x: Tensor) -> Tensor:
    """The activation that is none."""
    return x


def assert_same_network(network: nn.Module, naive: LazyNetwork, size: int) -> None:
    """Check that two networks compute the same with the same weights, in training and after it."""
    network.double()
    images = torch.randn(4, 3, size, size, dtype=torch.float64)
    naive(images)
    copy_parameters(network, naive)
    for layer in naive.layers:
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
    torch.testing.assert_close(network(images), naive(images), rtol=1e-7, atol=1e-9)
    # Running means tell apart momentum, and all batch norms of this test see the same pass.
    network.eval()
    naive.eval()
    torch.testing.assert_close(network(images), naive(images), rtol=1e-7, atol=1e-9)
