"""Renders small scenes: a room in perspective, lit objects of low relief, and their dense targets.

Image coordinates run from -1 to 1, x to the right and y downwards; z points to the viewer. Every
function works on a whole block of images at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nascast.images.scenes_shapes import SILHOUETTES, Field, patterns, silhouettes

SCENE_TYPES: tuple[str, ...] = ("room", "corridor", "corner", "field", "tiled room", "panelled")
"""Scene types in label order."""

SURFACES: tuple[str, ...] = ("back wall", "left wall", "right wall", "ceiling or sky", "floor")
"""Segmentation classes 0 to 4; then one class a shape, then one for all clutter."""

OBJECT_SEGMENT = len(SURFACES)
CLUTTER_SEGMENT = OBJECT_SEGMENT + len(SILHOUETTES)
LAYOUT_LIMIT = 2.0

_SURFACE_NORMALS = np.array(
    [[0, 0, 1], [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]], dtype=np.float32
)
_BEVEL = np.float32(0.45)


@dataclass(frozen=True)
class Rooms:
    """Parameters of a block of backgrounds.

    Attributes:
        scene_type: index into :data:`SCENE_TYPES`, (n,).
        layout: left, top, right, bottom of the back wall, then x and y of the vanishing point,
            (n, 6), in image coordinates.
        colours: one colour a surface, (n, 5, 3), in [0, 1].
        texture: strength of tiles and panels, (n,).
        light: unit vector towards the light, (n, 3).
    """

    scene_type: NDArray[np.int64]
    layout: Field
    colours: Field
    texture: Field
    light: Field


@dataclass(frozen=True)
class Objects:
    """Parameters of one object an image.

    Attributes:
        shape: index into the silhouettes, (n,).
        pattern: index into the surface patterns, (n,).
        frequency: pattern periods in one object radius, (n,).
        centre: image coordinates, (n, 2).
        scale: radius in image coordinates, (n,).
        aspect: stretch of the first axis against the second, (n,).
        rotation: radians, (n,).
        colours: first and second colour, (n, 2, 3), in [0, 1].
        opacity: in [0, 1], (n,); 0 leaves the object out.
        segment: segmentation class, (n,).
    """

    shape: NDArray[np.int64]
    pattern: NDArray[np.int64]
    frequency: Field
    centre: Field
    scale: Field
    aspect: Field
    rotation: Field
    colours: Field
    opacity: Field
    segment: NDArray[np.int64]


_Parameters = TypeVar("_Parameters", Rooms, Objects)


def take_first(parameters: _Parameters, count: int) -> _Parameters:
    """Return the parameters of the first ``count`` images."""
    cut = {part.name: getattr(parameters, part.name)[:count] for part in fields(parameters)}
    return replace(parameters, **cut)


@dataclass
class Canvas:
    """Images under construction with their dense targets.

    Attributes:
        colour: (n, H, W, 3) in about [0, 1].
        segment: (n, H, W).
        normal: unit vectors towards the viewer's side, (n, H, W, 3).
    """

    colour: Field
    segment: NDArray[np.uint8]
    normal: Field


def pixel_grid(size: int) -> tuple[Field, Field]:
    """Return x and y of the pixel centres, each (1, size, size)."""
    # Rounded once, from float64.
    centres = (((np.arange(size) + 0.5) * 2 / size) - 1).astype(np.float32)
    x, y = np.meshgrid(centres, centres)
    return x[None], y[None]


def paint_rooms(rooms: Rooms, size: int) -> Canvas:
    """Paint the backgrounds.

    Seen from inside a box, a pixel's surface is the one whose plane the ray through it meets first:
    the side whose distance from the vanishing point, in units of that side's distance at the back
    wall, is largest; within the back wall all four are below one.
    """
    x, y = pixel_grid(size)
    left, top, right, bottom, vx, vy = (rooms.layout[:, k, None, None] for k in range(6))
    reach = np.stack(
        [
            np.ones_like(x - vx),
            (x - vx) / np.minimum(left - vx, np.float32(-1e-3)),
            (x - vx) / np.maximum(right - vx, np.float32(1e-3)),
            (y - vy) / np.minimum(top - vy, np.float32(-1e-3)),
            (y - vy) / np.maximum(bottom - vy, np.float32(1e-3)),
        ]
    )
    surface = reach.argmax(axis=0)
    nearness = reach.max(axis=0)
    normal = _SURFACE_NORMALS[surface]
    image = np.arange(len(surface))[:, None, None]
    brightness = _shade(normal, rooms.light[:, None, None]) * (1 - np.float32(0.25) / nearness)
    brightness += _wall_texture(rooms, surface, (x - vx) / nearness, (y - vy) / nearness, nearness)
    colour = rooms.colours[image, surface] * brightness[..., None]
    return Canvas(colour, surface.astype(np.uint8), normal)


def _wall_texture(
    rooms: Rooms, surface: NDArray[np.int64], across: Field, up: Field, nearness: Field
) -> Field:
    """Tiles on the floor of tiled rooms and panels on the walls of panelled ones."""
    depth = 6 / nearness
    tiles = np.sign(np.sin(12 * across) * np.sin(np.float32(3.1416) * depth)) * (surface == 4)
    along = np.where((surface == 1) | (surface == 2), depth, 8 * across)
    panels = np.sign(np.sin(2 * along)) * (surface <= 2)
    kind = rooms.scene_type[:, None, None]
    waves = np.where(kind == 4, tiles, np.where(kind == 5, panels, 0)).astype(np.float32)
    return waves * rooms.texture[:, None, None]


def paint_objects(canvas: Canvas, objects: Objects, light: Field) -> None:
    """Paint one object an image over the canvas, in place.

    The object is a relief: its height rises from the border inwards over a bevel, which gives
    normals, and these give the shading.
    """
    size = canvas.colour.shape[1]
    x, y = pixel_grid(size)
    cosine = np.cos(objects.rotation)[:, None, None]
    sine = np.sin(objects.rotation)[:, None, None]
    dx = (x - objects.centre[:, 0, None, None]) / objects.scale[:, None, None]
    dy = (y - objects.centre[:, 1, None, None]) / objects.scale[:, None, None]
    stretch = np.sqrt(objects.aspect)[:, None, None]
    u = (cosine * dx + sine * dy) / stretch
    v = (cosine * dy - sine * dx) * stretch
    inside = silhouettes(objects.shape, u, v)
    pixel = 2 / (size * objects.scale)
    alpha = np.clip(inside / pixel[:, None, None] + np.float32(0.5), 0, 1)
    alpha *= objects.opacity[:, None, None]
    slope_y, slope_x = _relief_slopes(inside)

    # From here on only the covered pixels are worked on, a small share of the image.
    image, row, column = at = np.nonzero(alpha)
    normal = np.stack([-slope_x[at], -slope_y[at], pixel[image]], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    share = patterns(objects.pattern[image], objects.frequency[image], u[at], v[at])[:, None]
    first, second = objects.colours[image, 0], objects.colours[image, 1]
    colour = (first + share * (second - first)) * _shade(normal, light[image])[:, None]
    canvas.colour[at] += alpha[at][:, None] * (colour - canvas.colour[at])
    opaque = alpha[at] > np.float32(0.5)
    solid = (image[opaque], row[opaque], column[opaque])
    canvas.segment[solid] = objects.segment[solid[0]]
    canvas.normal[solid] = normal[opaque]


def _relief_slopes(inside: Field) -> tuple[Field, Field]:
    """Rise of the relief from one pixel to the next, in object units: down and to the right."""
    rise = np.clip(inside / _BEVEL, 0, 1)
    height = _BEVEL * np.sqrt(rise * (2 - rise))
    down, right = np.gradient(height, axis=(1, 2))
    return down, right


def _shade(normal: Field, light: Field) -> Field:
    """Lambert's law with an ambient share of 0.45: brightness in [0.45, 1.15]."""
    cosine: Field = np.sum(normal * light, axis=-1)
    return np.float32(0.45) + np.float32(0.7) * np.maximum(cosine, 0)


def shrink(canvas: Canvas, factor: int) -> Canvas:
    """Average colours over ``factor`` x ``factor`` pixels; segments and normals take one of them.

    The mean of two opposite walls' normals would be no direction at all.
    """
    n, height, width, channels = canvas.colour.shape
    blocks = (n, height // factor, factor, width // factor, factor, channels)
    sample = slice(factor // 2, None, factor)
    return Canvas(
        canvas.colour.reshape(blocks).mean(axis=(2, 4)),
        np.ascontiguousarray(canvas.segment[:, sample, sample]),
        np.ascontiguousarray(canvas.normal[:, sample, sample]),
    )
