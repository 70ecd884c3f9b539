from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar

import numpy as np
import pytest
import torch
from tests.predictors.observed import make_observations
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.network_regression import (
    NetworkRegression,
    Schedule,
    TunedRegression,
    TunedSettings,
    batches,
    minimise,
    outputs_of,
    squared_error,
)
from nascast.predictors.tuning import Choice, Draw


class Column(nn.Module):
    """A linear map to one number."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.linear = nn.Linear(columns, 1)

    def forward(self, vectors: Tensor) -> Tensor:
        output: Tensor = self.linear(vectors)
        return output.squeeze(1)


@dataclass(frozen=True, slots=True)
class LineSettings(TunedSettings):
    trials: int = 1
    epochs: int = 60
    direction: float = 1.0


class Line(TunedRegression[LineSettings]):
    """Linear regression on validation accuracies, keeping what it was given."""

    name: ClassVar[str] = "line"
    needs: ClassVar[frozenset[str]] = frozenset({"val_acc"})
    reference: ClassVar[str] = "a test"
    space: ClassVar[Mapping[str, Draw]] = {"direction": Choice((-1.0,))}

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(seed, settings, LineSettings())

    def inputs(self, seen: Observations) -> tuple[Tensor, ...]:
        return (torch.from_numpy(seen.feature("val_acc")),)

    def make_network(self, inputs: Sequence[Tensor]) -> nn.Module:
        return Column(inputs[0].shape[1])

    def train_network(
        self, network: nn.Module, inputs: tuple[Tensor, ...], targets: Tensor, train: Observations
    ) -> None:
        self.given = inputs[0], targets, train
        optimiser = torch.optim.Adam(network.parameters(), 0.05)
        wanted = self.settings.direction * targets
        schedule = Schedule(self.settings.epochs, 8)
        minimise(squared_error(network), (*inputs, wanted), optimiser, schedule)


def observe(count: int, seed: int, snapshots: int = 3) -> Observations:
    return make_observations(count, seed, snapshots, needs=Line.needs)


@pytest.fixture(scope="module")
def line() -> Line:
    predictor = Line()
    predictor.fit(observe(40, seed=0))
    return predictor


def test_it_learns_standardised_labels_and_gives_them_back_as_they_were(line: Line) -> None:
    inputs, targets, train = line.given
    assert targets.mean().item() == pytest.approx(0, abs=1e-6)
    assert targets.std(correction=0).item() == pytest.approx(1, abs=1e-6)
    assert list(train.arch_ids) == sorted(train.arch_ids)
    np.testing.assert_array_equal(inputs.numpy(), train.feature("val_acc"))
    assert np.corrcoef(targets, train.require_labels())[0, 1] == pytest.approx(1)
    query = observe(20, seed=1)
    errors = np.abs(line.predict(query) - query.require_labels())
    assert errors.mean() < 0.05 < query.require_labels().std()


def test_the_order_of_the_training_networks_decides_nothing(line: Line) -> None:
    other = Line()
    other.fit(observe(40, seed=0).take(np.random.default_rng(5).permutation(40)))
    query = observe(9, seed=1)
    np.testing.assert_array_equal(other.predict(query), line.predict(query))


def test_seeds_differ_and_the_global_generator_is_left_alone(line: Line) -> None:
    before = torch.random.get_rng_state()
    other = Line(seed=1, settings={"epochs": 3})
    other.fit(observe(40, seed=0))
    same, third = Line(settings={"epochs": 3}), Line(seed=1, settings={"epochs": 3})
    same.fit(observe(40, seed=0))
    torch.rand(7)
    third.fit(observe(40, seed=0))
    query = observe(9, seed=1)
    assert (other.predict(query) != same.predict(query)).all()
    np.testing.assert_array_equal(third.predict(query), other.predict(query))
    torch.random.set_rng_state(before)
    other.fit(observe(40, seed=0))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_equal_labels_teach_nothing_but_themselves() -> None:
    predictor = Line()
    predictor.fit(replace(observe(10, seed=0), labels=np.full(10, 0.25)))
    assert predictor.predict(observe(3, seed=1)).tolist() == [0.25] * 3


def test_structures_of_another_shape_are_refused(line: Line) -> None:
    with pytest.raises(ValueError, match="line is not fitted: call fit before predict"):
        Line().predict(observe(3, seed=1))
    with pytest.raises(
        ValueError, match="line was fitted on structures of shape 3 and the query has 2: fit it on"
    ):
        line.predict(observe(3, seed=1, snapshots=2))


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown line settings \['width'\]"):
        Line(settings={"width": 3})


def test_many_networks_are_scored_in_parts_without_dropout_or_gradients() -> None:
    network = nn.Sequential(nn.Linear(2, 1), nn.Dropout(0.5), nn.Flatten(0))
    vectors = torch.rand(2500, 2)
    outputs = outputs_of(network, (vectors,))
    linear = network[0]
    expected = vectors.double() @ linear.weight.double().T + linear.bias.double()
    np.testing.assert_allclose(outputs, expected.detach().numpy()[:, 0], atol=1e-6)
    assert outputs.dtype == np.float64


def test_batches_go_through_all_tensors_together() -> None:
    found = list(batches((torch.arange(5), 10 * torch.arange(5)), 2))
    assert [[part.tolist() for part in batch] for batch in found] == [
        [[0, 1], [0, 10]],
        [[2, 3], [20, 30]],
        [[4], [40]],
    ]


class Recorder:
    """A loss that keeps its batches and the learning rate, and whose slope is 10."""

    def __init__(self, optimised: nn.Parameter, optimiser: torch.optim.Optimizer) -> None:
        self.parameter, self.optimiser = optimised, optimiser
        self.batches: list[list[int]] = []
        self.rates: list[float] = []

    def __call__(self, rows: Tensor, twice: Tensor) -> Tensor:
        assert torch.equal(twice, 2 * rows)
        self.batches.append(rows.tolist())
        self.rates.append(self.optimiser.param_groups[0]["lr"])
        return 10 * self.parameter


def record(schedule: Schedule) -> Recorder:
    parameter = nn.Parameter(torch.zeros(()))
    recorder = Recorder(parameter, torch.optim.SGD([parameter], 0.5))
    minimise(recorder, (torch.arange(5), 2 * torch.arange(5)), recorder.optimiser, schedule)
    return recorder


def test_every_epoch_deals_all_networks_anew_and_the_rate_follows_a_cosine() -> None:
    recorder = record(Schedule(epochs=4, batch_size=2))
    assert [len(batch) for batch in recorder.batches] == [2, 2, 1] * 4
    epochs = [list(chain(*recorder.batches[i : i + 3])) for i in range(0, 12, 3)]
    assert all(sorted(epoch) == [0, 1, 2, 3, 4] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    cosine = [0.5, 0.5 * (0.5 + 0.5 * 0.5**0.5), 0.25, 0.5 * (0.5 - 0.5 * 0.5**0.5)]
    np.testing.assert_allclose(recorder.rates, np.repeat(cosine, 3))
    # The slope is 10 however often it is taken: gradients do not add up.
    assert recorder.parameter.item() == pytest.approx(-10 * sum(recorder.rates))


def test_gradients_are_clipped_and_the_rate_kept_where_asked() -> None:
    recorder = record(Schedule(epochs=2, batch_size=5, cosine=False, clip=3.0))
    assert recorder.rates == [0.5, 0.5]
    assert recorder.parameter.item() == pytest.approx(-3 * 0.5 * 2, rel=1e-5)


def test_tuning_keeps_what_was_given_where_that_is_better() -> None:
    train, query = observe(30, seed=0), observe(9, seed=1)
    tuned, alone = (Line(settings={"trials": n, "epochs": 20}) for n in (2, 1))
    tuned.fit(train)
    alone.fit(train)
    assert tuned.settings == LineSettings(trials=2, epochs=20)
    np.testing.assert_array_equal(tuned.predict(query), alone.predict(query))


def test_tuning_takes_on_what_is_better_anew_at_every_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Line, "space", {"direction": Choice((1.0,))})
    predictor = Line(settings={"direction": -1.0, "trials": 2, "epochs": 20})
    train, query = observe(30, seed=0), observe(9, seed=1)
    predictor.fit(train)
    assert predictor.settings == LineSettings(trials=2, epochs=20)
    alone = Line(settings={"epochs": 20})
    alone.fit(train)
    np.testing.assert_array_equal(predictor.predict(query), alone.predict(query))
    predictor.fit(observe(9, seed=0))
    assert predictor.settings.direction == -1.0, "nine networks are too few to tune on"


def test_a_regression_is_no_complete_predictor_by_itself() -> None:
    with pytest.raises(TypeError, match="abstract"):
        NetworkRegression(0, None, LineSettings())  # type: ignore[abstract]
