"""The order in which a training reads its images."""

from __future__ import annotations

import torch
from torch import Tensor


def image_order(count: int, steps: int, batch_size: int, seed: int) -> Tensor:
    """Return the image indices of every mini-batch: whole shuffled passes, back to back.

    Args:
        count: number of training images.
        steps: number of mini-batches.
        batch_size: images in a mini-batch.
        seed: the only source of the order; the same on every device.

    Returns:
        int64, (steps, batch_size), on the host.
    """
    generator = torch.Generator().manual_seed(seed)
    needed = steps * batch_size
    passes = -(-needed // count)
    shuffled = torch.cat([torch.randperm(count, generator=generator) for _ in range(passes)])
    return shuffled[:needed].view(steps, batch_size)
