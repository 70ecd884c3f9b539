"""SNAP's network: graph convolutions with batch norm on padded batches of small graphs.

The layer is that of Kipf and Welling 2017, Equation 2 of the paper, and equals
``torch_geometric.nn.dense.DenseGCNConv`` (tested). It is written anew because of the speed: a cell
has a handful of distinct operations, so the first layer projects their vectors once a batch and
counts them; torch-geometric would project 384 numbers of every node, normalise every adjacency in
every layer, and has neither directions nor edges that count one each.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from nascast.predictors.snap.arrays import Batch
from nascast.predictors.snap.settings import SnapSettings

_EPSILON = 1e-5
_MOMENTUM = 0.1


class SnapNetwork(nn.Module):
    """Three graph convolutions, each with batch norm and ReLU, a read-out and a linear output.

    Args:
        features: length of the operators' vectors.
        settings: shape and read-out.
    """

    def __init__(self, features: int, settings: SnapSettings) -> None:
        super().__init__()
        width, directions = settings.width, settings.directions
        inputs = [features, *[width] * (settings.layers - 1)]
        self.weights = nn.ParameterList(torch.empty(directions, n, width) for n in inputs)
        self.norms = nn.ModuleList(NodeNormReLU(width) for _ in inputs)
        self.output = nn.Linear(settings.pooled * width, 1)
        for weight in self.weights:
            for direction in weight:
                nn.init.xavier_uniform_(direction)

    def forward(self, batch: Batch, vectors: Tensor) -> Tensor:
        """Return a score for each graph, ``(n,)``.

        Args:
            batch: the graphs.
            vectors: ``(kinds, features)``, of each kind of node.
        """
        n, nodes = batch.kinds.shape[:2]
        count = batch.sizes.sum().item()
        hidden = batch.kinds.flatten(0, 1) @ (vectors @ self.weights[0]).flatten(0, 1)
        hidden = self.norms[0](hidden, count)
        for weight, norm in zip(self.weights[1:], self.norms[1:], strict=True):
            read = torch.bmm(batch.matrices, hidden.view(n, nodes, -1)).view(n * nodes, -1)
            hidden = norm(read @ weight.flatten(0, 1), count)
        pooled = torch.bmm(batch.pooling, hidden.view(n, nodes, -1)).flatten(1)
        result: Tensor = self.output(pooled).squeeze(1)
        return result


class NodeNormReLU(nn.Module):
    """Batch norm over the real nodes of all graphs of a batch, then ReLU.

    Padding reads nothing, so that its rows come as zeros: they add nothing to the sums, and only
    the number of nodes has to be told. What becomes of them is read by no one.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("variance", torch.ones(width))

    def forward(self, hidden: Tensor, count: float) -> Tensor:
        """Return ``(rows, width)``.

        Args:
            hidden: ``(rows, width)``, zeros in the rows of padding.
            count: rows that are no padding.
        """
        if not self.training:
            factor = self.scale * (self.variance + _EPSILON).rsqrt()
            return torch.addcmul(self.shift - self.mean * factor, hidden, factor).relu_()
        result, mean, variance = _NormReLU.apply(  # type: ignore[no-untyped-call]
            hidden, self.scale, self.shift, count
        )
        with torch.no_grad():
            self.mean.lerp_(mean, _MOMENTUM)
            # As in torch, the estimate without bias is for later, the other one for the batch.
            unbiased = count / (count - 1)
            self.variance.mul_(1 - _MOMENTUM).add_(variance, alpha=_MOMENTUM * unbiased)
        return result  # type: ignore[no-any-return]


class _NormReLU(torch.autograd.Function):
    """Both in one, with fewer passes over memory than torch's own two need on a CPU."""

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, scale: Tensor, shift: Tensor, count: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        mean = hidden.sum(dim=0).div_(count)
        squares = (hidden * hidden).sum(dim=0).div_(count)
        variance = squares.addcmul_(mean, mean, value=-1).clamp_(min=0)
        inverse = (variance + _EPSILON).rsqrt_()
        factor = scale * inverse
        result = torch.addcmul(shift.addcmul(mean, factor, value=-1), hidden, factor).relu_()
        ctx.save_for_backward(hidden, result, mean, inverse, factor)
        ctx.count = count
        ctx.mark_non_differentiable(mean, variance)
        return result, mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        hidden, result, mean, inverse, factor = ctx.saved_tensors
        passed = torch.ops.aten.threshold_backward(gradient, result, 0)
        shift = passed.sum(dim=0)
        scale = (passed * hidden).sum(dim=0).addcmul_(mean, shift, value=-1).mul_(inverse)
        slope = (factor * inverse).mul_(scale).mul_(-1 / ctx.count)
        offset = (factor * shift).mul_(-1 / ctx.count).addcmul_(slope, mean, value=-1)
        inputs = passed.mul_(factor).addcmul_(hidden, slope).add_(offset)
        return inputs, scale, shift, None
