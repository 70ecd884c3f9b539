"""Colours are legible on their ground and stay apart for colour-blind readers."""

import itertools

import numpy as np
import pytest

from nascast.report import style
from nascast.report.style import MUTED, SERIES, SURFACE, method_style, themed

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(first: str, second: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted((linear(first) @ weights, linear(second) @ weights))
    return float((high + 0.05) / (low + 0.05))


@pytest.mark.parametrize("ground", ["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_hues_stay_apart(ground: str, vision: str) -> None:
    seen = [lab(VISION[vision] @ linear(getattr(tone, ground))) for tone in (*SERIES, MUTED)]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 15


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_contrast_with_the_ground(ground: str) -> None:
    surface = getattr(SURFACE, ground)
    for tone in (*SERIES, *style.QUANTILES):
        assert contrast(getattr(tone, ground), surface) >= 3.0, tone
    for tone in (style.INK, MUTED):
        assert contrast(getattr(tone, ground), surface) >= 4.5, tone


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_quantile_colours_are_ordered_by_lightness(ground: str) -> None:
    lightness = np.array([lab(linear(getattr(tone, ground)))[0] for tone in style.QUANTILES])
    steps = np.diff(lightness)
    assert (np.sign(steps) == np.sign(steps[0])).all()
    assert np.abs(steps).min() > 3


def test_tones_have_distinct_names_and_light_colours() -> None:
    assert len({tone.name for tone in style.TONES}) == len(style.TONES)
    assert len({tone.light for tone in style.TONES}) == len(style.TONES)
    assert all(tone.light == tone.light.lower() for tone in style.TONES)


def test_every_method_of_the_tables_has_its_own_look() -> None:
    from nascast.tables.nap2 import ROWS

    looks = {method_style(row.name) for row in ROWS}
    assert len(looks) == len(ROWS)


def test_an_unknown_method_keeps_its_look() -> None:
    assert method_style("A method of mine") == method_style("A method of mine")
    many = {method_style(f"method {index}") for index in range(100)}
    assert len(many) > 40


def test_themed_replaces_palette_colours_only() -> None:
    after = themed(f"fill: {SERIES[0].light}; stroke: #123456; stroke-width: 2")
    assert after == f"fill: var(--series-1, {SERIES[0].light}); stroke: #123456; stroke-width: 2"


def test_css_variables_hold_every_tone() -> None:
    for dark in (False, True):
        text = style.css_variables(dark)
        assert all(
            f"--{tone.name}: {tone.dark if dark else tone.light};" in text for tone in style.TONES
        )
