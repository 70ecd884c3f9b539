"""What predicts how good computation graphs are, by name.

A distribution adds a scorer through the entry-point group ``nascast.graph_scorers``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nascast.errors import NascastError
from nascast.graphs.computation import ComputationGraph
from nascast.registry import Registry


@runtime_checkable
class GraphScorer(Protocol):
    """Scores networks by their graphs alone, without a training.

    A scorer's class is made with the path of the file that it reads, None where the settings name
    none.

    Attributes:
        name: registered name.
    """

    name: str

    def score(self, graphs: Sequence[ComputationGraph]) -> NDArray[np.float64]:
        """Return one number a graph, ``(n,)``, higher is better, each whatever the others are."""
        ...


class GraphScorerError(NascastError):
    """A scorer that is unknown or cannot be loaded."""


BUILT_IN: Mapping[str, str] = {}
REGISTRY = Registry("graph scorer", "nascast.graph_scorers", BUILT_IN, GraphScorerError)
names = REGISTRY.names
module_of = REGISTRY.module_of


def create(name: str, model: Path | None = None) -> GraphScorer:
    """Return the scorer registered under a name.

    Args:
        name: its name.
        model: the file that it reads, if any.

    Raises:
        GraphScorerError: as :meth:`nascast.registry.Registry.load`, or it does not score.
    """
    scorer = REGISTRY.load(name)(model)
    if not isinstance(scorer, GraphScorer):
        raise GraphScorerError(f"graph scorer {name!r} has no method `score`")
    return scorer
