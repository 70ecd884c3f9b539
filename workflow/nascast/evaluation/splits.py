"""Folds and training subsets by identity: no order, shard or addition of seeds changes them.

The protocol of NAP2's public code: four folds, each once the test set; a predictor trains on
networks drawn from the other three, 80% to fit and 20% to validate (early stopping).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nascast.seeds import derive_seed

# A fraction such as 0.2 is not exact in binary: 5 * 0.2 must still complete one whole network.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Split:
    """The networks of one fold and seed, by ``arch_id``.

    Attributes:
        train: networks a predictor fits, in the order drawn.
        validation: networks it may watch while it fits, in the order drawn.
        test: every network of the test fold, sorted.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]

    @property
    def train_size(self) -> int:
        """Labelled networks really used: ``train`` and ``validation`` together."""
        return len(self.train) + len(self.validation)


def assign_folds(canonical_ids: Iterable[str], k: int = 4, seed: int = 0) -> dict[str, int]:
    """Give every canonical id one of ``k`` folds.

    Ids are ordered by a hash of ``(seed, id)`` and dealt out in turn, so the result depends on
    the set of ids alone, fold sizes differ by at most one, and isomorphic networks, which share
    a canonical id, share the fold. A larger set of ids deals anew.

    Raises:
        ValueError: for fewer than two folds, or fewer distinct ids than folds.
    """
    distinct = sorted(set(canonical_ids), key=lambda name: (derive_seed("folds", seed, name), name))
    if k < 2:
        raise ValueError(f"cross-validation needs at least 2 folds, got {k}")
    if len(distinct) < k:
        raise ValueError(
            f"{len(distinct)} distinct networks cannot fill {k} folds; label more networks or use "
            "fewer folds"
        )
    return {name: position % k for position, name in enumerate(distinct)}


def split_fold(
    canonical_ids: Mapping[str, str],
    folds: Mapping[str, int],
    fold: int,
    train_size: int,
    *,
    validation_fraction: float = 0.2,
    seed: int = 0,
) -> Split:
    """Return the train, validation and test networks of one fold and seed.

    Training networks are drawn outside the test fold in the order of a hash of
    ``(seed, canonical id)``, one network of each isomorphism class, so subsets of one seed are
    nested over ``train_size``, in the training part and in the validation part. Where fewer are
    available all are used; the number is then the same for every fold, namely what the fold with
    the fewest can give, so that one cell of a table never mixes sizes (see ``Split.train_size``).

    Args:
        canonical_ids: canonical id of every ``arch_id`` that may be used.
        folds: fold of every canonical id, from :func:`assign_folds`.
        fold: the test fold.
        train_size: labelled networks to use, train and validation together (300 = 240 + 60).
        validation_fraction: share of them kept for validation, in [0, 1).
        seed: training seed; it chooses the subset, never the folds.

    Raises:
        ValueError: for an id without fold, an unknown fold, or sizes out of range.
    """
    _check_request(canonical_ids, folds, fold, train_size, validation_fraction)
    candidates = _representatives(canonical_ids, folds, fold)
    order = sorted(candidates, key=lambda name: (derive_seed("train-subset", seed, name), name))
    drawn = [candidates[name] for name in order[: _capped(train_size, canonical_ids, folds)]]
    held_out = [_completes_network(position, validation_fraction) for position in range(len(drawn))]
    return Split(
        train=tuple(name for name, held in zip(drawn, held_out, strict=True) if not held),
        validation=tuple(name for name, held in zip(drawn, held_out, strict=True) if held),
        test=tuple(sorted(a for a, canonical in canonical_ids.items() if folds[canonical] == fold)),
    )


def _check_request(
    canonical_ids: Mapping[str, str],
    folds: Mapping[str, int],
    fold: int,
    train_size: int,
    validation_fraction: float,
) -> None:
    homeless = sorted(arch for arch, canonical in canonical_ids.items() if canonical not in folds)
    if homeless:
        raise ValueError(
            f"{len(homeless)} networks have no fold, first {homeless[0]}; pass all canonical ids "
            "to assign_folds"
        )
    if fold not in set(folds.values()):
        raise ValueError(f"fold {fold} does not exist; there are {sorted(set(folds.values()))}")
    if train_size < 1:
        raise ValueError(f"train_size must be at least 1, got {train_size}")
    if not 0 <= validation_fraction < 1:
        raise ValueError(f"validation_fraction must be in [0, 1), got {validation_fraction}")


def _representatives(
    canonical_ids: Mapping[str, str], folds: Mapping[str, int], test_fold: int
) -> dict[str, str]:
    """One network, the smallest id, of each canonical id outside the test fold."""
    chosen: dict[str, str] = {}
    for arch in sorted(canonical_ids):
        canonical = canonical_ids[arch]
        if folds[canonical] != test_fold:
            chosen.setdefault(canonical, arch)
    return chosen


def _capped(train_size: int, canonical_ids: Mapping[str, str], folds: Mapping[str, int]) -> int:
    present = set(canonical_ids.values())
    sizes = dict.fromkeys(folds.values(), 0)
    for canonical in present:
        sizes[folds[canonical]] += 1
    return min(train_size, len(present) - max(sizes.values()))


def _completes_network(position: int, fraction: float) -> bool:
    """Whether the draw at this 0-based position fills up the next whole validation network."""
    return math.floor((position + 1) * fraction + _ROUNDING) > math.floor(
        position * fraction + _ROUNDING
    )
