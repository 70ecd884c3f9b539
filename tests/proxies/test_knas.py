import numpy as np
import pytest
import torch
from tests.proxies.tiny import TinyNetwork, dead_network, tiny_batch, tiny_network, value
from torch.nn import functional

from nascast.proxies.base import Batch
from nascast.proxies.knas import Knas


def reference(model: TinyNetwork, batch: Batch) -> float:
    """The formula: the Gram matrix of each weight's gradients, entry by entry."""
    model = model.double().train()
    losses = functional.cross_entropy(model(batch.inputs.double()), batch.targets, reduction="none")
    layers = []
    for layer in (model.stem, model.conv, model.head):
        rows = [
            torch.autograd.grad(loss, layer.weight, retain_graph=True)[0].flatten().numpy()
            for loss in losses
        ]
        grams = [
            np.mean([[a * b for a in column] for b in column]) for column in zip(*rows, strict=True)
        ]
        layers.append(np.mean(grams))
    return float(np.mean(layers))


@pytest.mark.parametrize("seed", [0, 1])
def test_is_its_formula(seed: int) -> None:
    batch = tiny_batch(5, seed=seed)
    assert value(Knas.name, tiny_network(seed), batch) == pytest.approx(
        reference(tiny_network(seed), batch), rel=1e-4
    )


def test_grows_with_the_square_of_the_loss() -> None:
    batch, model = tiny_batch(), tiny_network()
    twice = Batch(batch.inputs, batch.targets, lambda o, t: -2 * batch.loss(o, t))
    assert value("knas", model, twice) == pytest.approx(4 * value("knas", model, batch))


def test_gradients_that_do_not_arrive_count_as_zeros() -> None:
    assert value("knas", dead_network(), tiny_batch()) == 0
