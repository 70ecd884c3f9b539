"""How unlike two graphs are wired: the distance between their smallest Laplacian eigenvalues.

Source: Mills et al. 2023, "GENNAPE", section 'Embeddings from Contrastive Learning'; the normalised
Laplacian of the underlying undirected graph as in Dwivedi and Bresson 2021.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigvalsh
from scipy.spatial.distance import cdist

EIGENVALUES = 21


def smallest_eigenvalues(
    edges: NDArray[np.int32], nodes: int, count: int = EIGENVALUES
) -> NDArray[np.float64]:
    """Return the smallest eigenvalues of a graph's normalised Laplacian ``I - D^-½ A D^-½``.

    Args:
        edges: ``(edges, 2)``; their direction is ignored, and one given twice counts once.
        nodes: of the graph, at least 1.
        count: how many eigenvalues.

    Returns:
        float64, ``(count,)``, ascending, in [0, 2]. A graph of fewer nodes repeats its largest one.
    """
    adjacency = np.zeros((nodes, nodes))
    adjacency[edges[:, 0], edges[:, 1]] = 1
    adjacency[edges[:, 1], edges[:, 0]] = 1
    degree = adjacency.sum(axis=1)
    # A node without edges has a zero row in the Laplacian as well.
    scale = 1 / np.sqrt(np.maximum(degree, 1))
    laplacian = np.diag((degree > 0).astype(np.float64)) - scale[:, None] * adjacency * scale
    some = min(count, nodes)
    found = eigvalsh(laplacian, subset_by_index=[0, some - 1], overwrite_a=True, check_finite=False)
    clipped: NDArray[np.float64] = np.clip(found, 0, 2)
    return np.pad(clipped, (0, count - some), mode="edge")


def spectral_distances(spectra: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Euclidean distance between the spectra of all pairs, ``(n, q)`` to ``(n, n)``."""
    distances: NDArray[np.float64] = cdist(spectra, spectra)
    return distances
