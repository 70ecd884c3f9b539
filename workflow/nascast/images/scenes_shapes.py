"""Silhouettes and surface patterns of made objects, as functions of object coordinates.

A silhouette is a function ``inside(u, v)`` that is positive within the shape and grows with the
distance to its border (roughly a signed distance, in units of the object's radius). All functions
work on arrays of any shape, so one call serves every image that shows the shape.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Silhouette = Callable[[Field, Field], Field]


def _disc(u: Field, v: Field) -> Field:
    return np.float32(0.82) - np.hypot(u, v)


def _square(u: Field, v: Field) -> Field:
    return np.float32(0.74) - np.maximum(np.abs(u), np.abs(v))


def _triangle(u: Field, v: Field) -> Field:
    side = np.float32(0.8660254) * np.abs(u) - np.float32(0.5) * v
    return np.float32(0.5) - np.maximum(side, v)


def _ring(u: Field, v: Field) -> Field:
    return np.float32(0.23) - np.abs(np.hypot(u, v) - np.float32(0.68))


def _box(u: Field, v: Field, half_width: float, half_height: float) -> Field:
    return np.minimum(np.float32(half_width) - np.abs(u), np.float32(half_height) - np.abs(v))


def _cross(u: Field, v: Field) -> Field:
    return np.maximum(_box(u, v, 0.92, 0.27), _box(u, v, 0.27, 0.92))


def _star(u: Field, v: Field) -> Field:
    lobes = np.float32(0.58) - np.float32(0.34) * np.cos(5 * np.arctan2(v, u) + np.float32(1.5708))
    inside: Field = (lobes - np.hypot(u, v)) * np.float32(0.7)
    return inside


def _crescent(u: Field, v: Field) -> Field:
    bite = np.hypot(u - np.float32(0.5), v) - np.float32(0.62)
    inside: Field = np.minimum(np.float32(0.88) - np.hypot(u, v), bite)
    return inside


def _bar(u: Field, v: Field) -> Field:
    along = np.clip(u, np.float32(-0.68), np.float32(0.68))
    inside: Field = np.float32(0.28) - np.hypot(u - along, v)
    return inside


def _angle(u: Field, v: Field) -> Field:
    upright = _box(u + np.float32(0.46), v, 0.26, 0.82)
    return np.maximum(upright, _box(u, v - np.float32(0.56), 0.72, 0.26))


def _hourglass(u: Field, v: Field) -> Field:
    waist = np.float32(0.1) + np.float32(0.8) * np.abs(v) - np.abs(u)
    inside: Field = np.minimum(np.float32(0.8) - np.abs(v), waist)
    return inside


SILHOUETTES: dict[str, Silhouette] = {
    "disc": _disc,
    "square": _square,
    "triangle": _triangle,
    "ring": _ring,
    "cross": _cross,
    "star": _star,
    "crescent": _crescent,
    "bar": _bar,
    "angle": _angle,
    "hourglass": _hourglass,
}
"""The ten coarse object classes, in label order."""

PATTERNS: tuple[str, ...] = ("plain", "stripes", "bands", "checks", "rings")
"""The five surface patterns; a fine class is ``shape * 5 + pattern``."""


def silhouettes(shape: NDArray[np.int64], u: Field, v: Field) -> Field:
    """Evaluate each image's own silhouette.

    Args:
        shape: index into :data:`SILHOUETTES`, (n,).
        u: object coordinates along the object's first axis, (n, H, W).
        v: object coordinates along its second axis, (n, H, W).

    Returns:
        float32 (n, H, W), positive inside the object.
    """
    inside = np.empty_like(u)
    for index, function in enumerate(SILHOUETTES.values()):
        members = np.flatnonzero(shape == index)
        inside[members] = function(u[members], v[members])
    return inside


def patterns(pattern: NDArray[np.int64], frequency: Field, u: Field, v: Field) -> Field:
    """Evaluate surface patterns: how much of the second colour shows at each point.

    Args:
        pattern: index into :data:`PATTERNS`, (n,).
        frequency: periods in one object radius, (n,).
        u: object coordinates of the points, (n,).
        v: object coordinates of the points, (n,).

    Returns:
        float32 (n,) in [0, 1]; zero for plain surfaces.
    """
    cycles = np.float32(2 * np.pi) * frequency
    share = np.zeros_like(u)
    for index, wave in enumerate(_WAVES, start=1):
        members = np.flatnonzero(pattern == index)
        height = wave(cycles[members] * u[members], cycles[members] * v[members])
        share[members] = np.clip(np.float32(0.5) + np.float32(1.5) * height, 0, 1)
    return share


# One a pattern after plain: stripes, bands, checks, rings.
_WAVES: tuple[Silhouette, ...] = (
    lambda a, b: np.sin(a),
    lambda a, b: np.sin(b),
    lambda a, b: 2 * np.sin(a) * np.sin(b),
    lambda a, b: np.sin(np.hypot(a, b)),
)
