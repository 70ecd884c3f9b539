from __future__ import annotations

import torch
from tests.graphs.counted import meta

from nascast.graphs.inputs import OpenInputs


def opened(tensor: torch.Tensor) -> OpenInputs:
    inputs = OpenInputs()
    inputs.add(4, tensor)
    return inputs


def test_a_view_tells_where_the_channels_of_an_input_are() -> None:
    images = meta(2, 5, 7, 3)
    assert opened(images).settle(4, images, 1) == (4, images, 1)
    assert opened(images).settle(4, images.permute(0, 3, 1, 2), 1) == (4, images, 3)
    assert opened(images).settle(4, images.flatten(0, 2), 1) == (4, images, 3)
    signals = meta(1, 1, 9)
    # The batch looks like the only channel, and is not it.
    assert opened(signals).settle(4, signals.unsqueeze(2), 1) == (4, signals, 1)


def test_an_input_is_told_once() -> None:
    images = meta(2, 5, 7, 3)
    inputs = opened(images)
    inputs.follow(4, images, 6, torch.empty_like(images))
    assert inputs.settle(4, images, 3) is not None
    assert inputs.settle(4, images, 1) is None
    assert inputs.settle(6, images, 1) is None


def test_flattened_images_say_nothing_and_go_on_waiting() -> None:
    images = meta(1, 1, 28, 28)
    inputs = opened(images)
    assert inputs.settle(4, images.flatten(1), 1) is None
    assert inputs.settle(4, images, 1) == (4, images, 1)


def test_what_is_made_entry_by_entry_stands_for_the_input() -> None:
    images, scaled = meta(2, 5, 7, 3), meta(2, 5, 7, 3)
    inputs = opened(images)
    inputs.follow(4, images, 6, scaled)
    again = meta(2, 5, 7, 3)
    inputs.follow(6, scaled, 8, again)
    assert inputs.settle(8, again.permute(0, 3, 1, 2), 1) == (4, images, 3)
    # Another shape or order of axes is none of the input's.
    inputs = opened(images)
    inputs.follow(4, images, 6, meta(2, 105))
    inputs.follow(4, images.transpose(1, 2), 7, meta(2, 7, 5, 3))
    inputs.follow(5, images, 8, scaled)
    assert [inputs.settle(number, scaled, 1) for number in (6, 7, 8)] == [None] * 3
