from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from nascast.networks.evaluate import evaluate


def make_model() -> nn.Module:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5),
        nn.Linear(64, 5),
    )  # fmt: skip
    nn.init.normal_(model[1].running_mean)
    return model


# One image, one full batch, and full batches with and without a rest.
@pytest.mark.parametrize("count", [1, 512, 513, 1100])
def test_means_are_over_images_whatever_the_batches(count: int) -> None:
    model = make_model()
    inputs, labels = torch.randn(count, 3, 6, 6), torch.randint(5, (count,))
    found = evaluate(model, inputs, labels)
    with torch.no_grad():
        logits = model.eval()(inputs)
    assert found.shape == (2,)
    assert found.dtype == torch.float32
    assert float(found[0]) == pytest.approx(float(functional.cross_entropy(logits, labels)), 1e-5)
    assert float(found[1]) == pytest.approx(float((logits.argmax(1) == labels).float().mean()))


def test_a_perfect_and_a_useless_classifier() -> None:
    labels = torch.arange(10) % 5
    perfect = 50 * functional.one_hot(labels, 5).float()
    assert evaluate(nn.Identity(), perfect, labels).tolist() == pytest.approx([0, 1], abs=1e-6)
    loss, accuracy = evaluate(nn.Identity(), torch.zeros(10, 5), labels).tolist()
    assert loss == pytest.approx(float(torch.log(torch.tensor(5.0))))
    assert accuracy == pytest.approx(0.2)


def test_a_diverged_network_has_no_finite_loss() -> None:
    logits = torch.zeros(3, 5)
    logits[1] = torch.nan
    loss, accuracy = evaluate(nn.Identity(), logits, torch.zeros(3, dtype=torch.int64)).tolist()
    assert loss != loss
    assert 0 <= accuracy <= 1


def test_the_network_is_left_as_it_was_and_in_training_mode() -> None:
    model = make_model().train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    evaluate(model, torch.randn(9, 3, 6, 6), torch.randint(5, (9,)))
    assert all(module.training for module in model.modules())
    for key, value in model.state_dict().items():
        torch.testing.assert_close(value, before[key], rtol=0, atol=0)
    # What follows can be trained: nothing of the evaluation mode sticks to the weights.
    model(torch.randn(9, 3, 6, 6)).sum().backward()
    assert model[0].weight.grad is not None
