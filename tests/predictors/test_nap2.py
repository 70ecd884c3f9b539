"""NAP2's regressor: learns, answers at every prefix, stops early, repeats itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from tests.predictors.sequences import CODES, make_traces
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.nap2 import (
    NAP2,
    NAP2LSTM,
    SequenceSettings,
    prefixes,
    validation_lengths,
)
from nascast.predictors.recurrent import BiGRURegressor, LSTMRegressor

FEW = {"epochs": 15, "patience": 15, "prefixes": 1}


@pytest.fixture(scope="module")
def fitted() -> NAP2:
    predictor = NAP2(seed=0, settings=FEW)
    predictor.fit(make_traces(60, seed=0))
    return predictor


class Listener(nn.Module):
    """A regressor of one weight that keeps every batch it is trained on."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.batches: list[Tensor] = []

    def forward(self, codes: Tensor) -> Tensor:
        if self.training:
            self.batches.append(codes.detach().clone())
        return torch.sigmoid(self.weight + 0 * codes.sum(dim=(1, 2)))


class Listening(NAP2):
    def make_model(self, inputs: int) -> nn.Module:
        self.listener = Listener()
        return self.listener


@pytest.mark.parametrize("snapshots", [1, 2, 3, 4])
def test_it_learns_and_answers_at_every_prefix(fitted: NAP2, snapshots: int) -> None:
    query = make_traces(40, seed=1, snapshots=snapshots)
    scores = fitted.predict(replace(query, labels=None, held_out=None))
    assert scores.dtype == np.float64
    assert ((scores > 0) & (scores < 1)).all()
    assert kendalltau(scores, query.require_labels()).statistic > 0.8
    # Raw accuracies are the target, so the scores are on their scale.
    labels = query.require_labels()
    by_median = np.abs(labels - np.median(labels)).mean()
    assert np.abs(scores - labels).mean() < 0.75 * by_median


def test_longer_queries_are_refused(fitted: NAP2) -> None:
    predictor = NAP2(settings={**FEW, "epochs": 1})
    predictor.fit(make_traces(10, seed=0, snapshots=3))
    with pytest.raises(ValueError, match="NAP2 was fitted on 3 snapshots and cannot read 4; fit"):
        predictor.predict(make_traces(5, seed=1))


def test_a_query_before_the_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="NAP2 is not fitted: call fit before predict"):
        NAP2().predict(make_traces(5, seed=1))


@pytest.mark.parametrize("held_out", [None, np.zeros(10, dtype=bool), np.ones(10, dtype=bool)])
def test_some_networks_must_be_held_out_and_some_not(held_out: np.ndarray | None) -> None:
    train = replace(make_traces(10, seed=0), held_out=held_out)
    with pytest.raises(ValueError, match="NAP2 stops early and needs some networks held out"):
        NAP2(settings=FEW).fit(train)


def test_seeds_repeat_and_differ_whatever_was_drawn_before() -> None:
    def scores(seed: int) -> list[float]:
        predictor = NAP2(seed, {**FEW, "epochs": 2})
        predictor.fit(make_traces(20, seed=0))
        return predictor.predict(make_traces(5, seed=1)).tolist()

    first = scores(2**63 - 1)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    assert scores(2**63 - 1) == first
    assert torch.equal(torch.random.get_rng_state(), before)
    assert scores(0) != first


def test_training_sees_whole_sequences_and_random_prefixes_of_those_not_held_out() -> None:
    predictor = Listening(settings={"epochs": 6, "prefixes": 2, "batch_size": 7})
    train = make_traces(20, seed=0)
    predictor.fit(train)
    batches = predictor.listener.batches
    assert [len(batch) for batch in batches] == [7, 7, 7, 7, 7, 7, 6] * 6
    codes = torch.from_numpy(train.feature("trace_codes"))
    assert train.held_out is not None
    fitted_codes = codes[torch.from_numpy(~train.held_out)]
    lengths: list[int] = []
    for epoch in range(6):
        seen = torch.cat(batches[7 * epoch : 7 * epoch + 7])
        source = (seen[:, None, 0] == fitted_codes[None, :, 0]).all(dim=2).nonzero()[:, 1]
        assert len(source) == 48, "every sequence starts like one of those that are not held out"
        assert source.bincount().tolist() == [3] * 16
        real = (seen != 0).any(dim=2)
        for sequence, origin, kept in zip(seen, source, real, strict=True):
            length = int(kept.sum())
            assert torch.equal(sequence[:length], fitted_codes[origin, :length])
            assert not sequence[length:].any()
            lengths.append(length)
    counts = np.bincount(lengths, minlength=5)
    assert counts[0] == 0
    assert (counts[1:4] > 0).all()
    assert counts[4] >= 6 * 16


