from __future__ import annotations

import numpy as np
from tests.predictors.observed import make_observations

from nascast.predictors.ordering import by_identity


def test_any_order_becomes_one_and_rows_stay_whole() -> None:
    seen = make_observations(9, seed=0)
    shuffled = seen.take(np.random.default_rng(0).permutation(9))
    one, other = by_identity(seen), by_identity(shuffled)
    assert one.arch_ids == other.arch_ids == tuple(sorted(seen.arch_ids))
    labels = dict(zip(seen.arch_ids, seen.require_labels(), strict=True))
    assert other.require_labels().tolist() == [labels[name] for name in other.arch_ids]
    np.testing.assert_array_equal(one.feature("val_acc"), other.feature("val_acc"))
