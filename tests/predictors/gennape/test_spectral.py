from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from nascast.predictors.gennape.spectral import (
    EIGENVALUES,
    smallest_eigenvalues,
    spectral_distances,
)


def edges_of(graph: nx.Graph) -> np.ndarray:
    return np.array(graph.edges, dtype=np.int32).reshape(-1, 2)


def test_spectra_worked_out_by_hand() -> None:
    # A complete graph has 0 once and n / (n - 1) otherwise; a cycle 1 - cos(2 pi k / n).
    complete = smallest_eigenvalues(edges_of(nx.complete_graph(5)), 5, 5)
    np.testing.assert_allclose(complete, [0, 1.25, 1.25, 1.25, 1.25], atol=1e-12)
    cycle = smallest_eigenvalues(edges_of(nx.cycle_graph(6)), 6, 6)
    np.testing.assert_allclose(cycle, [0, 0.5, 0.5, 1.5, 1.5, 2], atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_they_are_those_of_networkx(seed: int) -> None:
    graph = nx.gnm_random_graph(40, 70, seed=seed)
    expected = np.sort(nx.normalized_laplacian_spectrum(graph))[:EIGENVALUES]
    found = smallest_eigenvalues(edges_of(graph), 40)
    assert found.shape == (EIGENVALUES,)
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_direction_and_repetition_do_not_matter() -> None:
    edges = edges_of(nx.gnm_random_graph(12, 20, seed=1))
    expected = smallest_eigenvalues(edges, 12)
    np.testing.assert_allclose(smallest_eigenvalues(edges[:, ::-1], 12), expected, atol=1e-12)
    doubled = np.concatenate([edges, edges[:4], edges[:4, ::-1]])
    np.testing.assert_allclose(smallest_eigenvalues(doubled, 12), expected, atol=1e-12)


def test_small_graphs_repeat_their_largest_eigenvalue() -> None:
    pair = smallest_eigenvalues(np.array([[0, 1]], dtype=np.int32), 2, 4)
    np.testing.assert_allclose(pair, [0, 2, 2, 2], atol=1e-12)
    alone = smallest_eigenvalues(np.empty((0, 2), dtype=np.int32), 1, 3)
    assert alone.tolist() == [0, 0, 0]


def test_distances_are_euclidean() -> None:
    spectra = np.array([[0.0, 1.0], [3.0, 5.0], [0.0, 1.0]])
    assert spectral_distances(spectra).tolist() == [[0, 5, 0], [5, 0, 5], [0, 5, 0]]
