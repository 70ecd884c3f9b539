"""What theory says does not change a score."""

from __future__ import annotations

import pytest
import torch
from tests.proxies.networks import NETWORKS, batch, network

from nascast.proxies.base import Batch, Proxy
from nascast.proxies.measure import measure
from nascast.proxies.nwot import Nwot
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.synflow import Synflow, synaptic_flow
from nascast.proxies.zen import Zen

every_kind = pytest.mark.parametrize("kind", NETWORKS)


def value(proxy: type[Proxy], model: torch.nn.Module, given: Batch) -> float:
    return measure(model, given, [proxy.name])[proxy.name].value


@every_kind
@pytest.mark.parametrize("proxy", [Synflow, Zen])
def test_they_do_not_see_the_data(kind: str, proxy: type[Proxy]) -> None:
    model = network(kind)
    assert value(proxy, model, batch(1)) == value(proxy, model, batch(2))


@every_kind
def test_zen_does_not_see_the_weights(kind: str) -> None:
    assert value(Zen, network(kind, 0), batch()) == value(Zen, network(kind, 1), batch())


def test_synflow_sees_the_size_of_weights_alone() -> None:
    model = network("plain")
    before = value(Synflow, model, batch())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.neg_()
    assert value(Synflow, model, batch()) == before


def test_every_layer_conserves_the_flow() -> None:
    # Without biases, each layer's sum is R itself (Tanaka et al. 2020, theorem 2).
    model = network("plain")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
    weights, gradients = synaptic_flow(SharedPass(model, batch(), frozenset(), 0))
    sums = [float((w * g).sum()) for w, g in zip(weights, gradients, strict=True)]
    assert len(sums) == 3
    assert sums == pytest.approx([sums[0]] * 3)


def test_nwot_is_unchanged_when_what_a_batch_norm_reads_is_scaled() -> None:
    model, given = network("plain"), batch(dtype=torch.float64)
    model.double()
    before = value(Nwot, model, given)
    with torch.no_grad():
        model.body[0].weight.mul_(8.0)
        model.body[0].bias.mul_(8.0)
        model.body[4].weight.mul_(0.5)
    assert value(Nwot, model, given) == pytest.approx(before, rel=1e-12)
    larger = Batch(given.inputs * 4, given.targets, given.loss)
    assert value(Nwot, network("mlp").double(), given) != value(Nwot, model, given)
    model.body[0].bias.data.zero_()
    assert value(Nwot, model, larger) == value(Nwot, model, given)


def test_nwot_of_equal_images_is_singular() -> None:
    given = batch()
    twins = given.inputs.clone()
    twins[1] = twins[0]
    score = measure(network("plain"), Batch(twins, given.targets, given.loss), ["nwot"])["nwot"]
    assert score.value == -float("inf")
    assert score.status == "overflow"


@every_kind
def test_the_order_of_the_images_does_not_matter(kind: str) -> None:
    given = batch(dtype=torch.float64)
    order = torch.tensor([3, 1, 5, 0, 4, 2])
    assert given.labels is not None
    labels = given.labels[order]
    turned = Batch(given.inputs[order], labels, given.loss, labels, given.num_classes)
    names = ["nwot", "jacov", "epe_nas", "fisher", "snip", "grasp", "plain", "grad_norm"]
    model = network(kind).double()
    first, second = measure(model, given, names), measure(model, turned, names)
    for name in names:
        assert second[name].value == pytest.approx(first[name].value, rel=1e-8), name
