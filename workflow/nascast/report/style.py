"""Colours of figures and pages: one palette, in a light and a dark version.

Figures are drawn in the light colours. :func:`themed` replaces each by a CSS variable, so that a
figure inside a page follows the reader's light or dark setting, while the same figure as a file
of its own stays plain. The hues stay apart (CIELAB distance of 15 or more, from each other and
from grey) for readers with each kind of dichromacy, as simulated by Machado et al. (2009), and
have a contrast of at least 3:1 with the ground (WCAG 2.1, graphical objects).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nascast.seeds import derive_seed


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour with a role: its CSS variable and its value on light and on dark ground."""

    name: str
    light: str
    dark: str


INK: Final = Tone("ink", "#1c2330", "#e6e9ee")
MUTED: Final = Tone("muted", "#5c6675", "#939dab")
GRID: Final = Tone("grid", "#dfe3e8", "#333b47")
SURFACE: Final = Tone("surface", "#ffffff", "#161b22")

SERIES: Final = (
    Tone("series-1", "#e06a00", "#f0714f"),
    Tone("series-2", "#13328f", "#5b78ff"),
    Tone("series-3", "#0a5440", "#5cf0a8"),
    Tone("series-4", "#d069c4", "#f3dcf4"),
    Tone("series-5", "#8d3200", "#f0b429"),
    Tone("series-6", "#1f7ae8", "#53b4f5"),
)
"""Hues of lines and points, the most distinct first."""

QUANTILES: Final = (
    Tone("quantile-1", "#123c6e", "#ffe27a"),
    Tone("quantile-2", "#2f5486", "#d9bd6c"),
    Tone("quantile-3", "#5a6b80", "#a9a08a"),
    Tone("quantile-4", "#8b7748", "#7c8fae"),
    Tone("quantile-5", "#b88d00", "#5b82d6"),
)
"""An order from best to worst: lightness falls or rises steadily, from blue to amber."""

OPERATION_TONES: Final = {
    "convolution": SERIES[5],
    "depthwise": SERIES[1],
    "linear": SERIES[4],
    "pool": SERIES[2],
    "join": SERIES[3],
    "element": SERIES[0],
    "other": MUTED,
}
"""Colours of the operations in drawings of graphs, by kind; depthwise stands for separable too, and
``element`` for whatever works element by element, the identity included."""

TONES: Final = (INK, MUTED, GRID, SURFACE, *SERIES, *QUANTILES)

_SOLID, _DASHED, _DOTTED, _DASHDOT = "-", (0, (5, 2)), (0, (1, 1.6)), (0, (6, 2, 1, 2))
Dash = str | tuple[int, tuple[float, ...]]
_DASHES: Final[tuple[Dash, ...]] = (_SOLID, _DASHED, _DASHDOT, _DOTTED)
_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True, slots=True)
class MethodStyle:
    """How a method looks in every figure: colour, dash pattern and marker (Matplotlib's names)."""

    tone: Tone
    dash: Dash
    marker: str


_METHODS: Final = {
    "nap2": MethodStyle(SERIES[0], _SOLID, "o"),
    "nap2-lstm": MethodStyle(SERIES[0], _DASHED, "s"),
    "nap2-x": MethodStyle(SERIES[3], _SOLID, "D"),
    "forest (trace averages)": MethodStyle(SERIES[2], _SOLID, "^"),
    "forest (losses only)": MethodStyle(SERIES[2], _DASHED, "P"),
    "sotl": MethodStyle(SERIES[1], _DASHED, "^"),
    "sotl-e": MethodStyle(SERIES[1], _SOLID, "s"),
    "early stop (acc)": MethodStyle(SERIES[5], _SOLID, "v"),
    "early stop (loss)": MethodStyle(SERIES[5], _DASHED, "v"),
    "lce-m": MethodStyle(SERIES[5], _DASHDOT, "D"),
    "lc-pfn": MethodStyle(SERIES[1], _DASHDOT, "D"),
    "synflow": MethodStyle(SERIES[4], _SOLID, "P"),
    "gradnorm": MethodStyle(SERIES[4], _DASHED, "P"),
    "snip": MethodStyle(SERIES[4], _DASHDOT, "P"),
    "params": MethodStyle(MUTED, _DASHED, "X"),
    "macs": MethodStyle(MUTED, _DOTTED, "X"),
    "effective params": MethodStyle(MUTED, _SOLID, "X"),
    "convolutions": MethodStyle(MUTED, _DASHDOT, "X"),
    "convs per path": MethodStyle(MUTED, (0, (8, 2)), "X"),
    "bananas": MethodStyle(SERIES[1], _SOLID, "s"),
    "gcn (white)": MethodStyle(SERIES[3], _SOLID, "D"),
    "gp": MethodStyle(SERIES[5], _SOLID, "v"),
    "ngboost": MethodStyle(SERIES[2], _DASHED, "^"),
    "rf": MethodStyle(SERIES[4], _DASHDOT, "P"),
    "xgboost": MethodStyle(SERIES[0], _SOLID, "o"),
    "random search": MethodStyle(MUTED, _DASHED, "X"),
    "regularised evolution": MethodStyle(INK, _DOTTED, "X"),
}


def method_style(name: str) -> MethodStyle:
    """Return the look of a method, the same in every figure whatever else is drawn there.

    Methods without a look of their own get one from a hash of their name, so that adding a
    method never changes another one's colour.
    """
    fixed = _METHODS.get(name.casefold())
    if fixed is not None:
        return fixed
    choice = derive_seed("method-style", name)
    choice, hue = divmod(choice, len(SERIES))
    choice, dash = divmod(choice, len(_DASHES))
    return MethodStyle(SERIES[hue], _DASHES[dash], _MARKERS[choice % len(_MARKERS)])


def css_variables(dark: bool) -> str:
    """Return the palette as declarations of CSS variables, for light or dark ground."""
    return " ".join(f"--{tone.name}: {tone.dark if dark else tone.light};" for tone in TONES)


_VARIABLES: Final = {tone.light: f"var(--{tone.name}, {tone.light})" for tone in TONES}
_LIGHT_COLOUR: Final = re.compile(r"(?:" + "|".join(_VARIABLES) + r")\b")


def themed(declarations: str) -> str:
    """Return CSS declarations with palette colours as variables, the light colour as fallback."""
    return _LIGHT_COLOUR.sub(lambda match: _VARIABLES[match.group()], declarations)
