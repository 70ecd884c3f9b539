"""Things that are found by name; a thing's module is imported only when it is asked for.

Another distribution adds some through an entry-point group: the entry's name is the thing's name,
its value the class.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from nascast.errors import NascastError


@dataclass(frozen=True)
class Registry:
    """One kind of things.

    Attributes:
        kind: what one of them is called in messages, e.g. ``"predictor"``.
        group: the entry-point group that adds to them.
        built_in: ``"module:class"`` by name, in the order in which they are listed.
        error: what is raised for a name that is unknown or cannot be loaded.
    """

    kind: str
    group: str
    built_in: Mapping[str, str]
    error: type[NascastError]

    def names(self) -> tuple[str, ...]:
        """Return every registered name: the built-in ones first, then other distributions'."""
        return (*self.built_in, *sorted(self._added()))

    def load(self, name: str) -> Any:
        """Return what is registered under ``name``.

        Raises:
            NascastError: of type ``error``: the name is unknown (close names are listed), or what
                it points to cannot be imported or calls itself something else.
        """
        place = self._place(name)
        entry = EntryPoint(name, place, self.group)
        try:
            found = getattr(import_module(entry.module), entry.attr)
        except (ImportError, AttributeError) as error:
            raise self.error(
                f"{self.kind} {name!r} cannot be loaded from {place}: {error}"
            ) from error
        if getattr(found, "name", None) != name:
            raise self.error(
                f"{self.kind} {name!r}: {place} calls itself {getattr(found, 'name', None)!r}; "
                "both names must agree"
            )
        return found

    def module_of(self, name: str) -> str:
        """Return the dotted module behind a name without importing it; ``error`` if unknown."""
        return self._place(name).split(":")[0]

    def _place(self, name: str) -> str:
        places = {**self.built_in, **self._added()}
        if name not in places:
            raise self.error(self._unknown(name))
        return places[name]

    def _added(self) -> dict[str, str]:
        added: dict[str, str] = {}
        for entry in entry_points(group=self.group):
            other = self.built_in.get(entry.name) or added.get(entry.name)
            if other and other != entry.value:
                raise self.error(
                    f"{self.kind} {entry.name!r} is registered twice, as {other} and as "
                    f"{entry.value}; rename one of them or remove its distribution"
                )
            if entry.name not in self.built_in:
                added[entry.name] = entry.value
        return added

    def _unknown(self, name: str) -> str:
        by_lower = {known.lower(): known for known in self.names()}
        matches = difflib.get_close_matches(name.lower(), by_lower, cutoff=0.5)
        close = " or ".join(repr(by_lower[match]) for match in matches)
        hint = f"did you mean {close}?" if close else f"choose one of {', '.join(self.names())}"
        return f"unknown {self.kind} {name!r}: {hint}"
