import numpy as np
import pytest

from nascast.labels.official.rows import curve, fraction, labels_frame, mean_of_runs, mean_row
from nascast.labels.schema import LABELS, LabelError, identity, to_table
from nascast.spaces.nasbench201 import NASBench201

ARCH = NASBench201().parse("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|")
ROW = {**identity(ARCH), "images": "cifar10", "seed": 7, "epochs": 2, "source": "file"}


def test_rows_become_labels() -> None:
    curves = {"val_acc_curve": np.array([0.25, 0.5], dtype=np.float32)}
    frame = labels_frame([ROW | {"val_acc": 0.5} | curves, ROW | {"seed": 8, "test_acc": 1.0}])
    assert list(frame.columns) == LABELS.names
    table = to_table(frame).to_pylist()
    assert [row["val_acc"] for row in table] == [0.5, None]
    assert [row["test_acc"] for row in table] == [None, 1.0]
    assert [row["val_acc_curve"] for row in table] == [[0.25, 0.5], None]
    assert [row["status"] for row in table] == ["ok", "ok"]


def test_means_need_a_value_of_every_run() -> None:
    curves = [np.array([0.5, 1.0], np.float32), np.array([0.25, 0.5], np.float32)]
    runs = [
        ROW | {"val_acc": 0.5, "test_acc": 0.25, "train_seconds": 10.0, "val_acc_curve": curves[0]},
        ROW
        | {"val_acc": None, "test_acc": 0.75, "train_seconds": 30.0, "val_acc_curve": curves[1]},
    ]
    mean = mean_row(runs)
    assert (mean["seed"], mean["test_acc"], mean["train_seconds"]) == (-1, 0.5, 20.0)
    assert mean["val_acc"] is None
    assert mean["val_acc_curve"].tolist() == [0.375, 0.75]
    assert mean["train_loss_curve"] is None


def test_the_mean_of_equal_runs_is_exact() -> None:
    values = np.random.default_rng(0).random(2000)
    assert [mean_of_runs([v, v, v]) for v in values] == values.tolist()
    assert mean_of_runs([0.1, 0.2, 0.6]) == pytest.approx(0.3, abs=1e-16)


@pytest.mark.parametrize("wrong", [-0.1, 100.1, float("nan"), float("inf"), "50", None, True, [1]])
def test_what_is_no_percentage_is_named(wrong: object) -> None:
    with pytest.raises(LabelError, match=r"here: .* percentage"):
        fraction("here", wrong)


def test_percentages_and_curves_are_scaled() -> None:
    assert fraction("here", 50) == 0.5
    assert curve("here", [50.0, 100], 0.01).tolist() == [0.5, 1.0]
    with pytest.raises(LabelError, match="here: a curve holds something else"):
        curve("here", [1.0, "x"])
