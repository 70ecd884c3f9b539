"""Networks that were looked at, for tests of rankers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn

from nascast.ranking.base import Context, Network, Setting
from nascast.ranking.images import Images, RandomImages
from nascast.ranking.looking import look
from nascast.ranking.user_code import candidates_of_objects

SHAPE = (3, 8, 8)


def mlp(width: int) -> nn.Module:
    """A classifier of four classes with one hidden layer."""
    layers = [nn.Flatten(), nn.Linear(192, width), nn.ReLU(), nn.Linear(width, 4)]
    return nn.Sequential(*layers)


def looked_at(models: Mapping[str, object]) -> list[Network]:
    """Return what was found out about some networks."""
    found = candidates_of_objects(models, "models")
    return [look(candidate, Setting(SHAPE)) for candidate in found]


def makers(*widths: int) -> dict[str, Callable[[], nn.Module]]:
    """Return functions that make an MLP of each width."""
    return {f"mlp{width}": lambda width=width: mlp(width) for width in widths}


def context(images: Images | None = None, **values: object) -> Context:
    """Return a context on the CPU with small mini-batches."""
    given = {"batch_size": 16} | values
    return Context(images or RandomImages(), torch.device("cpu"), **given)  # type: ignore[arg-type]
