import torch
from torch import Tensor, nn
from torch.nn import functional

from nascast.proxies.patterns import ActivationPatterns, PatternHash

VALUES = torch.tensor([[-2.0, -0.5, 0.0], [0.5, 2.0, 7.0]])


def seen_of(function: object) -> list[Tensor]:
    seen: list[Tensor] = []
    with ActivationPatterns(2, seen.append):
        function(VALUES.clone())  # type: ignore[operator]
    return seen


def test_sees_modules_functions_and_methods() -> None:
    expected = [[False, False, False], [True, True, True]]
    for function in (
        nn.ReLU(),
        nn.ReLU(inplace=True),
        nn.ReLU6(),
        nn.LeakyReLU(0.1),
        nn.SiLU(),
        functional.relu,
        functional.relu6,
        functional.gelu,
        torch.relu,
        Tensor.relu_,
    ):
        (found,) = seen_of(function)
        assert found.tolist() == expected, function


def test_a_hardtanh_bends_at_its_lower_bound() -> None:
    for function in (nn.Hardtanh(), lambda x: functional.hardtanh(x, -1.0)):
        (found,) = seen_of(function)
        assert found.tolist() == [[False, True, True], [True, True, True]]


def test_counts_units_and_leaves_results_alone() -> None:
    watcher = ActivationPatterns(2, lambda pattern: None)
    images = torch.arange(-6.0, 6.0).reshape(2, 1, 2, 3)
    with watcher:
        result = functional.relu(functional.relu(images) - 1)
        torch.sigmoid(result)
    assert watcher.units == 2 * 6
    assert torch.equal(result, (images.clamp(min=0) - 1).clamp(min=0))


def test_hashes_are_equal_where_all_patterns_are() -> None:
    generator = torch.Generator().manual_seed(0)
    patterns = torch.rand(200, 6, generator=generator) < 0.5
    found = PatternHash(200, torch.device("cpu"))
    found.add(patterns[:, :4])
    found.add(patterns[:, 4:])
    distinct = {tuple(row) for row in patterns.tolist()}
    pairs = {
        (tuple(row), tuple(value))
        for row, value in zip(patterns.tolist(), found.values.tolist(), strict=True)
    }
    assert 40 < len(distinct) == len(pairs) == len(found.values.unique(dim=0))
