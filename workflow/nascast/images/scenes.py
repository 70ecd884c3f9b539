"""Made image sets: small lit scenes whose class, layout, segments and normals are all known.

Three sets stand for the papers' ones where no image may be downloaded: ``scenes10`` (ten shapes,
for CIFAR-10), ``scenes50`` (ten shapes x five surface patterns, for CIFAR-100) and ``scenes50hard``
(the same fifty classes behind clutter, occlusion, noise and weak contrast, for ImageNet16-120).
A fourth, ``rooms10``, stands for Taskonomy in TransNAS-Bench-101's tasks: the ten shapes again, but
small, shifted and with little noise, so that the room around them can be made out as well.
Colours, lighting, scene and pose are drawn independently of the class, so that no colour histogram
or global texture decides it: the shape must be recognised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nascast.images.base import ImageSet, ImageSetError
from nascast.images.scenes_blocks import BLOCK, Block, assemble, to_bytes, uniform
from nascast.images.scenes_render import (
    CLUTTER_SEGMENT,
    LAYOUT_LIMIT,
    OBJECT_SEGMENT,
    SCENE_TYPES,
    Canvas,
    Objects,
    Rooms,
    paint_objects,
    paint_rooms,
    shrink,
    take_first,
)
from nascast.images.scenes_shapes import PATTERNS, SILHOUETTES, Field

_SUPERSAMPLING = 2


@dataclass(frozen=True)
class SceneSpec:
    """What the scenes of one set look like; ranges are (low, high) of a uniform draw.

    Attributes:
        name: registered name of the set.
        fine: whether the surface pattern is part of the class (50 classes) or varies freely (10).
        scale: object radius in image coordinates (the image is 2 wide).
        shift: largest displacement of the object from the middle, in image coordinates.
        rotation: largest rotation to either side, in radians.
        contrast: distance of the object's colour from the scene's, in [0, 1].
        pattern_contrast: distance between the two colours of a surface pattern.
        frequency: periods of the pattern in one object radius.
        clutter: small objects of any shape behind the object.
        occluders: small objects of any shape before the object.
        noise: standard deviation of the pixel noise on the scale [0, 1].
    """

    name: str
    fine: bool
    scale: tuple[float, float] = (0.5, 0.85)
    shift: float = 0.25
    rotation: float = 0.5
    contrast: tuple[float, float] = (0.35, 0.6)
    pattern_contrast: tuple[float, float] = (0.2, 0.45)
    frequency: tuple[float, float] = (0.9, 1.2)
    clutter: int = 2
    clutter_contrast: tuple[float, float] = (0.1, 0.3)
    occluders: int = 0
    noise: float = 0.08

    @property
    def num_classes(self) -> int:
        """Number of classes: 10 shapes, or 50 shapes with patterns."""
        return len(SILHOUETTES) * (len(PATTERNS) if self.fine else 1)


SCENES: dict[str, SceneSpec] = {
    "scenes10": SceneSpec("scenes10", fine=False, contrast=(0.4, 0.7), noise=0.16, clutter=3),
    "scenes50": SceneSpec(
        "scenes50",
        fine=True,
        scale=(0.65, 0.95),
        shift=0.12,
        rotation=0.25,
        contrast=(0.6, 0.85),
        pattern_contrast=(0.6, 0.95),
        frequency=(0.7, 0.9),
        noise=0.12,
        clutter=1,
    ),
    "scenes50hard": SceneSpec(
        "scenes50hard",
        fine=True,
        scale=(0.65, 0.95),
        shift=0.12,
        rotation=0.25,
        contrast=(0.55, 0.85),
        pattern_contrast=(0.6, 0.95),
        frequency=(0.7, 0.9),
        noise=0.14,
        clutter=3,
        occluders=1,
    ),
    "rooms10": SceneSpec(
        "rooms10",
        fine=False,
        scale=(0.3, 0.55),
        shift=0.45,
        contrast=(0.35, 0.6),
        clutter=1,
        noise=0.04,
    ),
}


def make_scenes(
    name: str,
    size: int = 16,
    train: int = 16384,
    validation: int = 1024,
    test: int = 4096,
    seed: int = 0,
    dense: bool = False,
) -> ImageSet:
    """Make one of the :data:`SCENES`.

    Image ``i`` of a part depends on the name, the size, the seed and ``i`` alone: a larger set
    begins with the smaller one.

    Args:
        name: key of :data:`SCENES`.
        size: height and width in pixels.
        train: number of training images besides the validation part.
        validation: number of validation images.
        test: number of test images.
        seed: which of the endlessly many sets of this name.
        dense: also return, for every image, ``segmentation`` (uint8, (n, H, W)), ``normals``
            (float16, (n, 3, H, W)), ``layout`` (float32, (n, 6)) and ``scene`` (int64, (n,)).

    Raises:
        ImageSetError: for an unknown name or a size below 4 pixels.
    """
    if name not in SCENES:
        raise ImageSetError(f"unknown scenes {name!r}; there are {', '.join(SCENES)}")
    return render_set(SCENES[name], size, train, validation, test, seed, dense)


def render_set(
    spec: SceneSpec, size: int, train: int, validation: int, test: int, seed: int, dense: bool
) -> ImageSet:
    """Make the set of a spec; see :func:`make_scenes` for the arguments."""
    if size < 4:
        raise ImageSetError(f"{spec.name}: scenes need at least 4 pixels a side, got {size}")
    return assemble(
        spec.name,
        spec.num_classes,
        {"train": train, "validation": validation, "test": test},
        ("scenes", spec.name, seed),
        lambda part, rng, count: _render_block(spec, size, rng, count, dense),
    )


def _render_block(
    spec: SceneSpec, size: int, rng: np.random.Generator, count: int, dense: bool
) -> Block:
    # The parameters are drawn for the whole block, so that the first images do not depend on count.
    rooms = _draw_rooms(rng)
    base = rooms.colours.mean(axis=1)
    item = _draw_item(spec, rng, base)
    behind = [_draw_clutter(spec, rng, base, item) for _ in range(spec.clutter)]
    before = [_draw_clutter(spec, rng, base, item) for _ in range(spec.occluders)]
    rooms, item = take_first(rooms, count), take_first(item, count)
    canvas = paint_rooms(rooms, size * _SUPERSAMPLING)
    for objects in (*behind, item, *before):
        paint_objects(canvas, take_first(objects, count), rooms.light)
    canvas = shrink(canvas, _SUPERSAMPLING)
    noise = rng.standard_normal(canvas.colour.shape, dtype=np.float32) * np.float32(spec.noise)
    labels = item.shape * len(PATTERNS) + item.pattern if spec.fine else item.shape
    block: Block = {"images": to_bytes(canvas.colour + noise), "labels": labels}
    return block | (_dense_targets(canvas, rooms) if dense else {})


def _dense_targets(canvas: Canvas, rooms: Rooms) -> Block:
    return {
        "segmentation": canvas.segment,
        "normals": np.ascontiguousarray(canvas.normal.transpose(0, 3, 1, 2)).astype(np.float16),
        "layout": np.clip(rooms.layout, -LAYOUT_LIMIT, LAYOUT_LIMIT),
        "scene": rooms.scene_type,
    }


def _draw_rooms(rng: np.random.Generator) -> Rooms:
    kind = rng.integers(len(SCENE_TYPES), size=BLOCK)
    vanishing = uniform(rng, -0.35, 0.35, 2)
    width = np.where(kind == 1, uniform(rng, 0.12, 0.3), uniform(rng, 0.45, 0.8))
    height = np.where(kind == 1, uniform(rng, 0.12, 0.3), uniform(rng, 0.35, 0.65))
    width = np.where(kind == 2, 0.01, np.where(kind == 3, 50, width))
    height = np.where(kind == 3, 0.01, height)
    layout = np.stack(
        [
            vanishing[:, 0] - width,
            vanishing[:, 1] - height,
            vanishing[:, 0] + width,
            vanishing[:, 1] + height,
            vanishing[:, 0],
            vanishing[:, 1],
        ],
        axis=1,
    ).astype(np.float32)
    base = uniform(rng, 0.15, 0.5, 1, 3)
    colours = base + uniform(rng, -0.1, 0.1, 5, 3)
    light = np.concatenate([uniform(rng, -1, 1, 2), uniform(rng, 0.5, 1.5, 1)], axis=1)
    light /= np.linalg.norm(light, axis=1, keepdims=True)
    return Rooms(kind, layout, colours, uniform(rng, 0.08, 0.2), light)


def _brighter(rng: np.random.Generator, colour: Field, contrast: tuple[float, float]) -> Field:
    """Tinted colours that are brighter than ``colour`` in every channel, clipped to [0, 1].

    Objects are always the brighter ones: were they darker as often, a network would first have to
    learn that the sign of an edge means nothing, and short trainings would differ mostly in when
    they find out.
    """
    step = uniform(rng, 0.2, 1, 3)
    step *= uniform(rng, *contrast, 1) / step.max(axis=1, keepdims=True)
    brighter: Field = np.clip(colour + step, 0, 1)
    return brighter


def _draw_item(spec: SceneSpec, rng: np.random.Generator, base: Field) -> Objects:
    shape = rng.integers(len(SILHOUETTES), size=BLOCK)
    first = _brighter(rng, base, spec.contrast)
    second = first * (1 - uniform(rng, *spec.pattern_contrast, 1))
    return Objects(
        shape=shape,
        pattern=rng.integers(len(PATTERNS), size=BLOCK),
        frequency=uniform(rng, *spec.frequency),
        centre=uniform(rng, -spec.shift, spec.shift, 2),
        scale=uniform(rng, *spec.scale),
        aspect=uniform(rng, 0.8, 1.25),
        rotation=uniform(rng, -spec.rotation, spec.rotation),
        colours=np.stack([first, second], axis=1),
        opacity=np.ones(BLOCK, dtype=np.float32),
        segment=OBJECT_SEGMENT + shape,
    )


def _draw_clutter(spec: SceneSpec, rng: np.random.Generator, base: Field, item: Objects) -> Objects:
    colour = _brighter(rng, base, spec.clutter_contrast)
    return Objects(
        shape=rng.integers(len(SILHOUETTES), size=BLOCK),
        pattern=np.zeros(BLOCK, dtype=np.int64),
        frequency=np.ones(BLOCK, dtype=np.float32),
        centre=uniform(rng, -0.9, 0.9, 2),
        scale=item.scale * uniform(rng, 0.25, 0.45),
        aspect=uniform(rng, 0.7, 1.4),
        rotation=uniform(rng, -3.1416, 3.1416),
        colours=np.stack([colour, colour], axis=1),
        opacity=uniform(rng, 0.5, 1.0),
        segment=np.full(BLOCK, CLUTTER_SEGMENT),
    )
