"""The folds of an experiment, from nothing but the pool that it traces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nascast.evaluation.splits import Split, assign_folds, split_fold
from nascast.labels.pool import label_pool
from nascast.spaces import registry as spaces


def experiment_split(
    space: str, networks: int, experiment: Mapping[str, Any], fold: int, seed: int
) -> Split:
    """Return the networks of one fold and seed; equal for every task of the experiment.

    Args:
        space: name of the search space.
        networks: size of the pool.
        experiment: settings with ``folds`` and ``train_size``.
        fold: the test fold.
        seed: the training seed, which also draws the training subset.
    """
    pool = label_pool(spaces.create(space), networks)
    canonical_ids = {arch.arch_id: arch.canonical_id for arch in pool}
    folds = assign_folds(canonical_ids.values(), experiment["folds"])
    return split_fold(canonical_ids, folds, fold, experiment["train_size"], seed=seed)
