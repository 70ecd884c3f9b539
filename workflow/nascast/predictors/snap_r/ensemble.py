"""SNAP-R: members on features that mean the same in every space, their standardised scores added.

Ours; see ``docs/decisions.md``. A network is scored by itself: nothing of the networks that are
ranked together with it has a say. Scores of another model, such as SNAP's graph network, join as
one more member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from nascast.predictors.snap_r.boosted import BoostedRanker, BoostedTrees
from nascast.predictors.snap_r.columns import choose
from nascast.predictors.snap_r.members import (
    ColumnSum,
    Features,
    Forest,
    LinearRidge,
    Member,
    Network,
)
from nascast.predictors.snap_r.scales import Floats, Standardiser, uniform_ranks
from nascast.seeds import derive_seed

KINDS: Mapping[str, type[Member]] = {
    kind.name: kind
    for kind in (BoostedTrees, BoostedRanker, Forest, LinearRidge, Network, ColumnSum)
}
"""The kinds of members by name."""

DEAD = "shape:dead"
# All libraries take seeds of 31 bits.
_SEEDS = 2**31
_NOTHING: Mapping[str, Floats] = {}


@dataclass(frozen=True, slots=True)
class Part:
    """One member of a recipe.

    Attributes:
        kind: one of :data:`KINDS`.
        settings: changes of its settings, by name.
        reads: patterns of the features that it reads out of the recipe's; all if empty.
        weight: of its standardised score in the mean.
    """

    kind: str
    settings: Mapping[str, float] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a SNAP-R is made of.

    Attributes:
        members: what is averaged.
        keep: patterns of the features that are read; see
            :func:`nascast.predictors.snap_r.columns.choose`.
        drop: patterns of those that are left out of them.
        target: ``rank`` among the training networks, or the ``raw`` label.
    """

    members: tuple[Part, ...]
    keep: tuple[str, ...]
    drop: tuple[str, ...] = ()
    target: Literal["rank", "raw"] = "rank"


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A member that has learned, the scale of its scores, the places of what it reads."""

    member: Member
    scale: Standardiser
    places: list[int]
    weight: float


@dataclass(slots=True)
class SnapR:
    """An ensemble after a recipe.

    Attributes:
        recipe: what it is made of.
        columns: names of the features that it is given; cells without a path, which the feature
            :data:`DEAD` marks, are ranked last.
        seed: decides what members draw.
    """

    recipe: Recipe
    columns: Sequence[str]
    seed: int = 0
    _members: list[_Fitted] = field(default_factory=list, init=False)
    _joined: dict[str, Standardiser] = field(default_factory=dict, init=False)

    def fit(
        self, features: Features, labels: Floats, joined: Mapping[str, Floats] = _NOTHING
    ) -> None:
        """Learn from labelled networks.

        Args:
            features: ``(n, len(columns))``.
            labels: ``(n,)``, higher is better.
            joined: scores that other models gave to the same networks, by model, each ``(n,)``.

        Raises:
            ValueError: a kind, a setting or a choice of features does not exist.
        """
        recipe = self.recipe
        chosen = choose(self.columns, recipe.keep, recipe.drop)
        names = [self.columns[place] for place in chosen]
        target = uniform_ranks(labels) if recipe.target == "rank" else labels
        self._members = []
        for part in recipe.members:
            own = choose(names, part.reads or (".*",), ())
            places = [chosen[place] for place in own]
            member = _create(part)
            # Of the member alone, so that it is the same in every recipe.
            changes = [f"{name}={value}" for name, value in sorted(part.settings.items())]
            seed = derive_seed("snap_r", part.kind, *changes, self.seed) % _SEEDS
            member.fit(features[:, places], target, [names[place] for place in own], seed)
            scale = Standardiser(member.score(features[:, places]))
            self._members.append(_Fitted(member, scale, places, part.weight))
        self._joined = {name: Standardiser(scores) for name, scores in joined.items()}

    def score(self, features: Features, joined: Mapping[str, Floats] = _NOTHING) -> Floats:
        """Return the weighted mean of each network's standardised scores, ``(n,)``.

        A dead network has ``-inf``.

        Raises:
            ValueError: ``joined`` names other models than in :meth:`fit`.
        """
        if set(joined) != set(self._joined):
            raise ValueError(
                f"scores of {sorted(joined)} are given, but those of {sorted(self._joined)} "
                "were learned with"
            )
        scores = [m.scale(m.member.score(features[:, m.places])) for m in self._members]
        scores += [scale(joined[name]) for name, scale in self._joined.items()]
        weights = [m.weight for m in self._members] + [1.0] * len(self._joined)
        mean: Floats = np.average(scores, axis=0, weights=weights)
        if DEAD in self.columns:
            mean[features[:, list(self.columns).index(DEAD)] > 0] = -np.inf
        return mean


def _create(part: Part) -> Member:
    if part.kind not in KINDS:
        raise ValueError(f"unknown kind of member {part.kind!r}; choose one of {', '.join(KINDS)}")
    return KINDS[part.kind](part.settings)
