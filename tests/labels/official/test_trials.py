from typing import Any

import numpy as np
import pytest
from tests.labels.official.nats_files import accuracy, trial

from nascast.labels.official.trials import SPLITS, check_seeds, is_trial, trial_values
from nascast.labels.schema import LabelError


@pytest.mark.parametrize("dataset", SPLITS)
def test_final_values_are_those_of_the_last_epoch(dataset: str) -> None:
    values = trial_values("here", dataset, trial(1, dataset, 777, 4))
    split = SPLITS[dataset]
    test = accuracy(1, dataset, split.test, 777, 3)
    assert values["images"] == split.images
    assert values["test_acc"] == pytest.approx(test / 100, abs=1e-15)
    assert values["train_seconds"] == 4 * 2.5
    assert values["train_acc_curve"] == pytest.approx(
        [accuracy(1, dataset, "train", 777, e) / 100 for e in range(4)], abs=1e-7
    )
    assert values["train_loss_curve"].tolist() == [2.5, 2.25, 2.0, 1.75]
    if split.validation is None:
        assert "val_acc" not in values
    else:
        expected = accuracy(1, dataset, split.validation, 777, 3) / 100
        assert values["val_acc"] == pytest.approx(expected, abs=1e-15)
        assert values["val_loss"] == pytest.approx(1.25)


def test_only_whole_validation_curves_are_kept() -> None:
    whole = trial_values("here", "cifar10-valid", trial(0, "cifar10-valid", 888, 4))
    expected = [accuracy(0, "cifar10-valid", "x-valid", 888, e) / 100 for e in range(4)]
    assert whole["val_acc_curve"] == pytest.approx(expected, abs=1e-7)
    assert whole["val_loss_curve"].tolist() == [2.0, 1.75, 1.5, 1.25]
    assert "val_acc_curve" not in trial_values("here", "cifar100", trial(0, "cifar100", 888, 4))


def test_estimated_times_may_be_missing() -> None:
    state = trial(0, "cifar10", 777, 4) | {"train_times": None}
    assert "train_seconds" not in trial_values("here", "cifar10", state)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"epochs": "4"}, "here: has '4' epochs"),
        ({"epochs": 10**9}, "here: has '1000000000' epochs"),
        ({"epochs": 5}, "here: train_losses lacks epoch 4 of 5"),
        ({"train_losses": None}, "here: has no train_losses"),
        ({"train_acc1es": {0: 1.0, 1: "x", 2: 1.0, 3: 1.0}}, "a curve holds something else"),
        ({"eval_acc1es": {}}, "here: has no accuracy x-valid@3"),
        ({"eval_acc1es": {"x-valid@3": 101.0}}, r"x-valid@3: 101\.0 is not a percentage"),
        ({"eval_acc1es": [1]}, "here: has no eval_acc1es"),
    ],
)
def test_wrong_trials_are_named(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(LabelError, match=fault):
        trial_values("here", "cifar100", trial(0, "cifar100", 777, 4) | changes)


def test_other_dictionaries_are_no_trials() -> None:
    assert is_trial(trial(0, "cifar10", 777, 2))
    assert not is_trial({"train_losses": {}})
    with pytest.raises(LabelError, match="here: is no training of NAS-Bench-201"):
        trial_values("here", "cifar10", {"epochs": 2})
    with pytest.raises(LabelError, match="unknown data set 'mnist'; there are cifar10-valid"):
        trial_values("here", "mnist", trial(0, "cifar10", 777, 2))


@pytest.mark.parametrize("keys", [None, {}, {"a": 1}, {("a",): 1}, {("a", "b"): 1}, [1]])
def test_trainings_need_data_set_and_seed(keys: object) -> None:
    with pytest.raises(LabelError, match="here: "):
        check_seeds("here", keys)
    assert check_seeds("here", {("a", np.int64(3).item()): 1}) == [("a", 3)]
