"""Reads what is to be ranked: specs, files of specs, and functions that return modules."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nascast.ranking.base import Candidate, Failure, RankingError, Setting
from nascast.spaces import registry as spaces

if TYPE_CHECKING:
    from torch import nn

    from nascast.spaces.base import Architecture, SearchSpace

CLASSES = 10
"""Outputs of networks built from specs, unless something else is asked for."""


@dataclass(frozen=True)
class Given:
    """What was read: candidates that may be looked at, and entries that cannot be read."""

    candidates: list[Candidate]
    failures: list[Failure]


def read_candidates(texts: Sequence[str], setting: Setting, space: str | None = None) -> Given:
    """Read candidates; of those that share a name only the first stays a candidate.

    Args:
        texts: each ``space:spec``, a spec of ``space``, a ``.json`` or ``.csv`` file of specs, or
            ``file.py:function``.
        setting: what networks are built for.
        space: search space of specs that do not name theirs.

    Raises:
        RankingError: a file or function cannot be read at all.
    """
    candidates: list[Candidate] = []
    failures: list[Failure] = []
    for text in texts:
        found = _read(text, setting, space)
        candidates += found.candidates
        failures += found.failures
    return unique(Given(candidates, failures))


def unique(given: Given) -> Given:
    """Return the candidates whose name is new; the others become failures."""
    first: dict[str, Candidate] = {}
    failures = list(given.failures)
    for candidate in given.candidates:
        if candidate.name in first:
            other = first[candidate.name].place
            failures.append(
                Failure(
                    candidate.name,
                    candidate.place,
                    f"has the name of another candidate ({other}); give each its own",
                )
            )
        else:
            first[candidate.name] = candidate
    return Given(list(first.values()), failures)


def _read(text: str, setting: Setting, space: str | None) -> Given:
    from nascast.ranking.user_code import FUNCTION, candidates_of_function

    suffix = Path(text).suffix.lower()
    if FUNCTION.fullmatch(text):
        return Given(candidates_of_function(text), [])
    if suffix == ".py":
        raise RankingError(f"{text} needs the name of its function: {text}:FUNCTION")
    if suffix in (".json", ".csv"):
        path = Path(text)
        rows = _json_rows(path) if suffix == ".json" else _csv_rows(path)
        return _candidates(rows, setting, space)
    return _candidates([Row(text, "", "", "command line")], setting, space)


@dataclass(frozen=True)
class Row:
    """A spec as it was written; name and space may be empty."""

    spec: str
    name: str
    space: str
    place: str


def _candidates(rows: Iterable[Row], setting: Setting, space: str | None) -> Given:
    candidates: list[Candidate] = []
    failures: list[Failure] = []
    for row in rows:
        try:
            candidates.append(_candidate(row, setting, space))
        except (ValueError, RankingError, spaces.SpaceError) as error:
            failures.append(Failure(row.name or row.spec, row.place, " ".join(str(error).split())))
    return Given(candidates, failures)


def _candidate(row: Row, setting: Setting, space: str | None) -> Candidate:
    own, spec = row.space or space or "", row.spec.strip()
    prefix, colon, rest = spec.partition(":")
    if colon and prefix.strip() in spaces.names():
        own, spec = prefix.strip(), rest.strip()
    if not own:
        raise RankingError(
            "is no file and names no search space; write SPACE:SPEC or give --space, one of "
            f"{', '.join(spaces.names())}"
        )
    found = spaces.create(own)
    return spec_candidate(found, found.parse(spec), setting, row.name, row.place)


def spec_candidate(
    space: SearchSpace, arch: Architecture, setting: Setting, name: str = "", place: str = ""
) -> Candidate:
    """Return an architecture as a candidate: its published network for some images."""

    def build(repeat: int) -> nn.Module:
        from nascast.ranking.user_code import seeded

        with seeded("rank", arch.arch_id, repeat):
            return space.build(
                arch,
                space.published,
                setting.classes or CLASSES,
                spec_shape(space, arch, setting)[0],
            )

    return Candidate(name or f"{space.name}:{arch.spec}", place, build, arch=arch)


def spec_shape(space: SearchSpace, arch: Architecture, setting: Setting) -> tuple[int, int, int]:
    """Return channels, height and width of the images that an architecture reads.

    Raises:
        ValueError: the input shape of the setting is not that of square images.
    """
    base = (3, space.published_image_size, space.published_image_size)
    shape = setting.input_shape or base
    if len(shape) != 3 or shape[1] != shape[2]:
        raise ValueError(
            f"networks of {space.name} read square images, not inputs of "
            f"{' x '.join(map(str, shape))}; give --input-shape CHANNELS,SIDE,SIDE"
        )
    side = space.image_size(arch, shape[1])
    return shape[0], side, side


def _json_rows(path: Path) -> list[Row]:
    try:
        content = json.loads(_text(path))
    except ValueError as error:
        raise RankingError(f"{path} is not JSON: {error}") from error
    if isinstance(content, dict):
        content = [{"name": name, "spec": spec} for name, spec in content.items()]
    if not isinstance(content, list) or not content:
        raise RankingError(
            f"{path} must hold a list of specs or of objects with spec, name and space (the last "
            "two may be left out), or one object of name to spec; and at least one"
        )
    return [_json_row(value, f"{path}, entry {n}") for n, value in enumerate(content, start=1)]


def _json_row(value: object, place: str) -> Row:
    fields = {"spec": value} if isinstance(value, str) else value
    known = ("spec", "name", "space")
    if (
        not isinstance(fields, dict)
        or "spec" not in fields
        or not all(key in known and isinstance(text, str) for key, text in fields.items())
    ):
        raise RankingError(
            f"{place} must be a spec, or an object of the texts spec, name and space, not {value!r}"
        )
    return Row(fields["spec"], fields.get("name", ""), fields.get("space", ""), place)


def _csv_rows(path: Path) -> list[Row]:
    reader = csv.DictReader(_text(path).splitlines())
    if "spec" not in (reader.fieldnames or []):
        raise RankingError(
            f"{path} must have a column spec, and may have name and space; it has "
            f"{', '.join(reader.fieldnames or ['none'])}"
        )
    rows = [
        Row(
            (row["spec"] or "").strip(),
            (row.get("name") or "").strip(),
            (row.get("space") or "").strip(),
            f"{path}, line {reader.line_num}",
        )
        for row in reader
    ]
    if not rows:
        raise RankingError(f"{path} holds no spec")
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RankingError(f"cannot read {path}: {reason}") from error
