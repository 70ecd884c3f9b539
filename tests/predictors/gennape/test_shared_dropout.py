from __future__ import annotations

import torch

from nascast.predictors.gennape.shared_dropout import SharedDropout

GROUP = torch.tensor([0, 0, 0, 1, 1])


def test_a_number_is_dropped_from_all_rows_of_a_group() -> None:
    torch.manual_seed(0)
    dropped = SharedDropout(0.25)(torch.ones(5, 400), GROUP, 2)
    assert torch.equal(dropped[0], dropped[1])
    assert torch.equal(dropped[0], dropped[2])
    assert torch.equal(dropped[3], dropped[4])
    assert not torch.equal(dropped[0], dropped[3])
    assert set(dropped.unique().tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert 0.15 < (dropped == 0).float().mean() < 0.35


def test_nothing_is_dropped_outside_of_training() -> None:
    values = torch.randn(5, 8)
    assert torch.equal(SharedDropout(0.5).eval()(values, GROUP, 2), values)
    assert torch.equal(SharedDropout(0.0)(values, GROUP, 2), values)
