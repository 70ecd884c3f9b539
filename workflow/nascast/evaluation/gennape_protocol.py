"""GENNAPE's protocol: how networks are drawn, split and pruned, and which seed counts.

Source: GENNAPE, "NAS-Bench-101 Comparison" and "Transferability Prediction Error".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nascast.evaluation.splits import assign_folds
from nascast.seeds import derive_seed

SOURCE_NETWORKS = 50_000
SEEDS = 5
FINE_TUNING_NETWORKS = 50
_TENTHS = 10


@dataclass(frozen=True, slots=True)
class SourceSplit:
    """Networks of the source by arch_id, each part sorted.

    Attributes:
        train: eight tenths, to learn from.
        first_validation: one tenth, watched at every epoch.
        second_validation: one tenth, on which finished models are compared and reported.
    """

    train: tuple[str, ...]
    first_validation: tuple[str, ...]
    second_validation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FineTuningSplit:
    """Networks of a target family by arch_id.

    Attributes:
        sample: the networks that are fine-tuned on, in the order drawn.
        rest: all others, sorted: the held-out networks.
    """

    sample: tuple[str, ...]
    rest: tuple[str, ...]


def sample_source(
    arch_ids: Iterable[str], count: int = SOURCE_NETWORKS, seed: int = 0
) -> tuple[str, ...]:
    """Return ``count`` random networks, sorted; those of a smaller count are among them.

    Raises:
        ValueError: there are fewer networks.
    """
    return tuple(sorted(_shuffled("gennape-source", arch_ids, seed, count)[:count]))


def split_source(canonical_ids: Mapping[str, str], seed: int = 0) -> SourceSplit:
    """Split the source into training and two validation sets, 80/10/10.

    Isomorphic networks, which share a canonical id, share a part.

    Args:
        canonical_ids: canonical id of every arch_id.
        seed: of the split, which all training seeds share.

    Raises:
        ValueError: fewer than ten distinct networks.
    """
    folds = assign_folds(canonical_ids.values(), _TENTHS, seed)
    parts: dict[str, list[str]] = {"train": [], "first": [], "second": []}
    for arch_id in sorted(canonical_ids):
        parts[{0: "first", 1: "second"}.get(folds[canonical_ids[arch_id]], "train")].append(arch_id)
    return SourceSplit(tuple(parts["train"]), tuple(parts["first"]), tuple(parts["second"]))


def prune(
    arch_ids: Iterable[str], accuracies: Mapping[str, float], least: float
) -> tuple[str, ...]:
    """Return the networks of at least this accuracy, in the order given.

    The paper keeps those of 80% or more wherever Equation 5 is used. It makes every error smaller,
    also that of predicting the median: errors on pruned and on all networks are not comparable.
    """
    return tuple(arch_id for arch_id in arch_ids if accuracies[arch_id] >= least)


def split_fine_tuning(
    arch_ids: Collection[str], seed: int, count: int = FINE_TUNING_NETWORKS
) -> FineTuningSplit:
    """Draw the networks of one fine-tuning seed: they depend on the set of ids and the seed alone.

    So every method of a seed is given the same ones.

    Raises:
        ValueError: fewer than two networks would be left to rank.
    """
    drawn = _shuffled("gennape-fine-tuning", arch_ids, seed, count + 2)
    return FineTuningSplit(tuple(drawn[:count]), tuple(sorted(drawn[count:])))


def best_seed(correlations: Mapping[int, float]) -> int:
    """Return the seed with the highest rank correlation on the second validation set.

    Of equal ones the lowest; NaN loses to everything.

    Raises:
        ValueError: there is no seed.
    """
    if not correlations:
        raise ValueError("no seed was trained")
    ranked = {
        seed: value if value == value else float("-inf") for seed, value in correlations.items()
    }
    return min(ranked, key=lambda seed: (-ranked[seed], seed))


def _shuffled(purpose: str, arch_ids: Iterable[str], seed: int, needed: int) -> list[str]:
    """Return distinct ids in an order of hashes; ValueError if there are too few."""
    distinct = sorted(set(arch_ids), key=lambda name: (derive_seed(purpose, seed, name), name))
    if len(distinct) < needed:
        raise ValueError(f"{needed} networks are needed and there are {len(distinct)}: label more")
    return distinct
