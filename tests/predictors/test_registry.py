from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from nascast.predictors import registry
from nascast.predictors.base import Observations, Predictor
from nascast.predictors.learning_curve import SoTL
from nascast.predictors.registry import PredictorError, create, get, names

HERE = __name__


class Added(Predictor):
    """What another distribution might register."""

    name: ClassVar[str] = "Added"
    family: ClassVar[str] = "test"
    needs: ClassVar[frozenset[str]] = frozenset({"size"})
    reference: ClassVar[str] = "this test"

    def fit(self, train: Observations) -> None:
        pass

    def predict(self, query: Observations) -> NDArray[np.float64]:
        return np.zeros(len(query))


class NoPredictor:
    name = "Added"


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch):
    """Return a function that registers entry points (name, value) for this test."""

    def install(*entries: tuple[str, str]) -> None:
        found = [EntryPoint(*entry, registry.REGISTRY.group) for entry in entries]
        monkeypatch.setattr("nascast.registry.entry_points", lambda group: found)
        monkeypatch.setitem(sys.modules, "added_predictors", sys.modules[HERE])

    return install


def test_names_are_those_of_the_tables() -> None:
    assert set(registry.BUILT_IN) == {
        "NAP2", "NAP2-X", "NAP2-LSTM", "Forest (trace averages)", "Forest (losses only)",
        "SoTL", "SoTL-E", "Early Stop (acc)", "Early Stop (loss)",
        "LCE", "LCE-m", "LC-PFN (small)", "LcSVR",
        "OMNI", "OMNI (no curve)", "OMNI (no proxy)", "OMNI (no encoding)", "OMNI-SemiNAS",
        "Fisher", "Grad Norm", "Grasp", "Jacob. Cov.", "SNIP", "SynFlow", "OneShot", "RS-WS",
        "params", "MACs", "effective params", "convolutions", "convs per path",
        "BANANAS", "BOHAMIANN", "DNGO", "MLP",
        "BONAS", "GCN (White)", "NAO", "SemiNAS", "NPN", "TNASP",
        "XGBoost", "LGBoost", "NGBoost", "RF", "GRAF + RF", "GRAF + XGBoost",
        "Bayes. Lin. Reg.", "GP", "Sparse GP", "Var. Sparse GP",
    }  # fmt: skip
    assert names()[: len(registry.BUILT_IN)] == tuple(registry.BUILT_IN)


def test_get_returns_the_class() -> None:
    assert get("SoTL") is SoTL


@pytest.mark.parametrize(
    ("wrong", "close"),
    [("sotl", "'SoTL'"), ("NAP-2", "'NAP2'"), ("parms", "'params'"), ("EarlyStop", "'Early Stop")],
)
def test_unknown_names_come_with_close_ones(wrong: str, close: str) -> None:
    with pytest.raises(PredictorError, match=f"unknown predictor '{wrong}': did you mean") as error:
        get(wrong)
    assert close in str(error.value)


def test_names_like_nothing_come_with_the_whole_list() -> None:
    with pytest.raises(PredictorError, match="unknown predictor 'zzzz': choose one of NAP2, "):
        get("zzzz")


def test_entry_points_add_predictors(register) -> None:
    register(("Added", "added_predictors:Added"))
    assert names()[-1] == "Added"
    assert get("Added").name == "Added"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (("Added", "no_such_module_at_all:Added"), "cannot be loaded from no_such_module_at_all"),
        (("Added", "added_predictors:Missing"), "cannot be loaded .* 'Missing'"),
        (("Added", "added_predictors:HERE"), "calls itself None"),
        (("Added", "added_predictors:NoPredictor"), "no subclass of Predictor"),
        (("Other", "added_predictors:Added"), "calls itself 'Added'; both names must agree"),
    ],
)
def test_broken_entry_points_are_named(register, entry: tuple[str, str], message: str) -> None:
    register(entry)
    with pytest.raises(PredictorError, match=message):
        get(entry[0])


def test_a_name_cannot_be_taken_twice(register) -> None:
    register(("SoTL", "added_predictors:Added"))
    with pytest.raises(PredictorError, match="'SoTL' is registered twice, as nascast"):
        names()
    register(("Added", "added_predictors:Added"), ("Added", "elsewhere:Added"))
    with pytest.raises(PredictorError, match="registered twice, as added_predictors:Added and as"):
        names()


def test_create_hands_over_only_what_a_constructor_knows() -> None:
    assert create("SoTL", seed=1, steps_per_epoch=7).name == "SoTL"
    assert create("SoTL-E", seed=1, steps_per_epoch=7).steps_per_epoch == 7
    assert create("Forest (losses only)", seed=5, steps_per_epoch=7).seed == 5


def test_create_names_a_missing_option() -> None:
    with pytest.raises(PredictorError, match="predictor 'SoTL-E' needs the option steps_per_epoch"):
        create("SoTL-E", seed=1)


@pytest.mark.parametrize("name", ["SoTL", "params", "Forest (losses only)"])
def test_torch_stays_out_of_what_needs_no_tensors(name: str) -> None:
    code = (
        f"import sys; from nascast.predictors.registry import get; get({name!r}); "
        "sys.exit('torch' in sys.modules)"
    )
    path = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": path})
