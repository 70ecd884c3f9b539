"""Operator graphs as arrays, and as the tensors that SNAP's network reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nascast.errors import NascastError
from nascast.predictors.snap.settings import SnapSettings

EMPTY = 255
"""The operation of padding."""

Vectors = Mapping[str, NDArray[np.float32]]


class OperatorError(NascastError):
    """Operators that nobody described, or vectors that do not belong together."""


@dataclass(frozen=True, slots=True)
class OperatorGraphs:
    """Graphs with operations on the nodes.

    Attributes:
        vocabulary: names of the operations, by number.
        operations: uint8 ``(n, nodes)``, a number each, :data:`EMPTY` behind the last node.
        adjacency: bool ``(n, nodes, nodes)``, true from the second axis to the third.
    """

    vocabulary: tuple[str, ...]
    operations: NDArray[np.uint8]
    adjacency: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.operations)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Nodes of each graph, ``(n,)``."""
        sizes: NDArray[np.int64] = (self.operations != EMPTY).sum(axis=1, dtype=np.int64)
        return sizes

    def take(self, rows: NDArray[np.int64]) -> OperatorGraphs:
        """Return the graphs of some rows, in their order."""
        return OperatorGraphs(self.vocabulary, self.operations[rows], self.adjacency[rows])


@dataclass(frozen=True, slots=True)
class Batch:
    """Graphs as the network reads them; ``d`` directions, ``k`` kinds of nodes.

    Attributes:
        matrices: float32 ``(n, nodes * d, nodes)``: how much of each node a node reads, all
            directions of a node in a row.
        kinds: float32 ``(n, nodes, d * k)``: the same summed over the nodes of a kind, which is
            all that the first layer needs.
        pooling: float32 ``(n, vectors, nodes)``: weights of the read-out.
        sizes: float32 ``(n,)``: nodes that are no padding.
    """

    matrices: Tensor
    kinds: Tensor
    pooling: Tensor
    sizes: Tensor

    def __len__(self) -> int:
        return len(self.matrices)

    def take(self, rows: Tensor) -> Batch:
        """Return the graphs of some rows."""
        return Batch(
            self.matrices.index_select(0, rows),
            self.kinds.index_select(0, rows),
            self.pooling.index_select(0, rows),
            self.sizes.index_select(0, rows),
        )


def make_batch(graphs: OperatorGraphs, settings: SnapSettings) -> Batch:
    """Return what a network with these settings reads of graphs.

    With a global node, one is added behind all others. It reads each of them, whatever the
    direction, and is read by them only where edges have no direction, as any other neighbour.
    """
    n, nodes = graphs.operations.shape
    real = torch.from_numpy(graphs.operations != EMPTY)
    edges = torch.from_numpy(graphs.adjacency)
    numbers = torch.from_numpy(graphs.operations.astype(np.int64))
    kinds = len(graphs.vocabulary)
    if settings.readout == "global":
        edges = torch.nn.functional.pad(edges, (0, 1, 0, 1))
        edges[:, :nodes, nodes] = real
        real = torch.nn.functional.pad(real, (0, 1), value=True)
        numbers = torch.nn.functional.pad(numbers, (0, 1), value=kinds)
        kinds += 1
    matrices = torch.stack([_weights(m, real, settings) for m in _readers(edges, settings)], dim=2)
    flat = matrices.flatten(1, 2)
    one_hot = torch.zeros(*real.shape, kinds)
    one_hot[real] = torch.nn.functional.one_hot(numbers[real], kinds).float()
    return Batch(
        matrices=flat,
        kinds=torch.bmm(flat, one_hot).view(n, real.shape[1], -1),
        pooling=_pooling(real.float(), settings),
        sizes=real.sum(dim=1).float(),
    )


def _readers(edges: Tensor, settings: SnapSettings) -> list[Tensor]:
    """Return for each direction the matrix that says whom (third axis) a node (second) reads."""
    forward, backward = edges.transpose(1, 2), edges
    if settings.readout == "global" and settings.adjacency in ("backward", "both"):
        # Nothing would reach the global node against the edges, and all depends on it.
        backward = backward.clone()
        backward[:, -1], backward[:, :, -1] = edges[:, :, -1], False
    return {
        "forward": [forward],
        "backward": [backward],
        "undirected": [forward | edges],
        "both": [forward, backward],
    }[settings.adjacency]


def _weights(reads: Tensor, real: Tensor, settings: SnapSettings) -> Tensor:
    """Return how much a node reads of each other: one, or as Equation 2 has it."""
    matrix = reads.float()
    if settings.loops:
        matrix += torch.diag_embed(real.float())
    if settings.normalised:
        scale = matrix.sum(dim=2).clamp(min=1).rsqrt()
        matrix = scale.unsqueeze(2) * matrix * scale.unsqueeze(1)
    return matrix


def _pooling(real: Tensor, settings: SnapSettings) -> Tensor:
    mean = real / real.sum(dim=1, keepdim=True)
    if settings.readout == "global":
        last = torch.zeros_like(real)
        last[:, -1] = 1
        return last.unsqueeze(1)
    return torch.stack(
        {"mean": [mean], "sum": [real], "mean_sum": [mean, real]}[settings.readout], dim=1
    )


def operator_matrix(
    vectors: Vectors, vocabulary: tuple[str, ...], settings: SnapSettings
) -> Tensor:
    """Return the vectors of a vocabulary, float32 ``(kinds, features)``.

    A global node has a vector that nothing else resembles: a feature that the others lack.

    Raises:
        OperatorError: an operation has no vector, or vectors have different lengths.
    """
    unknown = [name for name in vocabulary if name not in vectors]
    if unknown:
        raise OperatorError(
            f"nobody described the operations {', '.join(unknown)}: add them to "
            "resources/operators.yaml"
        )
    lengths = {len(vectors[name]) for name in vocabulary}
    if len(lengths) != 1:
        raise OperatorError(f"the vectors of the operations have different lengths: {lengths}")
    stacked = torch.from_numpy(np.stack([vectors[name] for name in vocabulary])).float()
    if settings.readout != "global":
        return stacked
    padded = torch.nn.functional.pad(stacked, (0, 1, 0, 1))
    padded[-1, -1] = 1
    return padded
