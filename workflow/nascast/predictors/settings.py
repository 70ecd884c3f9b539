"""Changes of a method's published settings, by name, as a configuration file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SettingsT = TypeVar("SettingsT", bound="DataclassInstance")


def with_changes(published: SettingsT, changes: Mapping[str, float], what: str) -> SettingsT:
    """Return published settings with some of them changed; whole numbers stay whole.

    Args:
        published: a dataclass of numbers.
        changes: new values by name; 15.0 is good for a whole number.
        what: whose settings they are, for the error.

    Raises:
        ValueError: for a name that is no setting, or a fraction where a whole number is needed.
    """
    known = asdict(published)
    unknown = sorted(set(changes) - set(known))
    if unknown:
        raise ValueError(f"unknown {what} settings {unknown}; there are {', '.join(known)}")
    fractions = [name for name, value in changes.items() if type(known[name])(value) != value]
    if fractions:
        raise ValueError(f"{what} settings {fractions} must be whole numbers")
    return replace(published, **{name: type(known[name])(v) for name, v in changes.items()})
