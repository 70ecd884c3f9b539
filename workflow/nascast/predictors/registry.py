"""Every predictor by its name; a predictor's module is imported only when it is asked for.

Another distribution adds a predictor through the entry-point group ``nascast.predictors``: the
entry's name is the method's name, its value the class.
"""

from __future__ import annotations

import difflib
import inspect
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from nascast.errors import NascastError
from nascast.predictors.base import Predictor

ENTRY_POINT_GROUP = "nascast.predictors"

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
    "params": "nascast.predictors.shortcuts:Params",
    "MACs": "nascast.predictors.shortcuts:Macs",
    "effective params": "nascast.predictors.shortcuts:EffectiveParams",
    "convolutions": "nascast.predictors.shortcuts:Convolutions",
    "convs per path": "nascast.predictors.shortcuts:ConvolutionsPerPath",
}

_READ_CODES = frozenset({"nascast.predictors.nap2", "nascast.predictors.nap2x"})


class PredictorError(NascastError):
    """A predictor that is unknown, cannot be loaded or lacks an option it needs."""


def names() -> tuple[str, ...]:
    """Return every registered name: the built-in ones first, then other distributions'."""
    return (*BUILT_IN, *sorted(_added()))


def get(name: str) -> type[Predictor]:
    """Return the predictor class registered under ``name``.

    Raises:
        PredictorError: the name is unknown (close names are listed), or what it points to cannot
            be imported, is no predictor, or calls itself something else.
    """
    added = _added()
    if name in BUILT_IN:
        entry = EntryPoint(name, BUILT_IN[name], ENTRY_POINT_GROUP)
    elif name in added:
        entry = added[name]
    else:
        raise PredictorError(_unknown(name))
    try:
        found = getattr(import_module(entry.module), entry.attr)
    except (ImportError, AttributeError) as error:
        raise PredictorError(
            f"predictor {name!r} cannot be loaded from {entry.value}: {error}"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Predictor)):
        raise PredictorError(f"predictor {name!r}: {entry.value} is no subclass of Predictor")
    if getattr(found, "name", None) != name:
        raise PredictorError(
            f"predictor {name!r}: {entry.value} calls itself {getattr(found, 'name', None)!r}; "
            "both names must agree"
        )
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


def module_of(name: str) -> str:
    """Return the dotted module of a predictor without importing it; PredictorError if unknown."""
    places = BUILT_IN | {key: entry.value for key, entry in _added().items()}
    if name not in places:
        raise PredictorError(_unknown(name))
    return places[name].split(":")[0]


def job_family(name: str) -> str:
    """Return which of two kinds of jobs evaluates a predictor: ``"trace"`` or ``"crude"``.

    Those that read the auto-encoders' codes wait for them and import torch; the others need not.
    """
    return "trace" if module_of(name) in _READ_CODES or name not in BUILT_IN else "crude"


def _added() -> dict[str, EntryPoint]:
    added: dict[str, EntryPoint] = {}
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        other = BUILT_IN.get(entry.name) or (added[entry.name].value if entry.name in added else "")
        if other and other != entry.value:
            raise PredictorError(
                f"predictor {entry.name!r} is registered twice, as {other} and as {entry.value}; "
                "rename one of them or remove its distribution"
            )
        if entry.name not in BUILT_IN:
            added[entry.name] = entry
    return added


def _unknown(name: str) -> str:
    by_lower = {known.lower(): known for known in names()}
    close = [by_lower[key] for key in difflib.get_close_matches(name.lower(), by_lower, cutoff=0.5)]
    hint = f"did you mean {' or '.join(map(repr, close))}?" if close else ""
    listed = f"choose one of {', '.join(names())}"
    return f"unknown predictor {name!r}: {hint or listed}"
