"""SNAP-R: members on features that mean the same in every space, their standardised scores added.

Ours; see ``docs/decisions.md``. A network is scored by itself: nothing of the networks that are
ranked together with it has a say. Scores of another model, such as SNAP's graph network, join as
one more member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from nascast.predictors.snap_r.boosted import BoostedRanker, BoostedTrees
from nascast.predictors.snap_r.columns import choose
from nascast.predictors.snap_r.members import Features, Forest, LinearRidge, Member, Network
from nascast.predictors.snap_r.scales import Floats, Standardiser, uniform_ranks
from nascast.seeds import derive_seed

KINDS: Mapping[str, type[Member]] = {
    kind.name: kind for kind in (BoostedTrees, BoostedRanker, Forest, LinearRidge, Network)
}
"""The kinds of members by name."""

DEAD = "shape:dead"
# All libraries take seeds of 31 bits.
_SEEDS = 2**31
_NOTHING: Mapping[str, Floats] = {}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a SNAP-R is made of.

    Attributes:
        members: the kind and the changed settings of each.
        keep: patterns of the features that are read; see
            :func:`nascast.predictors.snap_r.columns.choose`.
        drop: patterns of those that are left out of them.
        target: ``rank`` among the training networks, or the ``raw`` label.
    """

    members: tuple[tuple[str, Mapping[str, float]], ...]
    keep: tuple[str, ...]
    drop: tuple[str, ...] = ()
    target: Literal["rank", "raw"] = "rank"


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
    _chosen: list[int] = field(default_factory=list, init=False)
    _members: list[tuple[Member, Standardiser]] = field(default_factory=list, init=False)
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
        self._chosen = choose(self.columns, recipe.keep, recipe.drop)
        names = [self.columns[place] for place in self._chosen]
        target = uniform_ranks(labels) if recipe.target == "rank" else labels
        own = features[:, self._chosen]
        self._members = []
        for number, (kind, changes) in enumerate(recipe.members):
            member = _create(kind, changes)
            seed = derive_seed("snap_r", kind, number, self.seed) % _SEEDS
            member.fit(own, target, names, seed)
            self._members.append((member, Standardiser(member.score(own))))
        self._joined = {name: Standardiser(scores) for name, scores in joined.items()}

    def score(self, features: Features, joined: Mapping[str, Floats] = _NOTHING) -> Floats:
        """Return the mean standardised score of each network, ``(n,)``; ``-inf`` if it is dead.

        Raises:
            ValueError: ``joined`` names other models than in :meth:`fit`.
        """
        if set(joined) != set(self._joined):
            raise ValueError(
                f"scores of {sorted(joined)} are given, but those of {sorted(self._joined)} "
                "were learned with"
            )
        own = features[:, self._chosen]
        scores = [scale(member.score(own)) for member, scale in self._members]
        scores += [scale(joined[name]) for name, scale in self._joined.items()]
        mean: Floats = np.mean(scores, axis=0)
        if DEAD in self.columns:
            mean[features[:, list(self.columns).index(DEAD)] > 0] = -np.inf
        return mean


def _create(kind: str, changes: Mapping[str, Any]) -> Member:
    if kind not in KINDS:
        raise ValueError(f"unknown kind of member {kind!r}; choose one of {', '.join(KINDS)}")
    return KINDS[kind](changes)
