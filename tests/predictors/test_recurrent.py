from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from nascast.predictors.recurrent import BiGRURegressor, LSTMRegressor


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def make(kind: type[nn.Module], seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return (kind(6, hidden=4, dense=5)).eval()


every_regressor = pytest.mark.parametrize("kind", [BiGRURegressor, LSTMRegressor])


def test_parameters_are_as_many_as_the_published_ones() -> None:
    """Inputs are 128 + 128 codes; the paper says that the BiGRU has 29 times fewer."""
    assert parameters(BiGRURegressor(256)) == 658_946
    assert parameters(LSTMRegressor(256)) == 19_021_953


@every_regressor
def test_answers_are_accuracies_of_each_sequence_by_itself(kind: type[nn.Module]) -> None:
    model, codes = make(kind), torch.randn(7, 5, 6)
    with torch.no_grad():
        answers = model(codes)
        alone = torch.cat([model(codes[i : i + 1]) for i in range(7)])
    assert answers.shape == (7,)
    assert ((answers > 0) & (answers < 1)).all()
    torch.testing.assert_close(answers, alone)
    assert answers.unique().numel() == 7


@every_regressor
def test_gradients_flow_to_every_weight_and_every_step(kind: type[nn.Module]) -> None:
    model = make(kind).train()
    codes = torch.randn(7, 5, 6, requires_grad=True)
    model(codes).sum().backward()
    for name, parameter in model.named_parameters():
        if name == "attention.bias":  # a softmax does not see what is added to every score
            continue
        assert parameter.grad is not None
        assert parameter.grad.abs().sum() > 0, name
    assert codes.grad is not None
    assert (codes.grad.abs().sum(dim=(0, 2)) > 0).all()


@every_regressor
def test_a_sequence_of_padding_alone_is_finite(kind: type[nn.Module]) -> None:
    model = make(kind).train()
    codes = torch.cat([torch.zeros(1, 5, 6), torch.randn(1, 5, 6)])
    answers = model(codes)
    answers.sum().backward()
    assert torch.isfinite(answers).all()
    for parameter in model.parameters():
        assert parameter.grad is not None
        assert torch.isfinite(parameter.grad).all()


class Told(nn.Module):
    """Stands in for the GRU: returns the outputs and last states that it was told."""

    def __init__(self, outputs: Tensor, last: Tensor) -> None:
        super().__init__()
        self.outputs, self.last = outputs, last

    def forward(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        return self.outputs, self.last


@torch.no_grad()
def test_attention_ignores_padded_steps() -> None:
    model = make(BiGRURegressor)
    codes = torch.randn(1, 5, 6)
    codes[0, 3:] = 0
    codes[0, 1, :5] = 0  # one number that is not zero makes a step a real one
    outputs, last = torch.randn(1, 5, 8), torch.randn(4, 1, 4)

    def answer(changed_step: int | None) -> float:
        told = outputs.clone()
        if changed_step is not None:
            told[0, changed_step] += 3
        model.recurrent = Told(told, last)
        return float(model(codes))

    for step in range(5):
        assert (answer(step) != answer(None)) == (step < 3)


@torch.no_grad()
def test_the_summary_is_last_states_and_attention() -> None:
    """The same numbers, one sequence and one step at a time."""
    model, codes = make(BiGRURegressor), torch.randn(3, 5, 6)
    codes[0, 2:] = 0
    for sequence, real in zip(codes, (2, 5, 5), strict=True):
        outputs, last = model.recurrent(sequence[None])
        weights = [float(torch.exp(model.attention(step))) for step in outputs[0, :real]]
        total = sum(weights)
        pooled = sum(w / total * step for w, step in zip(weights, outputs[0, :real], strict=True))
        summary = torch.cat([last[2, 0], last[3, 0], pooled])
        expected = torch.sigmoid(model.head(summary))
        torch.testing.assert_close(model(sequence[None]), expected)


@torch.no_grad()
def test_the_lstm_reads_its_last_step() -> None:
    model, codes = make(LSTMRegressor), torch.randn(2, 5, 6)
    _, (last, _) = model.recurrent(codes)
    torch.testing.assert_close(model(codes), torch.sigmoid(model.head(last[0])).squeeze(1))
