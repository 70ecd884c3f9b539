"""Networks that everybody knows, written for these tests, and small ones written in two ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class Written(nn.Module):
    """A forward pass that is a function of the module and its arguments, over any parts.

    Tensors that are no parameters become buffers.
    """

    def __init__(self, forward: Callable[..., Any], **parts: Any) -> None:
        super().__init__()
        self.written = forward
        for name, part in parts.items():
            if isinstance(part, Tensor) and not isinstance(part, nn.Parameter):
                self.register_buffer(name, part)
            else:
                setattr(self, name, part)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.written(self, *args, **kwargs)


def conv_bn(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> list:
    padding = kernel // 2
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outputs)]


class BasicBlock(nn.Module):
    """He et al. 2016: two 3x3 convolutions beside a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        first, second = conv_bn(inputs, outputs, 3, stride), conv_bn(outputs, outputs, 3)
        self.main = nn.Sequential(*first, nn.ReLU(inplace=True), *second)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Sequential(*([] if same else conv_bn(inputs, outputs, 1, stride)))

    def forward(self, x: Tensor) -> Tensor:
        y = self.main(x)
        y += self.shortcut(x)
        return functional.relu(y)


class ResNet18(nn.Module):
    """He et al. 2016, table 1."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Sequential(*conv_bn(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        blocks: list[nn.Module] = []
        for stage, width in enumerate((64, 128, 256, 512)):
            inputs = 64 if stage == 0 else width // 2
            blocks += [BasicBlock(inputs, width, 1 if stage == 0 else 2)]
            blocks += [BasicBlock(width, width, 1)]
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.blocks(self.stem(images)))


class InvertedResidual(nn.Module):
    """Sandler et al. 2018: expansion, depthwise convolution, linear bottleneck."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        wide = [] if expansion == 1 else [*conv_bn(inputs, hidden, 1), nn.ReLU6(inplace=True)]
        deep = [*conv_bn(hidden, hidden, 3, stride, hidden), nn.ReLU6(inplace=True)]
        self.layers = nn.Sequential(*wide, *deep, *conv_bn(hidden, outputs, 1))
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x) if self.is_residual else self.layers(x)


class MobileNetV2(nn.Module):
    """Sandler et al. 2018, table 2: expansion, channels, repeats, stride of each stage."""

    STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
              (6, 160, 3, 2), (6, 320, 1, 1))  # fmt: skip

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        layers, width = [*conv_bn(3, 32, 3, 2), nn.ReLU6()], 32
        for expansion, channels, repeats, stride in self.STAGES:
            for repeat in range(repeats):
                layers.append(InvertedResidual(width, channels, 1 if repeat else stride, expansion))
                width = channels
        self.features = nn.Sequential(*layers, *conv_bn(width, 1280, 1), nn.ReLU6())
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.features(images).mean([2, 3]))


class ConvNeXtBlock(nn.Module):
    """Liu et al. 2022: a depthwise convolution, then layers on images with channels last."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.deep = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm, self.act = nn.LayerNorm(width), nn.GELU()
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.deep(x).permute(0, 2, 3, 1))
        y = self.scale * self.narrow(self.act(self.wide(y)))
        return x + y.permute(0, 3, 1, 2)


class Attention(nn.Module):
    """Self-attention written with products and a softmax."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.scale = heads, (width // heads) ** -0.5
        self.packed, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        n, length, width = tokens.shape
        packed = self.packed(tokens).reshape(n, length, 3, self.heads, width // self.heads)
        query, key, value = packed.permute(2, 0, 3, 1, 4)
        weights = ((query * self.scale) @ key.transpose(-2, -1)).softmax(dim=-1)
        return self.out((weights @ value).transpose(1, 2).reshape(n, length, width))


class EncoderBlock(nn.Module):
    """Attention and a two-layer network, each behind a norm and beside a shortcut."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.first, self.attention = nn.LayerNorm(width), Attention(width, heads)
        layers = (nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.second, self.dense = nn.LayerNorm(width), nn.Sequential(*layers)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.attention(self.first(tokens))
        return tokens + self.dense(self.second(tokens))


class VisionTransformer(nn.Module):
    """Dosovitskiy et al. 2021, with as few blocks as wanted; the class token is read out."""

    def __init__(
        self, width: int = 192, depth: int = 2, heads: int = 3, classes: int = 10, side: int = 32
    ) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, 8)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.zeros(1, (side // 8) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(EncoderBlock(width, heads) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, images: Tensor) -> Tensor:
        patches = self.patches(images).flatten(2).transpose(1, 2)
        token = self.token.expand(len(images), -1, -1)
        tokens = torch.cat([token, patches], dim=1) + self.positions
        return self.head(self.norm(self.blocks(tokens))[:, 0])


class WithModules(nn.Module):
    """A small network of layers; :class:`WithFunctions` is the same one."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.act, self.gate = nn.ReLU6(), nn.SiLU()
        self.pool, self.drop = nn.AvgPool2d(2), nn.Dropout(0.5)
        self.up = nn.ConvTranspose2d(8, 8, 2, 2)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4))

    def forward(self, images: Tensor) -> Tensor:
        x = self.act(self.norm(self.conv(images)))
        y = self.up(self.drop(self.pool(x)))
        return self.head(self.gate(torch.cat([x + y, y], 1)[:, :8]))


class WithFunctions(nn.Module):
    """The network of :class:`WithModules` on bare parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.ParameterList(
            torch.zeros(*shape) for shape in ((8, 3, 3, 3), (8, 8, 2, 2), (4, 8))
        )
        self.biases = nn.ParameterList(torch.zeros(n) for n in (8, 8, 4))
        self.scale, self.offset = nn.Parameter(torch.ones(8)), nn.Parameter(torch.zeros(8))
        self.register_buffer("mean", torch.zeros(8))
        self.register_buffer("var", torch.ones(8))

    def forward(self, images: Tensor) -> Tensor:
        weights, biases = self.weights, self.biases
        # The bias is added by hand, in place, and the classifier is a product.
        x = functional.conv2d(images, weights[0], padding=1)
        x += biases[0].view(8, 1, 1)
        x = functional.batch_norm(x, self.mean, self.var, self.scale, self.offset)
        x = x.clamp(0, 6)
        y = functional.dropout(functional.avg_pool2d(x, 2), training=self.training)
        y = functional.conv_transpose2d(y.contiguous(), weights[1], biases[1], 2)
        joined = torch.cat((y.add(x), y), dim=1).narrow(1, 0, 8)
        pooled = functional.silu(joined, inplace=True).mean((-2, -1))
        return pooled.detach() @ weights[2].t() + biases[2]
