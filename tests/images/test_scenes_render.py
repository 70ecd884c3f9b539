"""The renderer on hand-made scenes whose picture can be worked out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nascast.images.scenes_render import (
    Canvas,
    Objects,
    Rooms,
    paint_objects,
    paint_rooms,
    pixel_grid,
    shrink,
    take_first,
)
from nascast.images.scenes_shapes import SILHOUETTES

HEAD_ON = np.array([[0, 0, 1]], dtype=np.float32)


def room() -> Rooms:
    """One room: back wall within +-0.5, vanishing point in the middle, light from the viewer."""
    return Rooms(
        scene_type=np.array([0]),
        layout=np.array([[-0.5, -0.5, 0.5, 0.5, 0, 0]], dtype=np.float32),
        colours=np.full((1, 5, 3), 0.4, dtype=np.float32),
        texture=np.array([0.1], dtype=np.float32),
        light=HEAD_ON,
    )


def thing(shape: str, **changes: object) -> Objects:
    objects = Objects(
        shape=np.array([list(SILHOUETTES).index(shape)]),
        pattern=np.array([0]),
        frequency=np.ones(1, dtype=np.float32),
        centre=np.zeros((1, 2), dtype=np.float32),
        scale=np.full(1, 0.6, dtype=np.float32),
        aspect=np.ones(1, dtype=np.float32),
        rotation=np.zeros(1, dtype=np.float32),
        colours=np.full((1, 2, 3), 0.8, dtype=np.float32),
        opacity=np.ones(1, dtype=np.float32),
        segment=np.array([5]),
    )
    return replace(objects, **changes)


def test_pixel_centres() -> None:
    x, y = pixel_grid(4)
    assert x[0, 0].tolist() == [-0.75, -0.25, 0.25, 0.75]
    assert np.array_equal(x[0].T, y[0])


def test_a_square_room_seen_from_its_middle() -> None:
    canvas = paint_rooms(room(), 16)
    segment = canvas.segment[0]
    assert (segment[4:12, 4:12] == 0).all()
    assert segment[8, 0] == 1
    assert segment[8, 15] == 2
    assert segment[0, 8] == 3
    assert segment[15, 8] == 4
    assert np.bincount(segment.ravel())[1:].tolist() == pytest.approx([48] * 4, abs=16)
    assert canvas.normal[0, 8, 0].tolist() == [1, 0, 0]


def test_light_from_the_viewer_brightens_the_back_wall_and_no_side_wall() -> None:
    canvas = paint_rooms(room(), 16)
    assert canvas.colour[0, 8, 8, 0] == pytest.approx(0.4 * 1.15 * 0.75, rel=1e-5)
    # the side wall at x = -15/16: ambient light, and 1 - 0.25 * 0.5 / (15/16) for its nearness
    assert canvas.colour[0, 8, 0, 0] == pytest.approx(0.4 * 0.45 * (1 - 0.25 * 8 / 15), rel=1e-5)


def test_an_opaque_square_covers_its_pixels_only() -> None:
    canvas = paint_rooms(room(), 32)
    before = canvas.colour.copy()
    paint_objects(canvas, thing("square"), HEAD_ON)
    half = 0.74 * 0.6
    x, y = pixel_grid(32)
    well_inside = np.maximum(abs(x), abs(y)) < half - 0.05
    well_outside = np.maximum(abs(x), abs(y)) > half + 0.05
    assert (canvas.segment[well_inside] == 5).all()
    assert (canvas.segment[well_outside] < 5).all()
    assert np.array_equal(canvas.colour[well_outside], before[well_outside])
    assert canvas.colour[0, 16, 16, 0] == pytest.approx(0.8 * 1.15, rel=1e-4)


def test_relief_normals_lean_outwards_on_a_disc() -> None:
    canvas = paint_rooms(room(), 64)
    paint_objects(canvas, thing("disc"), HEAD_ON)
    x, y = pixel_grid(64)
    rim = (canvas.segment == 5) & (np.hypot(x, y) > 0.3)
    x, y = np.broadcast_to(x, rim.shape)[rim], np.broadcast_to(y, rim.shape)[rim]
    normal = canvas.normal[rim]
    outward = (normal[:, 0] * x + normal[:, 1] * y) / np.hypot(x, y)
    assert (outward > 0.05).all()
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1, atol=1e-5)


def test_rotation_turns_the_bar() -> None:
    quarter = np.full(1, np.pi / 2, dtype=np.float32)
    lying, standing = paint_rooms(room(), 32), paint_rooms(room(), 32)
    paint_objects(lying, thing("bar"), HEAD_ON)
    paint_objects(standing, thing("bar", rotation=quarter), HEAD_ON)
    assert np.array_equal((lying.segment == 5)[0].T, (standing.segment == 5)[0])
    columns, rows = ((lying.segment == 5).any(axis=axis).sum() for axis in (1, 2))
    assert columns > 2 * rows


def test_transparent_objects_leave_no_trace() -> None:
    canvas = paint_rooms(room(), 16)
    before = canvas.colour.copy()
    paint_objects(canvas, thing("disc", opacity=np.zeros(1, dtype=np.float32)), HEAD_ON)
    assert np.array_equal(canvas.colour, before)
    assert (canvas.segment < 5).all()


def test_shrinking_averages_colour_and_samples_the_rest() -> None:
    colour = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    segment = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    small = shrink(Canvas(colour, segment, np.concatenate([colour] * 3, axis=3)), 2)
    assert small.colour[0, :, :, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert small.segment[0].tolist() == [[5, 7], [13, 15]]
    assert small.normal.shape == (1, 2, 2, 3)


def test_taking_the_first_cuts_every_parameter() -> None:
    two = Rooms(
        *(
            np.concatenate([value, value + 1])
            for value in (
                room().scene_type,
                room().layout,
                room().colours,
                room().texture,
                room().light,
            )
        )
    )
    assert np.array_equal(take_first(two, 1).layout, room().layout)
    assert len(take_first(two, 1).scene_type) == 1
