"""Makes heads by the names of the paper's tables, new or from what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from nascast.predictors.gennape.head import Head
from nascast.predictors.gennape.pairwise import PairwiseHead
from nascast.predictors.gennape.regressor import RegressionHead
from nascast.predictors.gennape.settings import find_variant


def create_head(name: str, seed: int, settings: Mapping[str, float] | None = None) -> Head:
    """Return a new head.

    Args:
        name: such as ``CL+FCM+T``; see ``settings.VARIANTS``.
        seed: see :class:`Head`.
        settings: changes of the published settings, by name.

    Raises:
        ValueError: for an unknown variant or setting.
    """
    variant = find_variant(name)
    return (PairwiseHead if variant.pairwise else RegressionHead)(variant, seed, settings)


def restore_head(tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> Head:
    """Return the fitted head whose ``state`` this is."""
    return create_head(values["variant"], int(values["seed"])).restore(tensors, values)
