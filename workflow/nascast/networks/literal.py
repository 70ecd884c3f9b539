"""Networks that compute exactly what the original code computes, needless parts included."""

from __future__ import annotations

from torch import nn


def compute_literally(model: nn.Module) -> nn.Module:
    """Switch every module of a network that knows a literal way to it, and return the network.

    Outputs and gradients stay the same; what counts activations or statistics on the way, as some
    zero-cost proxies do, then sees the original's.
    """
    for module in model.modules():
        if hasattr(module, "literal"):
            module.literal = True
    return model
