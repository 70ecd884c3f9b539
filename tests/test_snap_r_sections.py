"""SNAP-R's settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from nascast.snap_r_sections import (
    Candidate,
    InternalShift,
    MemberChoice,
    Mixtures,
    SnapRSelection,
)

CANDIDATE = Candidate(members=[MemberChoice(kind="ridge")])


def test_a_recipe_reads_structure_and_size_unless_told_otherwise() -> None:
    assert CANDIDATE.keep == ["count:.*", "path:.*", "walk:.*", "shape:.*", "size:relative"]


def test_no_more_shifts_can_be_the_worst_than_there_are() -> None:
    shift = InternalShift(column="count:conv", low=1, high=2, directions=["up"])
    with pytest.raises(ValidationError, match="worst is 5, but there are 1 shifts"):
        SnapRSelection(candidates={"a": CANDIDATE}, shifts={"s": shift})


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValidationError, match="kind"):
        MemberChoice.model_validate({"kind": "oracle"})


def test_mixtures_add_every_sum_in_every_share() -> None:
    ridge = MemberChoice(kind="ridge")
    mixtures = Mixtures(
        learned={"two": [ridge, ridge]}, sums={"size": ["size:relative", "size:macs"]}, shares=[0.2]
    )
    found = mixtures.candidates
    assert list(found) == ["sum_size", "two_and_size_20"]
    members = found["two_and_size_20"].members
    assert [member.kind for member in members] == ["ridge", "ridge", "sum"]
    # The sum has a fifth of the weight of all learned members together.
    assert [member.weight for member in members] == [1, 1, 0.4]
    assert members[2].reads == ["size:relative|size:macs"]
