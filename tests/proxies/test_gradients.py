import pytest
import torch
from torch import Tensor

from nascast.proxies import gradients
from nascast.proxies.gradients import gradients_or_zeros, gram_matrix


def test_a_scalar_that_depends_on_nothing_has_zero_gradients() -> None:
    weight = torch.ones(2, 3, requires_grad=True)
    (found,) = gradients_or_zeros(torch.tensor(1.0), [weight])
    assert torch.equal(found, torch.zeros(2, 3))


def test_gradients_are_zero_where_a_scalar_does_not_depend_on_a_weight() -> None:
    used, idle = torch.tensor([2.0], requires_grad=True), torch.ones(2, requires_grad=True)
    first, second = gradients_or_zeros((3 * used).sum(), [used, idle])
    assert first.tolist() == [3.0]
    assert second.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("most_numbers", [1, 8, 2**20])
def test_gram_matrix_does_not_depend_on_the_room_it_is_given(most_numbers: int) -> None:
    weights = [torch.ones(shape, requires_grad=True) for shape in ((2,), (3,), (2, 2))]
    inputs = torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]])
    values = inputs[:, 0] * weights[0].sum() + inputs[:, 1] * weights[1].sum()
    values = values + inputs[:, 2] * weights[2].sum()
    # Weight k has the gradient inputs[:, k], and there are 2, 3 and 4 of them.
    expected = [[2 * 1 + 3 * 4 + 4 * 9, -3 * 2 + 4 * 3], [-3 * 2 + 4 * 3, 3 * 1 + 4 * 1]]
    assert gram_matrix(values, weights, most_numbers).tolist() == expected


def test_gram_matrix_holds_as_many_gradients_as_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = [torch.ones(size, requires_grad=True) for size in (2, 3, 1, 4, 9)]
    together: list[list[int]] = []

    def watch(value: Tensor, group: list[Tensor], keep: bool) -> list[Tensor]:
        together.append([weight.numel() for weight in group])
        return gradients_or_zeros(value, group, keep)

    monkeypatch.setattr(gradients, "gradients_or_zeros", watch)
    gram_matrix(torch.stack([weight.sum() for weight in weights[:2]]), weights, most_numbers=10)
    # Two scalars: five gradients of each at a time, but never a part of a weight.
    assert together == [[2, 3], [2, 3], [1, 4], [1, 4], [9], [9]]


def test_gram_matrix_of_constants_is_zero() -> None:
    weights = [torch.ones(2, requires_grad=True)]
    assert gram_matrix(torch.ones(3), weights).tolist() == torch.zeros(3, 3).tolist()
