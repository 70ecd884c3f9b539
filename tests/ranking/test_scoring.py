from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import pytest
from tests.ranking.shown import SHAPE, context, looked_at, makers, mlp

from nascast.ranking.base import (
    Context,
    Need,
    Network,
    Outcome,
    Ranker,
    RankingError,
    Scored,
    Setting,
)
from nascast.ranking.candidates import Given, read_candidates
from nascast.ranking.scoring import Place, make_ranker, or_none, ordered, rank_candidates
from nascast.ranking.user_code import candidates_of_objects

SPEC = "conv1x1-bn-relu|11.1"
MICRO = "64-41414-1_01_012"


class ByName(Ranker):
    """Scores the number in a network's name; has seen NAS-Bench-201."""

    name = "by name"
    reference = "this test"

    def spaces_seen(self, context: Context) -> tuple[str, ...]:
        return ("nasbench201",)

    def score(self, networks: Sequence[Network], context: Context) -> Scored:
        outcomes = [
            Outcome(error="odd") if n.params % 2 else Outcome(float(n.params), reason="size")
            for n in networks
        ]
        return Scored(outcomes, self.name, "a note")


class NeedsSpecs(ByName):
    needs: ClassVar[frozenset[Need]] = frozenset({Need.SPECS})


class NeedsImages(ByName):
    needs: ClassVar[frozenset[Need]] = frozenset({Need.IMAGES})


def given(models: object) -> Given:
    return Given(candidates_of_objects(models, "models"), [])


def test_equal_scores_share_a_rank_and_stand_by_name() -> None:
    networks = looked_at({"b": mlp(3), "a": mlp(3), "c": mlp(8), "d": mlp(2)})
    places = [Place(0, n, float(n.params), math.nan, 0.0, "") for n in networks]
    found = [(place.rank, place.network.name) for place in ordered(places)]
    assert found == [(1, "c"), (2, "a"), (2, "b"), (4, "d")]
    assert [(p.rank, p.network.name) for p in ordered(places[::-1])] == found


def test_what_cannot_be_scored_becomes_a_failure() -> None:
    # An MLP of width w has 197 w + 4 parameters: odd for odd widths.
    ranking = rank_candidates(given(makers(2, 3, 4)), ByName(), Setting(SHAPE), context())
    assert [(place.rank, place.network.name) for place in ranking.places] == [
        (1, "mlp4"),
        (2, "mlp2"),
    ]
    assert [(f.name, f.error) for f in ranking.failures] == [("mlp3", "odd")]
    assert (ranking.requested, ranking.predictor, ranking.note) == ("by name", "by name", "a note")
    assert ranking.seconds > 0


def test_spaces_that_were_seen_are_said() -> None:
    cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
    setting = Setting(classes=10)
    read = read_candidates([f"nasbench201:{cell}", f"nasbench101:{SPEC}"], setting)
    ranking = rank_candidates(read, make_ranker("macs"), setting, context())
    assert not [place for place in ranking.places if "has seen" in place.reason]
    ranking = rank_candidates(read, ByName(), setting, context())
    reasons = {p.network.candidate.arch.space: p.reason for p in ranking.places}  # type: ignore[union-attr]
    assert reasons["nasbench201"] == "size; its checkpoint has seen labels of nasbench201"
    assert reasons["nasbench101"] == "size"
    assert ranking.spaces_seen == ("nasbench201",)


def test_a_space_of_the_same_topology_counts_as_seen() -> None:
    from nascast.ranking.scoring import _has_seen

    setting = Setting(classes=10)
    read = read_candidates([MICRO], setting, "transnas_micro")
    assert not read.failures
    (network,) = looked_at(makers(2))
    micro = replace(network, candidate=read.candidates[0])
    assert "has seen labels of nasbench201" in _has_seen(micro, ("nasbench201",))
    assert _has_seen(network, ("nasbench201",)) == ""


def test_needs_are_checked() -> None:
    with pytest.raises(RankingError, match="trains on your own images: give --data"):
        rank_candidates(given(makers(2)), NeedsImages(), Setting(SHAPE), context())
    ranking = rank_candidates(given(makers(2)), NeedsSpecs(), Setting(SHAPE), context())
    assert [f.error for f in ranking.failures] == ["by name needs a spec of a known space"]
    assert not ranking.places


def test_nan_is_none() -> None:
    assert or_none(math.nan) is None
    assert or_none(0.0) == 0.0
