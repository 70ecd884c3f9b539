from __future__ import annotations

import json

import numpy as np
import pytest
from tests.predictors.gennape.made import QUICK, WIDTH, make_networks

from nascast.predictors.gennape.gate import Gate, fit_gate
from nascast.predictors.gennape.labelled import LabelledNetworks
from nascast.predictors.gennape.settings import find_variant, head_settings

SETTINGS = head_settings(find_variant("CL+FCM"), QUICK)


def fitted(clustered: bool) -> tuple[Gate, LabelledNetworks]:
    data = make_networks(80, 0)
    return fit_gate(data, clustered, SETTINGS, np.random.default_rng(0)), data


def test_inputs_are_centred_with_one_scale_for_all_columns() -> None:
    gate, data = fitted(clustered=False)
    inputs = gate.inputs(data.embeddings)
    np.testing.assert_allclose(inputs.mean(axis=0), 0, atol=1e-6)
    assert np.square(inputs).mean() == pytest.approx(1)
    ratios = inputs.std(axis=0) / data.embeddings.std(axis=0)
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-5)


def test_one_network_answers_for_all() -> None:
    gate, data = fitted(clustered=False)
    assert gate.count == 1
    np.testing.assert_array_equal(gate.memberships(data.embeddings, data.gflops), np.ones((80, 1)))


def test_clusters_are_of_components_and_flops() -> None:
    gate, data = fitted(clustered=True)
    assert gate.count == 3
    assert gate.clusters is not None
    assert gate.clusters.centroids.shape == (3, 5)
    degrees = gate.memberships(data.embeddings, data.gflops)
    np.testing.assert_allclose(degrees.sum(axis=1), 1, rtol=1e-12)
    moved = gate.memberships(data.embeddings, data.gflops + 1)
    assert np.abs(moved - degrees).max() > 1e-3


@pytest.mark.parametrize("clustered", [True, False])
def test_its_state_brings_it_back(clustered: bool) -> None:
    gate, data = fitted(clustered)
    arrays, values = gate.state()
    kept = Gate.from_state(arrays, json.loads(json.dumps(values)))
    for other in (gate, kept):
        assert other.count == (3 if clustered else 1)
    np.testing.assert_array_equal(kept.inputs(data.embeddings), gate.inputs(data.embeddings))
    np.testing.assert_array_equal(
        kept.memberships(data.embeddings, data.gflops),
        gate.memberships(data.embeddings, data.gflops),
    )


def test_what_it_cannot_take_is_refused() -> None:
    gate, data = fitted(clustered=False)
    with pytest.raises(ValueError, match=f"embeddings of {WIDTH} numbers"):
        gate.inputs(data.embeddings[:, :3])
    same = LabelledNetworks(np.ones((4, 3), np.float32), np.arange(4.0), np.arange(4) / 4)
    with pytest.raises(ValueError, match="one embedding"):
        fit_gate(same, False, SETTINGS, np.random.default_rng(0))
