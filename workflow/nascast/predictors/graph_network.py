"""Cell graphs as padded tensors, and the parts that several graph networks share."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from nascast.predictors.base import Observations


def graph_tensors(seen: Observations) -> tuple[Tensor, Tensor]:
    """Return the cell graphs of architectures.

    Returns:
        ``nodes``, float32 ``(n, nodes, kinds)``, one-hot and all zeros in the padding, and
        ``edges``, float32 ``(n, nodes, nodes)``, 1 from the second axis to the third.
    """
    nodes = np.asarray(seen.feature("nodes"), dtype=np.float32)
    edges = np.asarray(seen.feature("edges"), dtype=np.float32)
    return torch.from_numpy(nodes), torch.from_numpy(edges)


def real_nodes(nodes: Tensor) -> Tensor:
    """Return which nodes are no padding, bool ``(n, nodes)``."""
    return nodes.any(dim=2)


def with_loops(edges: Tensor, real: Tensor) -> Tensor:
    """Return ``edges`` with one from each real node to itself."""
    return edges + torch.diag_embed(real.to(edges.dtype))


def rows_to_one(matrices: Tensor) -> Tensor:
    """Return matrices, ``(..., rows, columns)``, whose rows sum to one; empty ones stay empty."""
    sums = matrices.sum(dim=-1, keepdim=True)
    return matrices / torch.where(sums > 0, sums, 1.0)


def mean_over(hidden: Tensor, real: Tensor) -> Tensor:
    """Return the mean over the real nodes, ``(n, nodes, width)`` to ``(n, width)``."""
    chosen = real.to(hidden.dtype).unsqueeze(1)
    return torch.bmm(chosen, hidden).squeeze(1) / chosen.sum(dim=2)


class NodeNorm(nn.BatchNorm1d):
    """Batch norm over the real nodes of all graphs; padding becomes zero."""

    def forward(self, hidden: Tensor, real: Tensor) -> Tensor:  # type: ignore[override]
        """Return normalised nodes, ``(n, nodes, width)``."""
        normed = torch.zeros_like(hidden)
        normed[real] = super().forward(hidden[real])
        return normed
