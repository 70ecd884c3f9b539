"""Provenance: what a file was made from, by which code, with which seed and versions.

It names no time, host or folder, so that identical runs write identical files.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any

import nascast
from nascast.errors import NascastError
from nascast.io.hashing import hash_file

_PACKAGES = ("numpy", "pyarrow", "pandas")


class ProvenanceError(NascastError):
    """Provenance is missing, damaged, or cannot be collected."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file comes from.

    Attributes:
        stage: name of the stage that wrote the file, e.g. ``"traces"``.
        code_fingerprint: hash of the code of that stage (:mod:`nascast.fingerprint`).
        config_hash: hash of the settings that the stage was given (:func:`config_hash`).
        inputs: sha256 of each input file, by its name.
        versions: version of Python, nascast and the numerical packages in use, by name.
        device: where the numbers were computed, e.g. ``"cpu"`` or ``"cuda"``.
        seed: the stage's base seed, or None where nothing is drawn.
    """

    stage: str
    code_fingerprint: str
    config_hash: str
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    device: str = "cpu"
    seed: int | None = None

    def to_json(self) -> str:
        """Return the one JSON text of these values, with sorted keys."""
        return _stable_json(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Provenance:
        """Read what :meth:`to_json` wrote; raises ProvenanceError if it is something else."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise ProvenanceError(f"provenance is not JSON: {error}") from error
        expected = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or set(values) != expected:
            found = sorted(values) if isinstance(values, dict) else type(values).__name__
            raise ProvenanceError(f"provenance needs the keys {sorted(expected)}, found {found}")
        return cls(**values)


def collect(
    *,
    stage: str,
    fingerprint: str,
    config: Mapping[str, Any],
    inputs: Mapping[str, Path] | Iterable[Path] = (),
    device: str = "cpu",
    seed: int | None = None,
) -> Provenance:
    """Gather the provenance of a stage's output.

    Args:
        stage: name of the stage.
        fingerprint: code fingerprint of the stage.
        config: the settings that decide the output, and only those.
        inputs: input files by name, or just files (then named after themselves, and after their
            folder too where two share a name). A folder stands for its ``shard=*.parquet`` files.
        device: ``"cpu"``, ``"cuda"``, ...
        seed: the stage's base seed.

    Raises:
        ProvenanceError: an input is missing, or two inputs cannot be told apart by name.
    """
    named = inputs if isinstance(inputs, Mapping) else _name_inputs([Path(p) for p in inputs])
    hashes = {name: _hash_input(Path(path)) for name, path in sorted(named.items())}
    return Provenance(
        stage=stage,
        code_fingerprint=fingerprint,
        config_hash=config_hash(config),
        inputs=hashes,
        versions=package_versions(),
        device=device,
        seed=seed,
    )


def config_hash(config: Mapping[str, Any]) -> str:
    """Return the sha256 of settings, independent of key order and of tuple against list.

    Raises:
        ProvenanceError: a value is neither text, number, boolean, None, path, nor a list, tuple
            or string-keyed mapping of such values.
    """
    return hashlib.sha256(_stable_json(_plain(config, "config")).encode()).hexdigest()


def package_versions() -> dict[str, str]:
    """Return the versions that can change a number; torch's only if it is already imported."""
    versions = {"python": platform.python_version(), "nascast": nascast.__version__}
    for package in (*_PACKAGES, *(["torch"] if "torch" in sys.modules else [])):
        try:
            versions[package] = version(package)
        except PackageNotFoundError as error:
            raise ProvenanceError(
                f"{package} is not installed, or its metadata is gone; install the locked "
                "requirements again"
            ) from error
    return dict(sorted(versions.items()))


def _name_inputs(paths: list[Path]) -> dict[str, Path]:
    """Name each input after its file, with its folder where the file name is not unique."""
    names = [path.name for path in paths]
    named: dict[str, Path] = {}
    for path in paths:
        shared = names.count(path.name) > 1
        name = f"{path.parent.name}/{path.name}" if shared else path.name
        if name in named:
            raise ProvenanceError(
                f"two inputs are called {name}: {named[name]} and {path}; "
                "pass a mapping that gives each its own name"
            )
        named[name] = path
    return named


def _hash_input(path: Path) -> str:
    """Return the sha256 of a file, or of the names and hashes of a folder's shards."""
    try:
        if path.is_dir():
            shards = sorted(path.glob("shard=*.parquet"))
            listing = _stable_json({shard.name: hash_file(shard) for shard in shards})
            return hashlib.sha256(listing.encode()).hexdigest()
        return hash_file(path)
    except OSError as error:
        raise ProvenanceError(f"cannot read the input {path}: {error.strerror}") from error


def _plain(value: Any, where: str) -> Any:
    """Turn settings into what JSON has one text for, or say which setting cannot be."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(item, f"{where}.{key}") for key, item in value.items()}
    raise ProvenanceError(
        f"{where} is a {type(value).__name__}, which has no stable text; "
        "use text, numbers, booleans, None, lists and mappings with text keys"
    )


def _stable_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
