"""Sentences on what each operation does, read from ``operators.yaml`` (SNAP, section 3.2, Table 1).

An operation is described once, whatever spaces have it: transfer between spaces rests on equal
operations having equal sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from nascast.spaces import registry as spaces
from nascast.text.errors import TextError

Length = Literal["short", "medium", "long"]
LENGTHS: Final[tuple[Length, ...]] = get_args(Length)
ENDS: Final = ("input", "output")
"""Nodes of every cell graph beside the operations of its space."""

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Description(BaseModel):
    """One operation in a short, a medium and a long sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    short: _Text
    medium: _Text
    long: _Text


class _Template(Description):
    """Operations that differ in numbers only; ``{name}`` stands for one of the values of a name."""

    pattern: _Text
    values: dict[str, list[int | str]]

    def expand(self) -> Iterator[tuple[str, Description]]:
        """Yield each operation with its description."""
        for chosen in product(*self.values.values()):
            numbers = dict(zip(self.values, chosen, strict=True))
            filled = {name: getattr(self, name).format(**numbers) for name in LENGTHS}
            yield self.pattern.format(**numbers), Description(**filled)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    operations: dict[str, Description]
    templates: list[_Template] = []
    same: dict[str, str] = {}


@dataclass(frozen=True)
class Descriptions:
    """Descriptions by operation, and the file that they stand in."""

    path: Path
    by_operation: Mapping[str, Description]

    def sentences(self, space: str, operations: Sequence[str], length: Length) -> list[str]:
        """Return a sentence an operation, in the order of the operations.

        Args:
            space: name of the search space, for messages.
            operations: as in its cell graphs: ``input``, ``output`` and the space's own.
            length: which of the three sentences.

        Raises:
            TextError: nobody described an operation, or there is no such length.
        """
        if length not in LENGTHS:
            raise TextError(f"sentences are {', '.join(LENGTHS)}; there are no {length!r} ones")
        unknown = [name for name in dict.fromkeys(operations) if name not in self.by_operation]
        if unknown:
            several = "s" * (len(unknown) > 1)
            raise TextError(
                f"operation{several} {', '.join(map(repr, unknown))} of search space {space!r} "
                f"{'are' if several else 'is'} not described: add a short, a medium and a long "
                f"sentence to {self.path}"
            )
        found: list[str] = [getattr(self.by_operation[name], length) for name in operations]
        return found


def load_descriptions(path: Path) -> Descriptions:
    """Read descriptions from a YAML file (``operators.yaml``).

    Raises:
        TextError: the file is not there or not YAML, an entry lacks a sentence, a template has
            another name than its values, ``same`` names nothing, or an operation is described
            twice; the message names the file and the entry.
    """
    try:
        read = _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except OSError as error:
        raise TextError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TextError(f"{path} is not YAML: {error}") from error
    except ValidationError as error:
        problems = (
            f"{'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise TextError(f"{path} is not valid: {'; '.join(problems)}") from error
    found: dict[str, Description] = {}
    for name, description in _entries(read, path):
        if name in found:
            raise TextError(f"{path} describes {name!r} twice; take one of the two out")
        found[name] = description
    for name, other in read.same.items():
        if name in found or other not in found:
            reason = "is described itself" if name in found else f"names {other!r}, which is not"
            raise TextError(f"{path}: same.{name} {reason}")
    shared = {name: found[other] for name, other in read.same.items()}
    return Descriptions(path, found | shared)


def _entries(read: _File, path: Path) -> Iterator[tuple[str, Description]]:
    yield from read.operations.items()
    for template in read.templates:
        try:
            yield from template.expand()
        except (KeyError, IndexError, ValueError) as error:
            raise TextError(
                f"{path}: template {template.pattern!r} has the values "
                f"{', '.join(template.values)} and cannot be filled: {error}"
            ) from error


def described_operations(space: str) -> tuple[str, ...]:
    """Return every node that a cell graph of a space can have, ``input`` and ``output`` first."""
    return (*ENDS, *spaces.create(space).operations)


def all_sentences(descriptions: Descriptions, length: Length) -> dict[str, str]:
    """Return the sentence of every operation of every registered space, each operation once.

    Raises:
        TextError: as :meth:`Descriptions.sentences`.
    """
    found: dict[str, str] = {}
    for space in spaces.names():
        operations = described_operations(space)
        sentences = descriptions.sentences(space, operations, length)
        found.update(zip(operations, sentences, strict=True))
    return found
