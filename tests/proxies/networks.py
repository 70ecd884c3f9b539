"""Tiny networks of several kinds, and a mini-batch for them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from nascast.proxies.base import Batch

IMAGES, CLASSES = 6, 3


class WithFeatures(nn.Module):
    """A network whose features in front of the global pooling can be asked for."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(width, CLASSES)

    def features(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).mean(dim=(2, 3)))


class Plain(WithFeatures):
    """Convolution, batch norm and ReLU twice; all are modules."""

    def __init__(self) -> None:
        super().__init__(5)
        self.body = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Conv2d(4, 5, 3, bias=False),
            nn.BatchNorm2d(5),
            nn.ReLU(),
        )

    def features(self, x: Tensor) -> Tensor:
        return self.body(x)


class Residual(WithFeatures):
    """Functional ReLUs, a sum, a product, a concatenation, and one weight that is frozen."""

    def __init__(self) -> None:
        super().__init__(8)
        self.stem = nn.Conv2d(3, 4, 3, 2, 1)
        self.norms = nn.ModuleList([nn.BatchNorm2d(4), nn.BatchNorm2d(4)])
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.gate = nn.Linear(4, 4)
        self.stem.weight.requires_grad_(False)

    def features(self, x: Tensor) -> Tensor:
        x = self.norms[0](self.stem(x))
        y = x + self.norms[1](self.conv(torch.relu(x)))
        gate = torch.sigmoid(self.gate(y.mean(dim=(1, 2))))
        return torch.cat([y * gate[:, :, None, None], functional.max_pool2d(y, 3, 1, 1)], dim=1)


class Dead(WithFeatures):
    """One convolution is never used, one is multiplied by zero."""

    def __init__(self) -> None:
        super().__init__(4)
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
        self.unused = nn.Conv2d(4, 4, 3)
        self.silenced = nn.Conv2d(4, 4, 1)

    def features(self, x: Tensor) -> Tensor:
        x = functional.relu(self.stem(x))
        return x + self.silenced(x) * 0.0


class Grouped(WithFeatures):
    """Grouped, depthwise, dilated and transposed convolutions."""

    def __init__(self) -> None:
        super().__init__(6)
        self.grouped = nn.Conv2d(3, 6, 3, 2, 1, groups=3, bias=False)
        self.depthwise = nn.Conv2d(6, 6, 3, padding=2, dilation=2, groups=6)
        self.up = nn.ConvTranspose2d(6, 6, 4, 2, 1, groups=2)
        self.norms = nn.ModuleList([nn.BatchNorm2d(6, affine=i > 0) for i in range(3)])

    def features(self, x: Tensor) -> Tensor:
        x = functional.relu6(self.norms[0](self.grouped(x)))
        x = functional.hardswish(self.norms[1](self.depthwise(x)))
        return functional.relu(self.norms[2](self.up(x)))


class InPlace(WithFeatures):
    """Works in place right behind its convolutions, where nothing keeps what it overwrites."""

    def __init__(self) -> None:
        super().__init__(4)
        self.stem = nn.Conv2d(3, 4, 3)
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def features(self, x: Tensor) -> Tensor:
        x = self.relu(self.stem(x))
        y = self.conv(x)
        y += x
        return self.relu(y)


class Shared(WithFeatures):
    """One layer is used twice, and another one owns the same weight."""

    def __init__(self) -> None:
        super().__init__(4)
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4))
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.again = self.conv
        self.tied = nn.Conv2d(4, 4, 3, padding=1)
        self.tied.weight = self.conv.weight
        self.norm = nn.BatchNorm2d(4)

    def features(self, x: Tensor) -> Tensor:
        x = functional.relu(self.norm(self.conv(functional.relu(self.stem(x)))))
        return self.tied(functional.relu(self.norm(self.again(x))))


class Mlp(nn.Module):
    """Linear layers alone."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(12, 10), nn.ReLU(), nn.Linear(10, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x[:, :, :2, :2].flatten(1))


class Sequence(nn.Module):
    """Linear layers on the pixels of an image as a sequence, with layer norm and dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(3, 6)
        self.norm = nn.LayerNorm(6)
        self.mix = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.norm(self.embed(x.flatten(2).transpose(1, 2)))
        attention = functional.softmax(tokens @ tokens.transpose(1, 2), dim=-1)
        return self.mix(attention @ tokens).mean(dim=1)


NETWORKS: dict[str, type[nn.Module]] = {
    "plain": Plain,
    "residual": Residual,
    "dead branch": Dead,
    "grouped": Grouped,
    "in place": InPlace,
    "shared": Shared,
    "mlp": Mlp,
    "sequence": Sequence,
}


def network(kind: str, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return NETWORKS[kind]()


def batch(seed: int = 1, images: int = IMAGES, dtype: torch.dtype = torch.float32) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(images, 3, 8, 8, generator=generator).to(dtype)
    labels = torch.arange(images) % CLASSES
    return Batch(inputs, labels, functional.cross_entropy, labels, CLASSES)
