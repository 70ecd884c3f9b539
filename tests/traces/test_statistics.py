from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.traces.reference import reference_statistics
from torch import Tensor

from nascast.traces.statistics import (
    OVERFLOW,
    STATISTICS,
    WIDTH,
    statistic_length,
    tensor_statistics,
)

INDEX = {name: position for position, name in enumerate(STATISTICS)}
SHAPES = [
    (16, 8, 3, 3),  # convolution, more rows than are kept
    (4, 3, 3, 3),  # convolution, fewer rows
    (8, 8, 1, 1),  # 1x1 convolution: rows of one number
    (5, 7, 1, 3),
    (10, 32),  # linear weight
    (3, 150),  # more indices of the last axis than are kept
    (10,),  # linear bias
    (1,),
    (1, 1, 1, 1),
]
sides = st.integers(1, 9)
shapes = st.one_of(
    st.tuples(sides, sides, st.integers(1, 5), st.integers(1, 5)),
    st.tuples(sides, st.integers(1, 120)),
    st.tuples(st.integers(1, 120)),
)


def draw(shape: tuple[int, ...], seed: int = 0, scale: float = 1.0, shift: float = 0.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator) * scale + shift


def statistics_of(tensor: Tensor) -> np.ndarray:
    return tensor_statistics([tensor])[0].numpy()


def assert_agree(tensor: Tensor) -> None:
    expected = reference_statistics(tensor.numpy())
    np.testing.assert_allclose(statistics_of(tensor), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("shape", SHAPES)
def test_agree_with_numpy_and_scipy(shape: tuple[int, ...]) -> None:
    assert_agree(draw(shape, scale=0.3, shift=0.1))


@settings(max_examples=60, deadline=None)
@given(shape=shapes, seed=st.integers(0, 99), shift=st.sampled_from([0.0, -2.0, 5.0]))
def test_agree_on_any_shape(shape: tuple[int, ...], seed: int, shift: float) -> None:
    assert_agree(draw(shape, seed, shift=shift))


@settings(max_examples=40, deadline=None)
@given(
    shape=shapes,
    seed=st.integers(0, 99),
    share=st.sampled_from([0.1, 0.5, 0.9]),
    hole=st.sampled_from([np.nan, np.inf, -np.inf]),
)
def test_non_finite_numbers_are_left_out(
    shape: tuple[int, ...], seed: int, share: float, hole: float
) -> None:
    tensor = draw(shape, seed)
    mask = torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < share
    assert_agree(tensor.masked_fill(mask, hole))


@settings(max_examples=40, deadline=None)
@given(value=st.floats(-(2.0**99), 2.0**99, width=32), shape=shapes)
def test_constant_tensors_have_no_spread_and_no_shape(value: float, shape: tuple[int, ...]) -> None:
    found = statistics_of(torch.full(shape, value))
    flat = {name: found[INDEX[name], 0] for name in STATISTICS}
    assert flat["mean"] == flat["median"] == flat["max"] == flat["min"] == np.float32(value)
    for name in ("variance", "std", "covariance", "skewness", "kurtosis"):
        assert not found[INDEX[name]].any(), name
    assert (found[INDEX["percentiles"], :5] == np.float32(value)).all()


def test_tiny_numbers_keep_their_shape_while_squares_underflow() -> None:
    usual, tiny = draw((8, 4, 3, 3)), draw((8, 4, 3, 3)) * 2.0**-100
    one, other = statistics_of(usual), statistics_of(tiny)
    for name in ("skewness", "kurtosis"):
        np.testing.assert_allclose(other[INDEX[name]], one[INDEX[name]], rtol=1e-6)
    np.testing.assert_allclose(other[INDEX["std"]], one[INDEX["std"]] * 2.0**-100, rtol=1e-6)
    assert not other[INDEX["variance"]].any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0])
def test_nothing_but_zeros_or_holes_gives_zeros(value: float) -> None:
    assert not statistics_of(torch.full((4, 3, 3, 3), value)).any()


def test_results_beyond_float32_become_the_overflow_value() -> None:
    tensor = torch.tensor([[3e38, -3e38, 3e38], [3e38, 3e38, 3e38]])
    found = statistics_of(tensor)
    assert found[INDEX["variance"], 0] == np.float32(OVERFLOW)
    assert found[INDEX["l1_norm"], 0] == np.float32(OVERFLOW)
    assert found[INDEX["max"], 0] == np.float32(3e38)
    assert found[INDEX["min"], 0] == np.float32(-3e38)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_lengths_tell_what_is_defined(shape: tuple[int, ...]) -> None:
    found = statistics_of(draw(shape).abs() + 1)
    for name, position in INDEX.items():
        length = statistic_length(name, shape)
        assert 1 <= length <= WIDTH
        assert not found[position, length:].any()
        if name in ("mean", "max", "l1_norm", "l2_norm", "percentiles"):
            assert found[position, :length].all()


def test_a_batch_gives_what_each_tensor_gives_alone() -> None:
    tensors = [draw(shape, seed) for seed in range(3) for shape in SHAPES]
    together = tensor_statistics(tensors)
    assert together.shape == (len(tensors), len(STATISTICS), WIDTH)
    assert together.dtype == torch.float32
    alone = torch.stack([tensor_statistics([tensor])[0] for tensor in tensors])
    torch.testing.assert_close(together, alone, rtol=1e-6, atol=0)


def test_memory_format_and_precision_do_not_matter() -> None:
    tensor = draw((8, 4, 3, 3))
    expected = tensor_statistics([tensor])
    last = tensor.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(tensor_statistics([last]), expected, rtol=1e-6, atol=0)
    torch.testing.assert_close(tensor_statistics([tensor.double()]), expected, rtol=0, atol=0)


@pytest.mark.parametrize("tensor", [torch.tensor(1.0), torch.empty(0, 3)])
def test_tensors_without_axes_or_elements_are_refused(tensor: Tensor) -> None:
    with pytest.raises(ValueError, match=r"tensor 1 has shape .* at least one axis and one"):
        tensor_statistics([draw((2, 2)), tensor])


def test_no_tensor_is_refused() -> None:
    with pytest.raises(ValueError, match="no Conv2d or Linear layer"):
        tensor_statistics([])


def test_nothing_is_read_on_the_host() -> None:
    # The meta device has no data: a value read on the host would fail there.
    tensors = [torch.empty(shape, device="meta") for shape in SHAPES]
    assert tensor_statistics(tensors).shape == (len(SHAPES), len(STATISTICS), WIDTH)


@pytest.mark.gpu
def test_cuda_agrees_with_the_cpu() -> None:
    tensors = [draw(shape, seed) for seed in range(2) for shape in SHAPES]
    tensors.append(torch.tensor([[1.0, np.nan], [np.inf, 2.0]]))
    on_device = tensor_statistics([tensor.cuda() for tensor in tensors])
    assert on_device.device.type == "cuda"
    torch.testing.assert_close(on_device.cpu(), tensor_statistics(tensors), rtol=1e-5, atol=1e-7)


@pytest.mark.gpu
def test_cuda_never_waits_for_the_device(without_cuda_sync: Callable[[], None]) -> None:
    tensors = [draw(shape).cuda() for shape in SHAPES]
    without_cuda_sync()
    assert tensor_statistics(tensors).device.type == "cuda"
