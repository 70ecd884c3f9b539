from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nascast.graphs.storages import Storages, region_of, storage_key


class Log:
    """Numbers what is put together, from 100."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def __call__(self, tensor: Tensor, numbers: tuple[int, ...]) -> int:
        self.seen.append(numbers)
        return 99 + len(self.seen)


def made(*shape: int) -> tuple[Storages, Tensor, Log]:
    log = Log()
    storages, tensor = Storages(log), torch.empty(shape, device="meta")
    storages.made(tensor, 1)
    return storages, tensor, log


def test_views_show_what_was_written_last() -> None:
    storages, tensor, log = made(2, 4, 3)
    view = tensor.transpose(1, 2)
    assert storages.operation(view) == 1
    storages.write(view, 5)
    assert storages.operation(tensor) == storages.operation(tensor[:, 1:]) == 5
    assert storages.home(view) is tensor
    assert not log.seen


def test_a_tensor_from_elsewhere_is_not_known() -> None:
    storages, tensor, _ = made(2)
    stranger = torch.empty(2, device="meta")
    assert tensor in storages
    assert stranger not in storages
    assert storage_key(tensor[1:]) == storage_key(tensor) != storage_key(stranger)
    with pytest.raises(KeyError):
        storages.operation(stranger)


def test_parts_are_kept_apart_until_something_reads_across() -> None:
    storages, tensor, log = made(2, 8, 3)
    first, second = tensor[:, :2], tensor[:, 2:5]
    storages.write(first, 5)
    storages.write(second, 6)
    storages.write(first, 7)
    assert storages.operation(first) == 7
    assert storages.operation(second) == 6
    assert storages.operation(tensor[:, 5:]) == 1
    assert not log.seen
    assert storages.operation(tensor[:, 1:3]) == 100
    assert log.seen == [(1, 7, 6)]
    assert storages.operation(first) == storages.operation(tensor) == 100


def test_a_part_over_another_puts_them_together_first() -> None:
    storages, tensor, log = made(8)
    storages.write(tensor[:4], 5)
    storages.write(tensor[2:6], 6)
    assert log.seen == [(1, 5)]
    assert storages.operation(tensor) == 101
    assert log.seen[1] == (100, 6)
    storages.write(tensor[:4], 7)
    storages.write(tensor, 8)
    assert storages.operation(tensor[:4]) == 8
    assert len(log.seen) == 2


@given(
    rows=st.integers(1, 3),
    cuts=st.lists(st.integers(0, 6), min_size=4, max_size=4),
    axis=st.integers(0, 2),
)
@settings(max_examples=200, deadline=None)
def test_slices_overlap_where_they_share_an_element(rows: int, cuts: list[int], axis: int) -> None:
    numbered = torch.arange(rows * 6 * 6).reshape(rows, 6, 6).transpose(0, axis)
    first, second = (
        numbered.narrow(axis, min(a, size - 1), max(1, min(b, size - min(a, size - 1))))
        for (a, b) in (cuts[:2], cuts[2:])
        for size in [numbered.shape[axis]]
    )
    shared = set(first.flatten().tolist()) & set(second.flatten().tolist())
    one, other = region_of(first), region_of(second)
    assert one.overlaps(other) == other.overlaps(one)
    assert one.overlaps(other) or not shared
    if one.strides == other.strides:
        assert one.overlaps(other) == bool(shared)
