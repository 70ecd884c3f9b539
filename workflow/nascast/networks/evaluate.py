"""Loss and accuracy of a classifier on images that it was not trained on."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

_BATCH = 512


@torch.inference_mode()
def evaluate(model: nn.Module, inputs: Tensor, labels: Tensor) -> Tensor:
    """Return mean cross-entropy (nats) and accuracy in evaluation mode, on the device.

    Args:
        model: a classifier; it is left in training mode.
        inputs: normalised images, (n, c, h, w), n >= 1.
        labels: int64, (n,).

    Returns:
        float32, (2,); reading it on the host is what waits for the device.
    """
    model.eval()
    totals = torch.zeros(2, device=inputs.device)
    for batch, target in zip(inputs.split(_BATCH), labels.split(_BATCH), strict=True):
        logits = model(batch)
        totals[0] += functional.cross_entropy(logits, target, reduction="sum")
        totals[1] += (logits.argmax(dim=1) == target).sum()
    model.train()
    return totals / len(labels)
