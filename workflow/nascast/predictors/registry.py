"""Every predictor by its name.

Another distribution adds a predictor through the entry-point group ``nascast.predictors``.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from nascast.errors import NascastError
from nascast.predictors.base import Predictor
from nascast.registry import Registry

# In the order in which tables list them.
BUILT_IN = {
    "NAP2": "nascast.predictors.nap2:NAP2",
    "NAP2-X": "nascast.predictors.nap2x:NAP2X",
    "NAP2-LSTM": "nascast.predictors.nap2:NAP2LSTM",
    "Forest (trace averages)": "nascast.predictors.trace_forest:TraceForest",
    "Forest (losses only)": "nascast.predictors.trace_forest:LossesOnly",
    "SoTL": "nascast.predictors.learning_curve:SoTL",
    "SoTL-E": "nascast.predictors.learning_curve:SoTLE",
    "Early Stop (acc)": "nascast.predictors.learning_curve:EarlyStopAccuracy",
    "Early Stop (loss)": "nascast.predictors.learning_curve:EarlyStopLoss",
    "LCE": "nascast.predictors.lce:LCE",
    "LCE-m": "nascast.predictors.lce_m:LCEM",
    "LC-PFN (small)": "nascast.predictors.lc_pfn:LCPFN",
    "LcSVR": "nascast.predictors.lcsvr:LcSVR",
    "OMNI": "nascast.predictors.omni:Omni",
    "OMNI (no curve)": "nascast.predictors.omni:OmniWithoutCurve",
    "OMNI (no proxy)": "nascast.predictors.omni:OmniWithoutProxy",
    "OMNI (no encoding)": "nascast.predictors.omni:OmniWithoutEncoding",
    "OMNI-SemiNAS": "nascast.predictors.omni_seminas:OmniSemiNAS",
    "Fisher": "nascast.predictors.proxy_scores:Fisher",
    "Grad Norm": "nascast.predictors.proxy_scores:GradNorm",
    "Grasp": "nascast.predictors.proxy_scores:Grasp",
    "Jacob. Cov.": "nascast.predictors.proxy_scores:JacobianCovariance",
    "SNIP": "nascast.predictors.proxy_scores:Snip",
    "SynFlow": "nascast.predictors.proxy_scores:SynFlow",
    "OneShot": "nascast.predictors.supernet_scores:OneShot",
    "RS-WS": "nascast.predictors.supernet_scores:RandomSearchWithSharing",
    "XGBoost": "nascast.predictors.trees:XGBoost",
    "LGBoost": "nascast.predictors.trees:LGBoost",
    "NGBoost": "nascast.predictors.natural_boosting:NGBoost",
    "RF": "nascast.predictors.trees:Forest",
    "GRAF + RF": "nascast.predictors.trees:GrafForest",
    "GRAF + XGBoost": "nascast.predictors.trees:GrafXGBoost",
    "Bayes. Lin. Reg.": "nascast.predictors.linear:BayesianLinearRegression",
    "GP": "nascast.predictors.gaussian_processes:ExactProcess",
    "Sparse GP": "nascast.predictors.gaussian_processes:SparseProcess",
    "Var. Sparse GP": "nascast.predictors.gaussian_processes:VariationalProcess",
    "params": "nascast.predictors.shortcuts:Params",
    "MACs": "nascast.predictors.shortcuts:Macs",
    "effective params": "nascast.predictors.shortcuts:EffectiveParams",
    "convolutions": "nascast.predictors.shortcuts:Convolutions",
    "convs per path": "nascast.predictors.shortcuts:ConvolutionsPerPath",
    "BANANAS": "nascast.predictors.bananas:BANANAS",
    "BOHAMIANN": "nascast.predictors.bohamiann:BOHAMIANN",
    "DNGO": "nascast.predictors.dngo:DNGO",
    "MLP": "nascast.predictors.mlp:MLP",
    "BONAS": "nascast.predictors.bonas:BONAS",
    "GCN (White)": "nascast.predictors.gcn:GCN",
    "NAO": "nascast.predictors.nao:NAO",
    "SemiNAS": "nascast.predictors.seminas:SemiNAS",
    "NPN": "nascast.predictors.npn:NPN",
    "TNASP": "nascast.predictors.tnasp:TNASP",
}

# What a job of a grid evaluates together, by module: what takes about as long, and alike.
_GROUPS = {
    **dict.fromkeys(("trees", "linear"), "trees"),
    **dict.fromkeys(("gaussian_processes",), "processes"),
    **dict.fromkeys(("mlp", "bananas", "dngo", "bohamiann"), "networks"),
    **dict.fromkeys(("gcn", "bonas", "npn", "tnasp"), "graphs"),
    **dict.fromkeys(("nao", "seminas", "omni_seminas"), "sequences"),
    **dict.fromkeys(("lce", "lce_m", "lc_pfn", "lcsvr"), "curves"),
    "omni": "omni",
}
_READ_CODES = frozenset({"nascast.predictors.nap2", "nascast.predictors.nap2x"})


class PredictorError(NascastError):
    """A predictor that is unknown, cannot be loaded or lacks an option it needs."""


REGISTRY = Registry("predictor", "nascast.predictors", BUILT_IN, PredictorError)
names = REGISTRY.names
module_of = REGISTRY.module_of


def get(name: str) -> type[Predictor]:
    """Return the predictor class registered under ``name``.

    Raises:
        PredictorError: as :meth:`nascast.registry.Registry.load`, or it is no predictor.
    """
    found = REGISTRY.load(name)
    if not (isinstance(found, type) and issubclass(found, Predictor)):
        raise PredictorError(f"predictor {name!r}: {found!r} is no subclass of Predictor")
    return found


def create(name: str, **options: Any) -> Predictor:
    """Return a new predictor, given those options that its constructor knows.

    One set of options, say ``seed``, ``settings`` and ``steps_per_epoch``, serves all predictors:
    each takes what it needs.

    Raises:
        PredictorError: as :func:`get`, or an option without default is not given.
    """
    factory = get(name)
    parameters = inspect.signature(factory).parameters
    missing = [
        key
        for key, parameter in parameters.items()
        if parameter.default is parameter.empty and key not in options
    ]
    if missing:
        raise PredictorError(f"predictor {name!r} needs the option {', '.join(missing)}")
    return factory(**{key: value for key, value in options.items() if key in parameters})


def by_group(predictors: Iterable[str]) -> dict[str, list[str]]:
    """Return predictors by the job of a grid that evaluates them; cheap ones are ``"scores"``."""
    groups: dict[str, list[str]] = {}
    for name in predictors:
        group = _GROUPS.get(module_of(name).rsplit(".", 1)[-1], "scores")
        groups.setdefault(group, []).append(name)
    return groups


def job_family(name: str) -> str:
    """Return which of two kinds of jobs evaluates a predictor: ``"trace"`` or ``"crude"``.

    Those that read the auto-encoders' codes wait for them and import torch; the others need not.
    """
    return "trace" if module_of(name) in _READ_CODES or name not in BUILT_IN else "crude"
