"""Twenty networks as a user writes them: fourteen that work and six that do not.

Run by the command itself (``tests/ranking/zoo.py:networks``), so it imports nothing of nascast.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

GOOD = (
    "resnet8", "resnet14", "resnet20", "wide_resnet8", "resnet8_plain",
    "mobilenet_s", "mobilenet_m", "mobilenet_l", "mobilenet_wide",
    "vit_tiny", "vit_small", "vit_deep", "vit_wide", "vit_fine",
)  # fmt: skip
BAD = ("wrong_shape", "untraceable", "no_parameters", "vit_tiny", "raises", "cannot_be_built")


class Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int, skip: bool = True) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(outputs) for _ in range(2))
        self.skip = skip
        self.shortcut = (
            nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 or inputs != outputs else None
        )

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norms[0](self.first(x)), inplace=True)
        y = self.norms[1](self.second(y))
        if self.skip:
            y = y + (x if self.shortcut is None else self.shortcut(x))
        return functional.relu(y)


class ResNet(nn.Module):
    def __init__(self, blocks: int, width: int = 8, skip: bool = True) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 2, 1), nn.BatchNorm2d(width), nn.ReLU())
        layers: list[nn.Module] = []
        for stage in range(3):
            for place in range(blocks):
                outputs = width * 2**stage
                inputs = outputs // 2 if stage and not place else outputs
                layers.append(Block(inputs, outputs, 2 if stage and not place else 1, skip))
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(width * 4, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(self.stem(x)).mean(dim=(2, 3)))


class Inverted(nn.Module):
    def __init__(self, width: int, outputs: int, stride: int) -> None:
        super().__init__()
        hidden = 4 * width
        self.layers = nn.Sequential(
            nn.Conv2d(width, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(),
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden), nn.ReLU6(),
            nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        self.adds = stride == 1 and width == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.layers(x)
        return x + y if self.adds else y


class MobileNet(nn.Module):
    def __init__(self, widths: tuple[int, ...], repeats: int = 1) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, widths[0], 3, 2, 1), nn.ReLU6())
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers.append(Inverted(inputs, outputs, 2))
            layers += [Inverted(outputs, outputs, 1) for _ in range(repeats)]
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(widths[-1], 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.drop(self.body(self.stem(x))))


class ViT(nn.Module):
    def __init__(self, width: int, depth: int, heads: int = 2, patch: int = 8) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.position = nn.Parameter(0.02 * torch.randn(1, (32 // patch) ** 2 + 1, width))
        layer = nn.TransformerEncoderLayer(width, heads, 2 * width, 0.1, "gelu", batch_first=True)
        self.body = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        y = self.patches(x).flatten(2).transpose(1, 2)
        y = torch.cat([self.token.expand(len(y), -1, -1), y], dim=1) + self.position
        return self.head(self.body(y)[:, 0])


class OneChannel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(8 * 26 * 26, 10))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class Undecided(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(3072, 10), nn.Linear(3072, 10)

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(1)
        return self.left(flat) if flat.mean() > 0 else self.right(flat)


class Raises(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3072, 10)

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("the second half is not written yet")


def cannot_be_built() -> nn.Module:
    raise ValueError("width 7 is no multiple of 2 heads")


def networks() -> list[tuple[str, object]]:
    print("a user's print must not get into the output")
    return [
        ("resnet8", ResNet(1)),
        ("resnet14", ResNet(2)),
        ("resnet20", ResNet(3)),
        ("wide_resnet8", ResNet(1, 16)),
        ("resnet8_plain", ResNet(1, skip=False)),
        ("mobilenet_s", MobileNet((8, 12, 16))),
        ("mobilenet_m", MobileNet((8, 16, 24))),
        ("mobilenet_l", MobileNet((8, 16, 24, 32), 2)),
        ("mobilenet_wide", MobileNet((16, 32, 48))),
        ("vit_tiny", ViT(16, 2)),
        ("vit_small", ViT(32, 2)),
        ("vit_deep", ViT(16, 4)),
        ("vit_wide", ViT(48, 2, 4)),
        ("vit_fine", ViT(16, 2, patch=4)),
        ("wrong_shape", OneChannel()),
        ("untraceable", Undecided()),
        ("no_parameters", nn.Sequential(nn.AvgPool2d(8), nn.Flatten())),
        ("vit_tiny", ViT(24, 2)),
        ("raises", Raises()),
        ("cannot_be_built", cannot_be_built),
    ]


def small() -> list[tuple[str, object, Tensor]]:
    """Two networks with example inputs of their own."""
    return [
        ("resnet8", ResNet(1), torch.zeros(1, 3, 32, 32)),
        ("resnet8_large_images", ResNet(1), torch.zeros(1, 3, 48, 48)),
    ]


def factories() -> dict[str, object]:
    """Functions in the place of modules."""
    return {"resnet8": lambda: ResNet(1), "mobilenet_s": lambda: MobileNet((8, 12, 16))}


def broken_only() -> dict[str, nn.Module]:
    return {"raises": Raises(), "untraceable": Undecided()}
