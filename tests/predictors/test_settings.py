from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from nascast.predictors.settings import with_changes


@dataclass(frozen=True, slots=True)
class Published:
    epochs: int = 250
    rate: float = 3e-3


def test_changes_keep_the_kind_of_number() -> None:
    changed = with_changes(Published(), {"epochs": 40.0, "rate": 1}, "made")
    assert changed == Published(40, 1.0)
    assert isinstance(changed.epochs, int)
    assert isinstance(changed.rate, float)
    assert with_changes(Published(), {}, "made") == Published()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epoch": 3}, r"unknown made settings \['epoch'\]; there are epochs, rate"),
        ({"epochs": 3.5}, r"made settings \['epochs'\] must be whole numbers"),
    ],
)
def test_changes_that_cannot_be_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        with_changes(Published(), changes, "made")
