"""Arrays of MATLAB files (version 5)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nascast.errors import NascastError


class MatError(NascastError):
    """A MATLAB file is missing, damaged, or lacks an array."""


def read_mat(path: Path, names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    """Read named arrays of numbers.

    Raises:
        MatError: the file cannot be read, or a name is missing or no array of numbers.
    """
    from scipy.io import loadmat

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise MatError(f"cannot read {path}: {error.strerror}") from error
    try:
        content = loadmat(io.BytesIO(data), variable_names=list(names))
    except Exception as error:  # the reader raises whatever its parts raise on damaged bytes
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise MatError(
            f"{path} is damaged or no MATLAB file of version 5 ({reason}); delete it and fetch it "
            "again"
        ) from error
    for name in names:
        value = content.get(name)
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf":
            raise MatError(f"{path} has no array of numbers {name}; it is another file")
    return {name: content[name] for name in names}
