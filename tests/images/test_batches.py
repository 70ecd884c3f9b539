"""The order of images: whole passes, fixed by the seed, independent of how long it goes on."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from nascast.images.batches import image_order


@given(count=st.integers(1, 40), steps=st.integers(1, 12), batch_size=st.integers(1, 9))
def test_every_whole_pass_holds_every_image_once(count: int, steps: int, batch_size: int) -> None:
    order = image_order(count, steps, batch_size, seed=1)
    assert order.shape == (steps, batch_size)
    flat = order.flatten()
    for start in range(0, len(flat) - count + 1, count):
        assert sorted(flat[start : start + count].tolist()) == list(range(count))
    assert len(set(flat[:count].tolist())) == min(count, len(flat))


def test_longer_trainings_begin_as_shorter_ones() -> None:
    assert torch.equal(image_order(10, 9, 4, seed=3)[:4], image_order(10, 4, 4, seed=3))


def test_seeds_differ_and_the_global_generator_is_not_used() -> None:
    torch.manual_seed(0)
    first = image_order(50, 2, 10, seed=3)
    torch.manual_seed(1)
    assert torch.equal(first, image_order(50, 2, 10, seed=3))
    assert not torch.equal(first, image_order(50, 2, 10, seed=4))
