from __future__ import annotations

import numpy as np
import pytest
import torch

from nascast.traces.records import TENSORS, TraceArrays
from nascast.traces.statistics import STATISTICS, WIDTH, statistic_length, tensor_statistics
from nascast.traces.summary import SUMMARY_COLUMNS, summarise

SHAPES = [(4, 3, 3, 3), (16, 8, 3, 3), (6, 4, 1, 1), (5, 6), (5,)]


def record(shapes: list[tuple[int, ...]], seed: int, snapshots: int = 2) -> np.ndarray:
    """Return ``(snapshots, 2, layers, 12, 100)`` of random tensors."""
    generator = torch.Generator().manual_seed(seed)
    tensors = [
        torch.randn(shape, generator=generator) for _ in range(2 * snapshots) for shape in shapes
    ]
    return tensor_statistics(tensors).numpy().reshape(snapshots, 2, len(shapes), 12, WIDTH)


def pack(*networks: np.ndarray) -> TraceArrays:
    depth = max(network.shape[2] for network in networks)
    values = np.zeros((len(networks), 2, 2, depth, 12, WIDTH), dtype=np.float32)
    for position, network in enumerate(networks):
        values[position, :, :, : network.shape[2]] = network
    return TraceArrays(
        arch_ids=tuple(str(i) for i in range(len(networks))),
        steps=np.array([10, 20]),
        values=values,
        layers=np.array([network.shape[2] for network in networks]),
    )


def naive(network: np.ndarray, shapes: list[tuple[int, ...]]) -> np.ndarray:
    rows = []
    for snapshot in network.astype(np.float64):
        row = []
        for tensor in range(2):
            for position, statistic in enumerate(STATISTICS):
                lengths = [statistic_length(statistic, shape) for shape in shapes]
                layers = [snapshot[tensor, i, position, :n] for i, n in enumerate(lengths)]
                row.append(np.mean([values[0] for values in layers]))
                row.append(np.mean([values[1:].mean() for values in layers]))
        norms = snapshot[:, :, [STATISTICS.index("l1_norm"), STATISTICS.index("l2_norm")], 0]
        reached = sum(gradient > 0 for gradient in norms[1, :, 1])
        rows.append([*row, len(shapes), reached, *norms.sum(axis=1).ravel()])
    return np.array(rows)


def test_averages_by_hand() -> None:
    network = record(SHAPES, seed=0)
    found = summarise(pack(network))
    assert found.shape == (1, 2, len(SUMMARY_COLUMNS))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0], naive(network, SHAPES), rtol=1e-5, atol=1e-7)


def test_columns_are_named_in_order() -> None:
    assert len(SUMMARY_COLUMNS) == len(TENSORS) * len(STATISTICS) * 2 + 6
    network = np.zeros((2, 2, 1, 12, WIDTH), dtype=np.float32)
    network[:, 1, 0, STATISTICS.index("l2_norm"), :3] = (7, 1, 2)
    network[:, 0, 0, STATISTICS.index("l2_norm"), 1:3] = 4
    found = dict(zip(SUMMARY_COLUMNS, summarise(pack(network))[0, 0], strict=True))
    assert found["gradient l2_norm global"] == 7
    assert found["gradient l2_norm behind"] == 1.5
    assert found["weight l2_norm behind"] == 4
    assert found["gradient l2_norm total"] == 7
    assert found["layers"] == found["layers with a gradient"] == 1
    assert sum(value != 0 for value in found.values()) == 6


def test_layers_without_a_gradient_are_told_apart() -> None:
    network = record(SHAPES, seed=0)
    network[:, 1, 2:4] = 0
    columns = [SUMMARY_COLUMNS.index(name) for name in ("layers", "layers with a gradient")]
    np.testing.assert_array_equal(summarise(pack(network))[0][:, columns], [[5, 3], [5, 3]])


def test_padding_never_enters() -> None:
    short, long = record(SHAPES[:2], seed=0), record(SHAPES * 3, seed=1)
    together = summarise(pack(short, long))
    np.testing.assert_array_equal(together[0], summarise(pack(short))[0])
    np.testing.assert_array_equal(together[1], summarise(pack(long))[0])


def test_a_cut_averages_over_the_layers_that_are_left() -> None:
    whole = pack(record(SHAPES, seed=0))
    cut = TraceArrays(whole.arch_ids, whole.steps, whole.values[:, :, :, :3], whole.layers)
    expected = summarise(pack(record(SHAPES, seed=0)[:, :, :3]))
    np.testing.assert_array_equal(summarise(cut), expected)


def test_a_network_of_zeros_has_layers_and_nothing_else() -> None:
    summary = summarise(pack(np.zeros((2, 2, 3, 12, WIDTH), dtype=np.float32)))[0]
    layers = SUMMARY_COLUMNS.index("layers")
    np.testing.assert_array_equal(summary[:, layers], [3, 3])
    assert not np.delete(summary, layers, axis=1).any()


@pytest.mark.parametrize("value", [3e38, -3e38, np.nan, np.inf])
def test_extreme_tensors_stay_finite(value: float) -> None:
    tensors = [torch.full(shape, value) for _ in range(4) for shape in SHAPES]
    network = tensor_statistics(tensors).numpy().reshape(2, 2, len(SHAPES), 12, WIDTH)
    assert np.isfinite(summarise(pack(network))).all()
