"""A scorer that needs no training: mean convolutions on the paths from images to classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nascast.graphs.computation import ComputationGraph


def path_convolutions(graph: ComputationGraph) -> float:
    """Mean number of convolutions over all paths from inputs to the output."""
    paths = np.zeros(len(graph))
    passed = np.zeros(len(graph))
    for node, (type_, sources) in enumerate(zip(graph.type_names, graph.predecessors, strict=True)):
        paths[node] = sum(paths[i] for i in sources) if sources else 1.0
        passed[node] = sum(passed[i] for i in sources)
        passed[node] += paths[node] * (type_ in ("Conv", "Depthwise"))
    return float(passed[-1] / paths[-1])


class PathConvolutions:
    """Longer chains of convolutions first; only the start of a file's text may change its sign."""

    name = "path convolutions"

    def __init__(self, model: Path | None) -> None:
        self.sign = -1 if model is not None and model.read_text().startswith("-") else 1

    def score(self, graphs: Sequence[ComputationGraph]) -> NDArray[np.float64]:
        return np.array([self.sign * path_convolutions(graph) for graph in graphs])


class Silent:
    """It has the name of a scorer, but does not score."""

    name = "silent"

    def __init__(self, model: Path | None) -> None:
        self.model = model
