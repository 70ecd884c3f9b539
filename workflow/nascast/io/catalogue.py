"""The catalogue of published files that nascast can read, and its YAML form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    StringConstraints,
    ValidationError,
    model_validator,
)

from nascast.errors import NascastError

Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[\w][\w.+-]*$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class SourceError(NascastError):
    """A source cannot be had: the message says what was expected, found, tried, and what to do."""


class Source(BaseModel):
    """One published file.

    Attributes:
        name: short name, used in configuration and on the command line.
        version: the publisher's version: a commit, a release or a date.
        filename: name of the file here and in a mirror.
        addresses: where it can be downloaded, best first; empty if only a mirror can have it.
        sha256, md5: the file's hash; md5 counts only where no sha256 is known. Without either the
            publisher gives none, and the file can be found by its name only and never verified.
        bytes: size of the file, where it is known.
        approximate_bytes: size that the publisher rounds; it warns, and is not checked.
        licence: the publisher's terms.
        needed_by: configurations or stages that read it.
        provides: what it can stand for, e.g. ``"cifar10-images"``; alternatives share it.
        notes: what a user should know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    filename: FileName
    addresses: tuple[Address, ...] = ()
    sha256: Sha256 | None = None
    md5: Md5 | None = None
    bytes: PositiveInt | None = None
    approximate_bytes: PositiveInt | None = None
    licence: str
    needed_by: tuple[str, ...] = ()
    provides: str | None = None
    notes: str = ""

    @model_validator(mode="after")
    def _is_consistent(self) -> Source:
        if self.bytes is not None and self.approximate_bytes is not None:
            raise ValueError("has bytes, so it needs no approximate_bytes")
        if self.checksum is None and not self.notes:
            raise ValueError("has no sha256 and no md5: its notes must say why")
        return self

    @property
    def checksum(self) -> tuple[str, str] | None:
        """The hash to check, its algorithm and its hexadecimal value, or None if there is none."""
        if self.sha256 is not None:
            return "sha256", self.sha256
        return ("md5", self.md5) if self.md5 is not None else None

    @property
    def size_text(self) -> str:
        """The size in words, e.g. ``"170.5 MB"``, ``"about 499 MB"`` or ``"unknown"``."""
        if self.bytes is not None:
            return f"{self.bytes / 1e6:.1f} MB"
        if self.approximate_bytes is not None:
            return f"about {self.approximate_bytes / 1e6:.0f} MB"
        return "unknown"


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sources: dict[str, dict[str, object]] = Field(min_length=1)


def load_sources(path: Path) -> dict[str, Source]:
    """Read a catalogue of sources (YAML), by name.

    Raises:
        SourceError: the file is missing or not YAML, or an entry is wrong; names entry and field.
    """
    try:
        content = yaml.safe_load(Path(path).read_text("utf-8"))
    except OSError as error:
        raise SourceError(
            f"cannot read the list of sources {path}: {error.strerror}; "
            "run inside the checkout, or name the file"
        ) from error
    except yaml.YAMLError as error:
        raise SourceError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    entry = "sources"
    try:
        raw = _Catalogue.model_validate(content).sources
        sources = {}
        for entry, fields in raw.items():
            sources[entry] = Source.model_validate({"name": entry, **fields})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SourceError(f"{path}, entry {entry}, {field}: {first['msg']}") from error
    return sources


def get_source(sources: Mapping[str, Source], name: str) -> Source:
    """Return a source by its name; raises SourceError that lists the names there are."""
    if name not in sources:
        raise SourceError(f"there is no source {name}; there are {', '.join(sorted(sources))}")
    return sources[name]


def providers(sources: Mapping[str, Source], need: str) -> list[str]:
    """Return the names of the sources that provide something, in the catalogue's order.

    Raises:
        SourceError: no source provides it.
    """
    names = [name for name, source in sources.items() if source.provides == need]
    if not names:
        needs = sorted({source.provides for source in sources.values() if source.provides})
        raise SourceError(f"no source provides {need}; provided are {', '.join(needs) or 'none'}")
    return names
