"""Settings of GENNAPE's heads, and the variants that its tables compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nascast.predictors.settings import with_changes


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """How a head is built, trained and fine-tuned; published unless said otherwise.

    Attributes:
        clusters: number of fuzzy clusters and of networks (16; classifiers 11).
        fuzzifier: how much the clusters overlap (4.0; classifiers 3.5).
        components: principal components of the embedding that are clustered (32).
        cluster_iterations, cluster_tolerance: when clustering ends (10,000 and 1e-9).
        width: units of each of the four hidden layers (256; classifiers 128).
        latent: numbers that a classifier makes of each network of a pair (16).
        epochs, batch_size, learning_rate: of training (40, 32, 1e-4), with Adam.
        tuning_epochs, tuning_batch: of fine-tuning (100 and 1), at the same rate.
        least_accuracy: networks below it are left out of training (0.8 with Equation 5, else 0).
    """

    clusters: int = 16
    fuzzifier: float = 4.0
    components: int = 32
    cluster_iterations: int = 10_000
    cluster_tolerance: float = 1e-9
    width: int = 256
    latent: int = 16
    epochs: int = 40
    batch_size: int = 32
    learning_rate: float = 1e-4
    tuning_epochs: int = 100
    tuning_batch: int = 1
    least_accuracy: float = 0.0


@dataclass(frozen=True, slots=True)
class Variant:
    """What a head is made of.

    Attributes:
        name: as in the paper's tables.
        pairwise: whether it judges pairs of networks, or estimates accuracies.
        clustered: whether fuzzy clusters weigh an ensemble of networks, or one network answers.
        by_flops: whether accuracies are transformed by Equation 5.
    """

    name: str
    pairwise: bool = False
    clustered: bool = False
    by_flops: bool = False


VARIANTS: Mapping[str, Variant] = {
    variant.name: variant
    for variant in (
        Variant("CL"),
        Variant("CL+T", by_flops=True),
        Variant("CL+FCM", clustered=True),
        Variant("CL+FCM+T", clustered=True, by_flops=True),
        Variant("CL+Pairwise", pairwise=True),
        Variant("CL+FCM+Pairwise", pairwise=True, clustered=True),
    )
}

QUICK: Mapping[str, float] = {"epochs": 4, "tuning_epochs": 10}
"""Changes for quick runs: fewer epochs."""

_CLASSIFIER: Mapping[str, float] = {"clusters": 11, "fuzzifier": 3.5, "width": 128}
_PRUNED = 0.8


def find_variant(name: str) -> Variant:
    """Return a variant by its name in the paper's tables.

    Raises:
        ValueError: there is no such variant.
    """
    try:
        return VARIANTS[name]
    except KeyError:
        raise ValueError(f"no GENNAPE head {name!r}; there are {', '.join(VARIANTS)}") from None


def head_settings(variant: Variant, changes: Mapping[str, float]) -> HeadSettings:
    """Return a variant's published settings with some of them changed.

    Raises:
        ValueError: for a name that is no setting, or a fraction where a whole number is needed.
    """
    own = dict(_CLASSIFIER) if variant.pairwise else {}
    if variant.by_flops:
        own["least_accuracy"] = _PRUNED
    return with_changes(HeadSettings(), own | dict(changes), variant.name)
