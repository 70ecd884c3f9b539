"""Networks from the user's own Python code: any function that returns torch modules.

The file is run as it is, with all rights of the user: it is the user's own code.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn

from nascast.ranking.base import Candidate, CandidateError, RankingError
from nascast.seeds import derive_seed

FUNCTION = re.compile(r"(?P<file>.+\.py):(?P<function>[A-Za-z_]\w*)")
"""What is read as a function of a file."""

_FORMS = (
    "return a dict of name to module, or a list of (name, module) or (name, module, example "
    "input); a function without arguments that makes the module can stand in the place of a module"
)


def candidates_of_function(place: str) -> list[Candidate]:
    """Return what ``file.py:function`` returns.

    The function is called once for every initialisation that is asked for, each time under another
    seed of torch, so that modules which draw their weights get others.

    Raises:
        RankingError: there is no such file or function, it raises, or returns something else.
    """
    match = FUNCTION.fullmatch(place)
    assert match is not None
    path = Path(match["file"])
    function = _function(path, match["function"])

    def call() -> object:
        with _importing_from(path.parent):
            return function()

    return candidates_of_models(call, place)


def candidates_of_models(make: Callable[[], object], place: str) -> list[Candidate]:
    """Return what a function returns that makes models.

    Args:
        make: called for each initialisation.
        place: where the models come from, for messages.

    Raises:
        RankingError: it raises, or returns something else than models.
    """
    calls = _Calls(make, place)
    return [
        Candidate(name, where, _builder(calls, number, where), example=example)
        for number, (name, where, _, example) in enumerate(calls.at(0))
    ]


def candidates_of_objects(models: object, place: str) -> list[Candidate]:
    """Return models that are there already; those that are functions can be made again.

    Raises:
        RankingError: they are something else than models.
    """
    found = []
    for name, where, made, example in read_models(models, place):
        repeatable = not isinstance(made, nn.Module)
        build = _maker(made, name)
        found.append(Candidate(name, where, build, repeatable=repeatable, example=example))
    return found


Entry = tuple[str, str, object, Tensor | None]
"""Name, place, module or function that makes it, example input."""


def read_models(models: object, place: str) -> list[Entry]:
    """Return the entries of any of the forms in which models may be given.

    Raises:
        RankingError: it is none of the forms.
    """
    if isinstance(models, nn.Module):
        return [(type(models).__name__, place, models, None)]
    if isinstance(models, Mapping):
        pairs: list[object] = [
            (name, *value) if isinstance(value, tuple) else (name, value)
            for name, value in models.items()
        ]
    elif isinstance(models, Iterable) and not isinstance(models, str | bytes | Tensor):
        pairs = list(models)
    else:
        raise RankingError(f"{place} gives a {type(models).__name__}; {_FORMS}")
    return [_entry(pair, f"{place}, entry {number}") for number, pair in enumerate(pairs, start=1)]


def _entry(pair: object, where: str) -> Entry:
    if not (isinstance(pair, tuple | list) and len(pair) in (2, 3) and isinstance(pair[0], str)):
        raise RankingError(f"{where} is a {type(pair).__name__} of another form; {_FORMS}")
    example = pair[2] if len(pair) == 3 else None
    if example is not None and not (isinstance(example, Tensor) and example.dim() >= 1):
        raise RankingError(
            f"{where}, {pair[0]}: the example input must be one tensor with its batch axis, not a "
            f"{type(example).__name__}"
        )
    return pair[0], where, pair[1], example


class _Calls:
    """What a function returned for an initialisation; only the latest is kept."""

    def __init__(self, make: Callable[[], object], place: str) -> None:
        self._make = make
        self._place = place
        self._repeat = -1
        self._entries: list[Entry] = []
        self._names: list[str] | None = None

    def at(self, repeat: int) -> list[Entry]:
        if repeat != self._repeat:
            self._entries = read_models(self._call(repeat), self._place)
            self._repeat = repeat
            names = [name for name, *_ in self._entries]
            if self._names is not None and names != self._names:
                raise RankingError(
                    f"{self._place} returned other names when it was called again; it must return "
                    "the same networks every time"
                )
            self._names = names
        return self._entries

    def _call(self, repeat: int) -> object:
        with seeded("rank", "function", repeat):
            try:
                return self._make()
            except (Exception, SystemExit) as error:
                raise RankingError(f"{self._place} raises {describe(error)}") from error


def _builder(calls: _Calls, number: int, where: str) -> Callable[[int], nn.Module]:
    def build(repeat: int) -> nn.Module:
        name, _, made, _ = calls.at(repeat)[number]
        return _maker(made, name)(repeat)

    return build


def _maker(made: object, name: str) -> Callable[[int], nn.Module]:
    def build(repeat: int) -> nn.Module:
        if isinstance(made, nn.Module):
            return made
        if not callable(made):
            raise CandidateError(f"is a {type(made).__name__}, no torch module")
        with seeded("rank", name, repeat):
            model = made()
        if not isinstance(model, nn.Module):
            raise CandidateError(f"its function returns a {type(model).__name__}, no torch module")
        return model

    return build


@contextmanager
def seeded(*identity: str | int) -> Iterator[None]:
    """Let torch's global generators begin at a seed, and leave them as they were."""
    with torch.random.fork_rng():
        torch.manual_seed(derive_seed(*identity))
        yield


def describe(error: BaseException) -> str:
    """Return type and message of an error in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


_LONGEST = 300


def _function(path: Path, name: str) -> Callable[[], object]:
    if not path.is_file():
        raise RankingError(f"there is no file {path}; give FILE.py:FUNCTION")
    module = _run(path)
    function = getattr(module, name, None)
    if not callable(function):
        there = [key for key, value in vars(module).items() if callable(value) and key[:1] != "_"]
        raise RankingError(
            f"{path} has no function {name}; there are {', '.join(sorted(there)) or 'none'}"
        )
    found: Callable[[], object] = function
    return found


def _run(path: Path) -> ModuleType:
    digest = blake2b(str(path.resolve()).encode(), digest_size=6).hexdigest()
    name = f"nascast_candidates_{path.stem}_{digest}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and copies look their module up
    with _importing_from(path.parent):
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise RankingError(f"{path} cannot be run: {describe(error)}") from error
    return module


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Let a file import its neighbours, as when it is run by itself."""
    place = str(folder.resolve())
    sys.path.insert(0, place)
    try:
        yield
    finally:
        if place in sys.path:
            sys.path.remove(place)
