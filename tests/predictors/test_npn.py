from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from tests.predictors.cell_graphs import make_graphs, padded, renumbered, shortened
from torch import Tensor, nn

from nascast.predictors.npn import NPN, IsomorphismNetwork

FEW = {"epochs": 30}


@pytest.fixture(scope="module")
def fitted() -> NPN:
    predictor = NPN(settings=FEW)
    predictor.fit(shortened(make_graphs(60, seed=0)))
    return predictor


def test_it_learns_what_the_graphs_tell(fitted: NPN) -> None:
    query = make_graphs(40, seed=1)
    scores = fitted.predict(query)
    assert kendalltau(scores, query.require_labels()).statistic > 0.6
    assert np.abs(scores - query.require_labels()).mean() < 0.1


def test_the_numbers_of_the_nodes_mean_nothing(fitted: NPN) -> None:
    query = shortened(make_graphs(9, seed=1))
    scores = fitted.predict(query)
    np.testing.assert_allclose(fitted.predict(renumbered(query, seed=2)), scores, rtol=1e-5)


def test_padding_changes_nothing(fitted: NPN) -> None:
    query = shortened(make_graphs(9, seed=1))
    network = fitted.network
    assert network is not None
    network.eval()
    short, long = (network(*fitted.inputs(seen)) for seen in (query, padded(query, 3)))
    torch.testing.assert_close(short, long)


def test_the_network_says_errors_in_percent() -> None:
    predictor = NPN()
    np.testing.assert_allclose(predictor.targets(np.array([0.9, 1.0])), [10, 0], atol=1e-12)
    np.testing.assert_allclose(predictor.labels(np.array([10.0, 0.0])), [0.9, 1.0])
    network = IsomorphismNetwork(5, rate=30.0)
    with torch.no_grad():
        network.out.bias.fill_(1e4)
    assert network(*NPN().inputs(make_graphs(3, seed=0))).tolist() == [30.0] * 3


def test_a_layer_sums_a_node_and_its_sources() -> None:
    """Follows one graph through the network, node by node."""
    seen = make_graphs(1, seed=0)
    network = IsomorphismNetwork(5, rate=1.0).eval()
    hidden: list[Tensor] = list(torch.from_numpy(seen.feature("nodes")[0]))
    edges = seen.feature("edges")[0]
    for layer, norm in zip(network.layers, network.norms, strict=True):
        read = [
            sum((hidden[j] for j in range(8) if edges[j, i]), start=hidden[i]) for i in range(8)
        ]
        assert isinstance(norm, nn.BatchNorm1d)
        assert norm.running_var is not None
        # A new norm has running means of 0 and variances of 1.
        hidden = [layer(node).relu() / (1 + norm.eps) ** 0.5 for node in read]
    pooled = torch.stack(hidden).mean(dim=0)
    expected = torch.sigmoid(network.out(network.hidden(pooled).relu()))
    torch.testing.assert_close(network(*NPN().inputs(seen)), expected)


def test_biases_learn_twice_as_fast_and_do_not_decay(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[torch.optim.Adam] = []

    class Watched(torch.optim.Adam):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, **options)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(torch.optim, "Adam", Watched)
    predictor = NPN(settings={"epochs": 1})
    predictor.fit(make_graphs(20, seed=0))
    others, biases = made[0].param_groups
    assert [len(others["params"]), len(biases["params"])] == [11, 11]
    assert all(weight.ndim == 1 for weight in biases["params"])
    assert others["lr"] == pytest.approx(0.005)
    assert biases["lr"] == pytest.approx(0.01)
    assert others["weight_decay"] == 1e-4
    assert biases["weight_decay"] == 0
    assert others["betas"] == (0.0, 0.9)


@pytest.mark.parametrize(("count", "expected"), [(7, [7]), (10, [10]), (20, [16, 4])])
def test_a_few_networks_make_one_batch(
    count: int, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    forward = IsomorphismNetwork.forward

    def watched(self: IsomorphismNetwork, nodes: Tensor, *others: Tensor) -> Tensor:
        sizes.append(len(nodes))
        return forward(self, nodes, *others)

    monkeypatch.setattr(IsomorphismNetwork, "forward", watched)
    NPN(settings={"epochs": 1}).fit(make_graphs(count, seed=0))
    assert sizes == expected


def test_labels_may_lie_anywhere_between_0_and_1() -> None:
    train = make_graphs(10, seed=0)
    predictor = NPN(settings={"epochs": 5})
    predictor.fit(replace(train, labels=np.linspace(0, 1, 10)))
    scores = predictor.predict(make_graphs(5, seed=1))
    assert ((scores >= 0) & (scores <= 1)).all()
