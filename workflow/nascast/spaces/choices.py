"""Architectures as choices: draws, and the steps from one choice or depth to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")


def split_stages(values: Sequence[T], depths: Sequence[int]) -> tuple[tuple[T, ...], ...]:
    """Return a flat list of one value a block as one tuple a stage."""
    remaining = iter(values)
    return tuple(tuple(next(remaining) for _ in range(depth)) for depth in depths)


def draw(choices: Sequence[T], rng: np.random.Generator) -> T:
    """Draw one of the choices uniformly."""
    return choices[int(rng.integers(len(choices)))]


def replaced(values: tuple[T, ...], position: int, value: T) -> tuple[T, ...]:
    """Return ``values`` with another value at ``position``."""
    return (*values[:position], value, *values[position + 1 :])


def one_step(choices: Sequence[T], current: T) -> Iterator[T]:
    """Yield the choices just below and just above the current one."""
    for low, high in pairwise(choices):
        if current in (low, high):
            yield high if current == low else low


def stage_steps(
    stages: tuple[tuple[T, ...], ...], stage: int, depths: Sequence[int], blocks: Sequence[T]
) -> Iterator[tuple[tuple[T, ...], ...]]:
    """Yield the stages with one block less or more in one stage.

    The last block is taken away, or a last block is added: any of ``blocks``, so that each step
    has a step back.

    Args:
        stages: the blocks of every stage.
        stage: which one changes.
        depths: how many blocks it may have, ascending, one apart.
        blocks: what a block may be.
    """
    current = stages[stage]
    for depth in one_step(depths, len(current)):
        if depth < len(current):
            yield replaced(stages, stage, current[:-1])
        else:
            for block in blocks:
                yield replaced(stages, stage, (*current, block))
