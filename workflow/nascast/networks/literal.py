"""Networks that compute exactly what the original code computes, needless parts included."""

from __future__ import annotations

from torch import nn


class LiteralModule(nn.Module):
    """A module that leaves out what has no influence, unless it is told to work literally.

    Attributes:
        literal: compute as the original does. The outputs are the same; what looks inside, sees
            the original.
    """

    literal: bool = False


def compute_literally(model: nn.Module) -> nn.Module:
    """Switch every module of a network that knows a literal way to it, and return the network.

    Outputs and gradients stay the same; what counts activations or statistics on the way, as some
    zero-cost proxies do, then sees the original's.
    """
    for module in model.modules():
        if isinstance(module, LiteralModule):
            module.literal = True
    return model
