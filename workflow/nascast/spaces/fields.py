"""Specs made of fields: ``key=entry,entry;key=entry``, each entry one of a few choices.

The settings of the once-for-all supernets read so, for example ``ks=3,5;e=4,6;d=2;r=224``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def format_fields(**fields: Sequence[object]) -> str:
    """Return the spec of fields in their order: ``key=choice,choice;key=choice``."""
    return ";".join(f"{key}={','.join(map(str, values))}" for key, values in fields.items())


def read_fields(spec: str, keys: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the entries of each field of a spec, in the order of ``keys``.

    Raises:
        ValueError: the fields are not those of ``keys`` in their order.
    """
    parts = [part.split("=") for part in spec.split(";")]
    if [part[0] for part in parts] != list(keys) or any(len(part) != 2 for part in parts):
        form = ";".join(f"{key}=..." for key in keys)
        raise ValueError(f"spec {spec!r} does not have the form '{form}'")
    return tuple(tuple(text.split(",")) for _, text in parts)


def read_choices(
    key: str, entries: Sequence[str], choices: Sequence[T], first: int = 1
) -> tuple[T, ...]:
    """Return the choices that the entries of the field ``key`` stand for.

    Args:
        key: name of the field.
        entries: some of its entries.
        choices: what an entry may be, written as ``str`` writes it.
        first: position of the first of these entries in the field, counted from 1.

    Raises:
        ValueError: an entry is none of the choices.
    """
    by_text = {str(choice): choice for choice in choices}
    for position, entry in enumerate(entries, start=first):
        if entry not in by_text:
            raise ValueError(
                f"entry {position} of {key!r} is {entry!r}; choose one of {', '.join(by_text)}"
            )
    return tuple(by_text[entry] for entry in entries)


def check_length(key: str, entries: Sequence[object], expected: int, of_what: str) -> None:
    """Raise ValueError unless the field ``key`` has one entry for each of ``expected`` things."""
    if len(entries) != expected:
        raise ValueError(
            f"{key!r} has {len(entries)} entries, expected one for each of the {expected} {of_what}"
        )
