from __future__ import annotations

import math

from tests.ranking.shown import context, looked_at, makers

from nascast.ranking.shortcuts import Flops, Macs, Params


def test_sizes_are_those_counted_by_hand() -> None:
    networks = looked_at(makers(3, 10))
    for ranker, wanted in (
        (Params(), [193 * 3 + 4 * 4, 193 * 10 + 11 * 4]),
        (Macs(), [192 * 3 + 3 * 4, 192 * 10 + 10 * 4]),
        (Flops(), [2 * (192 * 3 + 3 * 4), 2 * (192 * 10 + 10 * 4)]),
    ):
        scored = ranker.score(networks, context())
        assert [outcome.score for outcome in scored.outcomes] == wanted
        assert all(math.isnan(outcome.uncertainty) for outcome in scored.outcomes)
        assert scored.predictor == ranker.name
