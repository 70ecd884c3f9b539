"""Adam on the parameters of batched networks, in one pass over the memory.

An ensemble of 16 networks has 3.7 million parameters: a step of Adam moves a hundred megabytes, and
NumPy's one operation after another moves them several times.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from nascast.predictors.batched_mlp import BatchedMLP

# A unit that is dead for good leaves moments that shrink into denormal numbers, which a processor
# multiplies a hundred times slower. From the smallest gradients that matter it takes hundreds of
# steps to get there.
_FLUSH_EVERY = 200
_NOTHING = 1e-30


class Descent:
    """Adam (Kingma and Ba 2015) with PyTorch's defaults; moments start at zero.

    Args:
        networks: whose parameters are changed, by the gradients that they hold.
        rate: the learning rate.
    """

    def __init__(self, networks: Sequence[BatchedMLP], rate: float) -> None:
        tensors = []
        for each in networks:
            tensor = torch.from_numpy(each.parameters)  # the same memory
            tensor.grad = torch.from_numpy(each.gradient)
            tensors.append(tensor)
        self._adam = torch.optim.Adam(tensors, lr=rate, fused=True)
        self._steps = 0

    def step(self) -> None:
        """Make one step against the gradients."""
        self._adam.step()
        self._steps += 1
        if self._steps % _FLUSH_EVERY == 0:
            for moments in self._adam.state.values():
                for name in ("exp_avg", "exp_avg_sq"):
                    values = moments[name]
                    values.masked_fill_(values.abs() < _NOTHING, 0)