def test_no_prefixes_are_added_where_none_are_asked_for() -> None:
    predictor = Listening(settings={"epochs": 1, "prefixes": 0})
    predictor.fit(make_traces(20, seed=0))
    seen = torch.cat(predictor.listener.batches)
    assert len(seen) == 16
    assert (seen != 0).any(dim=2).all()


def test_held_out_networks_decide_only_when_to_stop() -> None:
    train = make_traces(20, seed=0)
    assert train.held_out is not None
    other = replace(
        train,
        features={
            "trace_codes": np.where(
                train.held_out[:, None, None], 9, train.feature("trace_codes")
            ).astype(np.float32)
        },
        labels=np.where(train.held_out, 0.5, train.require_labels()),
    )
    predictors = [NAP2(settings={**FEW, "epochs": 1}) for _ in range(2)]
    for predictor, data in zip(predictors, (train, other), strict=True):
        predictor.fit(data)
    query = make_traces(5, seed=1)
    assert predictors[0].predict(query).tolist() == predictors[1].predict(query).tolist()
    assert predictors[0].validation_errors != predictors[1].validation_errors


def misleading() -> Observations:
    """Held-out networks whose labels are upside down: the better the fit, the worse the error."""
    train = make_traces(30, seed=0)
    labels = train.require_labels()
    return replace(train, labels=np.where(train.held_out, 1 - labels, labels))


def test_it_stops_after_its_patience_and_keeps_the_best_epoch() -> None:
    settings = {"epochs": 60, "patience": 4, "prefixes": 1}
    predictor, train = NAP2(settings=settings), misleading()
    predictor.fit(train)
    errors = predictor.validation_errors
    assert len(errors) < 60
    assert len(errors) - 1 - int(np.argmin(errors)) == 4
    assert train.held_out is not None
    held_out = train.feature("trace_codes")[train.held_out]
    scores = [
        predictor.predict(Observations(("x",) * 6, 10, {"trace_codes": held_out[:, :length]}))
        for length in range(1, 5)
    ]
    targets = train.require_labels()[train.held_out]
    assert np.abs(np.array(scores) - targets).mean() == pytest.approx(min(errors), rel=1e-5)


def test_prefixes_are_padded_network_by_network() -> None:
    codes = torch.arange(1, 13, dtype=torch.float32).view(2, 3, 2)
    found = prefixes(codes, [1, 3])
    assert found.shape == (4, 3, 2)
    for row, (network, length) in enumerate([(0, 1), (0, 3), (1, 1), (1, 3)]):
        assert torch.equal(found[row, :length], codes[network, :length])
        assert not found[row, length:].any()


def test_validation_reads_short_and_whole_sequences() -> None:
    assert validation_lengths(1) == [1]
    assert validation_lengths(4) == [1, 2, 3, 4]
    assert validation_lengths(23) == [1, 2, 4, 7, 12, 23]
    for snapshots in range(1, 60):
        lengths = validation_lengths(snapshots)
        assert lengths == sorted(set(lengths))
        assert (lengths[0], lengths[-1]) == (1, snapshots)


def test_published_settings_and_networks() -> None:
    assert NAP2().settings == SequenceSettings(250, 60, 32, 3e-3, 2)
    assert isinstance(NAP2().make_model(256), BiGRURegressor)
    assert isinstance(NAP2LSTM().make_model(256), LSTMRegressor)


def test_settings_come_as_a_file_gives_them() -> None:
    """Numbers of a YAML file may be 2.0 where 2 is meant; unknown names are told."""
    predictor = NAP2(settings={"epochs": 2.0, "prefixes": 1.0, "patience": 2.0})
    predictor.fit(make_traces(10, seed=0))
    assert len(predictor.validation_errors) == 2
    with pytest.raises(ValueError, match=r"unknown NAP2 settings \['epoch'\]; there are epochs"):
        NAP2(settings={"epoch": 2})


def test_the_lstm_learns_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    # A width of 2048 takes minutes here; its size is tested with the network itself.
    monkeypatch.setattr(NAP2LSTM, "make_model", lambda self, inputs: LSTMRegressor(inputs, 32))
    predictor = NAP2LSTM(settings={**FEW, "epochs": 25})
    predictor.fit(make_traces(60, seed=0))
    query = make_traces(40, seed=1)
    assert query.feature("trace_codes").shape[2] == CODES
    assert kendalltau(predictor.predict(query), query.require_labels()).statistic > 0.8
