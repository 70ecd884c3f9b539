from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional

from nascast.graphs.windows import PoolWindow, conv_window, pool_window

SIZES = st.integers(1, 40)


@pytest.mark.parametrize(
    ("read", "written", "kernel", "stride", "padding"),
    [
        (32, 32, 3, 1, 1),
        (32, 16, 3, 2, 1),
        (33, 17, 1, 2, 0),
        (1, 1, 3, 1, 1),
        # LeNet's, which has no padding, and patches (of strides 15 and 16 that which is usual).
        (32, 28, 5, 1, 0),
        (224, 14, 16, 16, 0),
        # Of strides 4 to 7, which all leave two pixels of eight, the smallest.
        (8, 2, 3, 4, 1),
    ],
)
def test_windows_of_convolutions(
    read: int, written: int, kernel: int, stride: int, padding: int
) -> None:
    window = conv_window((read, 20), (written, 20), (kernel, 1))
    assert window == ((stride, 1), (padding, 0))


@pytest.mark.parametrize(("written", "kernel"), [(9, 3), (7, 3), (0, 3), (5, 8)])
def test_no_window_of_a_convolution_fits(written: int, kernel: int) -> None:
    assert conv_window((8, 8), (written, 8), (kernel, 1)) is None


@given(size=SIZES, stride=st.integers(1, 5), kernel=st.integers(0, 4), side=SIZES)
def test_same_convolutions_get_a_window_that_writes_as_much(
    size: int, stride: int, kernel: int, side: int
) -> None:
    kernel = 2 * kernel + 1
    weight = torch.empty(1, 1, kernel, 1, device="meta")
    images = torch.empty(1, 1, size, side, device="meta")
    made = functional.conv2d(images, weight, None, stride, (kernel // 2, 0)).shape[2:]
    window = conv_window((size, side), (made[0], made[1]), (kernel, 1))
    assert window is not None
    assert functional.conv2d(images, weight, None, *window).shape[2:] == made
    assert max(window[0]) <= stride, "of strides that fit, the smallest"
    assert window[1] == (kernel // 2, 0)


@pytest.mark.parametrize(
    ("read", "written", "window"),
    [
        ((8, 8), (8, 8), PoolWindow(3, 1, 1)),
        ((8, 8), (4, 4), PoolWindow(2, 2, 0)),
        ((7, 7), (3, 3), PoolWindow(2, 2, 0)),
        ((7, 7), (4, 4), PoolWindow(3, 2, 1)),
        ((12, 12), (3, 3), PoolWindow(4, 4, 0)),
        ((7, 7), (1, 1), PoolWindow(7, 7, 0)),
        ((1, 1), (1, 1), PoolWindow(3, 1, 1)),
        ((8, 4), (4, 2), PoolWindow(2, 2, 0)),
        ((8, 8), (9, 9), None),
        ((8, 8), (4, 8), None),
        ((8, 8), (0, 0), None),
    ],
)
def test_windows_of_pools(
    read: tuple[int, int], written: tuple[int, int], window: PoolWindow | None
) -> None:
    assert pool_window(read, written) == window


@given(size=SIZES, kernel=st.sampled_from([2, 3]), stride=st.integers(2, 4), ceil=st.booleans())
def test_pools_that_shrink_get_a_window_that_writes_as_much(
    size: int, kernel: int, stride: int, ceil: bool
) -> None:
    """Of the usual ones, at least as wide as their stride and padded to keep the size at 1."""
    # A padded window that hangs over, as SqueezeNet's, may write what no other one does.
    assume((kernel == 3 and not ceil) or kernel == stride == 2)
    images = torch.empty(1, 1, size, size, device="meta")
    padding = (kernel - 1) // 2
    assume(size + 2 * padding >= kernel)
    made = functional.avg_pool2d(images, kernel, stride, padding, ceil).shape[2]
    window = pool_window((size, size), (made, made))
    assert window is not None
    again = functional.avg_pool2d(images, window.kernel, window.stride, window.padding)
    assert again.shape[2] == made
