"""The contrastive loss: two dropout views of every graph, weighted by spectral distance.

Source: Mills et al. 2023, "GENNAPE", Equation 1, after SimCLR (Chen et al. 2020); dropout as the
only augmentation after Gao, Yao and Chen 2021. What the paper leaves open stands in
docs/decisions.md.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

TEMPERATURE = 0.05


def view_weights(distances: Tensor, scale: float) -> Tensor:
    """Return what share each other view has in the target of a view: the paper's alpha.

    The softmax over ``-distance / scale`` of all views but the own one, the twin included, whose
    distance is 0: graphs that are wired alike weigh most.

    Args:
        distances: spectral distances between ``n`` graphs, ``(n, n)``.
        scale: distance that makes a weight e times smaller.

    Returns:
        ``(2n, 2n)`` for the first views of all graphs, then the second ones; rows sum to 1, the
        diagonal is 0.
    """
    logits = -distances.repeat(2, 2) / scale
    logits.fill_diagonal_(-torch.inf)
    return logits.softmax(dim=1)


def contrastive_loss(
    projections: Tensor, weights: Tensor, temperature: float = TEMPERATURE
) -> Tensor:
    """Return Equation 1 as a mean over the views, in nats.

    Args:
        projections: of all views, ``(2n, p)``; they are scaled to length 1 here.
        weights: of :func:`view_weights`.
        temperature: divides the cosine similarity.
    """
    units = nn.functional.normalize(projections, dim=1)
    similarities = units @ units.T / temperature
    others = similarities.masked_fill(torch.eye(len(units), dtype=torch.bool), -torch.inf)
    log_shares = others.log_softmax(dim=1)
    # A view has no share in itself; its -inf must not meet the weight 0.
    return -(weights * log_shares.masked_fill(weights == 0, 0)).sum(dim=1).mean()
