"""Channel counts of networks whose widths are rounded to a multiple, at any scale."""

from __future__ import annotations

from dataclasses import dataclass

# The multiple of the published mobile networks.
PUBLISHED_DIVISOR = 8


def make_divisible(value: float, divisor: int = PUBLISHED_DIVISOR) -> int:
    """Return the multiple of ``divisor`` next to ``value`` that is not more than 10% below it.

    Source: Sandler et al. 2018, "MobileNetV2", in the authors' released code; at least one
    ``divisor`` is returned.
    """
    nearest = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * value else nearest


@dataclass(frozen=True, slots=True)
class Widths:
    """The widths of a published network at another scale.

    All of them are multiplied by ``channels / published``. The multiple they are rounded to
    shrinks along, in powers of two from 8 down to 1: rounded to 8, the small networks of different
    width multipliers or expansion ratios would be the same.

    Attributes:
        channels: width of the stem as built.
        published: width of the published stem.
    """

    channels: int
    published: int

    @property
    def divisor(self) -> int:
        """The multiple that widths are rounded to: 8 at the published scale and above."""
        shrunken = max(1, PUBLISHED_DIVISOR * self.channels // self.published)
        return min(PUBLISHED_DIVISOR, 1 << shrunken.bit_length() - 1)

    def scale(self, width: int) -> int:
        """Return the built width of a layer that is published with ``width`` channels."""
        return self.round(width * self.channels / self.published)

    def round(self, width: float) -> int:
        """Return the multiple next to a width that is already to scale."""
        return make_divisible(width, self.divisor)
