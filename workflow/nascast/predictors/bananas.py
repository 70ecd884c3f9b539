"""An ensemble of deep and narrow networks on the path encoding."""

from __future__ import annotations

from typing import ClassVar

from nascast.predictors.mlp import MLP


class BANANAS(MLP):
    """The mean of three networks like :class:`MLP`'s, on the path encoding."""

    name: ClassVar[str] = "BANANAS"
    needs: ClassVar[frozenset[str]] = frozenset({"path"})
    reference: ClassVar[str] = "White et al. 2021, BANANAS, as White et al. 2021 compare it"
    members: ClassVar[int] = 3
