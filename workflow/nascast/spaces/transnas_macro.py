"""TransNAS-Bench-101, macro-level search space: where a network widens and where it shrinks.

Source: Duan et al. 2021, "TransNAS-Bench-101: Improving Transferability and Generalizability of
Cross-Task Neural Architecture Search", section 3.2. A spec is the benchmark's own string, for
example ``64-1234-basic``: base channels, a digit a module, and the block.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from nascast.networks.transnas import plan_residual_block, plan_skeleton
from nascast.spaces.base import Architecture, CellGraph, NetworkScale, check_space
from nascast.spaces.planned import PlannedSpace

if TYPE_CHECKING:
    import numpy as np

    from nascast.networks.plan import Plan

# What a module's first block does, in the order of the benchmark's digits 1 to 4.
OPERATIONS = (
    "normal", "double_channels", "halve_resolution", "double_channels_halve_resolution",
)  # fmt: skip
LENGTHS = range(4, 7)
HALVINGS = range(1, 5)
DOUBLINGS = range(1, 4)


class TransNASMacro(PlannedSpace):
    """The macro space of TransNAS-Bench-101: 3,256 chains of modules of residual blocks.

    A chain has 4 to 6 modules; 1 to 4 of them halve the resolution, 1 to 3 double the channels.
    """

    name: str = "transnas_macro"
    operations: tuple[str, ...] = OPERATIONS
    size: int = 3_256
    published: NetworkScale = NetworkScale(channels=64, repeats=2, stem_stride=2)
    published_image_size: int = 256

    def sample(self, rng: np.random.Generator) -> Architecture:
        """Draw uniformly from all 3,256, as the benchmark's random search does."""
        return self.parse(_write(_chains()[int(rng.integers(self.size))]))

    def enumerate(self) -> Iterator[Architecture]:
        """Yield all 3,256, short ones first, the last module varying fastest."""
        for modules in _chains():
            yield self.parse(_write(modules))

    def parse(self, spec: str) -> Architecture:
        """Read the benchmark's string.

        Raises:
            ValueError: names the part that is wrong and what was expected there.
        """
        problem = _problem(_read(spec))
        if problem:
            raise ValueError(f"TransNAS macro spec {spec!r} {problem}")
        return Architecture(self.name, spec, spec)

    def modules(self, arch: Architecture) -> str:
        """Return the digits of the modules."""
        check_space(self, arch)
        return _read(arch.spec)

    def neighbours(self, arch: Architecture) -> Iterator[Architecture]:
        """Yield the chains with one module of another kind, one more or one fewer."""
        modules = self.modules(arch)
        changed: set[str] = set()
        for position in range(len(modules) + 1):
            before, after = modules[:position], modules[position:]
            changed |= {f"{before}{digit}{after}" for digit in "1234"}
            changed |= {f"{before}{digit}{after[1:]}" for digit in ("", *"1234")}
        for other in sorted(changed - {modules}):
            if _problem(other) is None:
                yield self.parse(_write(other))

    def cell_graph(self, arch: Architecture) -> CellGraph:
        """Return the chain of modules."""
        modules = [OPERATIONS[int(digit) - 1] for digit in self.modules(arch)]
        edges = tuple((i, i + 1) for i in range(len(modules) + 1))
        return CellGraph(("input", *modules, "output"), edges)

    def backbone(self, plan: Plan, images: int, arch: Architecture, scale: NetworkScale) -> int:
        """Append stem and modules; ``stem_stride`` is that of both convolutions of the stem."""
        return plan_skeleton(
            plan, images, self.modules(arch), plan_residual_block,
            scale.channels, scale.repeats, scale.stem_stride,
        )  # fmt: skip


@cache
def _chains() -> tuple[str, ...]:
    """Return the modules of all architectures."""
    digits = (itertools.product("1234", repeat=length) for length in LENGTHS)
    chains = ("".join(modules) for modules in itertools.chain(*digits))
    return tuple(modules for modules in chains if _problem(modules) is None)


def _problem(modules: str) -> str | None:
    """Return what is wrong with a chain, or None."""
    if len(modules) not in LENGTHS:
        return f"has {len(modules)} modules, expected 4 to 6"
    halvings = sum(digit in "34" for digit in modules)
    if halvings not in HALVINGS:
        return f"halves the resolution in {halvings} modules (3 and 4), expected 1 to 4"
    doublings = sum(digit in "24" for digit in modules)
    if doublings not in DOUBLINGS:
        return f"doubles the channels in {doublings} modules (2 and 4), expected 1 to 3"
    return None


def _write(modules: str) -> str:
    return f"64-{modules}-basic"


def _read(spec: str) -> str:
    parts = spec.split("-")
    if len(parts) != 3 or parts[0] != "64" or parts[2] != "basic":
        raise ValueError(
            f"TransNAS macro spec {spec!r} does not read '64-MODULES-basic': "
            "base channels, a digit a module, the block"
        )
    unknown = sorted(set(parts[1]) - set("1234"))
    if unknown:
        raise ValueError(
            f"TransNAS macro spec {spec!r} has the modules {', '.join(map(repr, unknown))}; "
            "choose of 1 to 4: " + ", ".join(OPERATIONS)
        )
    return parts[1]
