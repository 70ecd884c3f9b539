"""Weight sharing: an architecture is ranked by how well it does with a supernet's weights.

White et al. 2021 train two supernets of the cell, one on all operations at once and one on random
single paths, and evaluate architectures with the weights that they inherit.
"""

from __future__ import annotations

from typing import ClassVar

from nascast.predictors.column_score import ColumnScore


class SupernetScore(ColumnScore):
    """Ranks architectures by their validation accuracy with inherited weights."""

    family: ClassVar[str] = "weight sharing"
    needs: ClassVar[frozenset[str]] = frozenset({"supernet"})
    feature: ClassVar[str] = "supernet"


class OneShot(SupernetScore):
    """With the weights of a supernet that was trained with all operations mixed."""

    name: ClassVar[str] = "OneShot"
    reference: ClassVar[str] = "Zela et al. 2020, 'NAS-Bench-1Shot1'; White et al. 2021"
    column: ClassVar[str] = "one_shot"


class RandomSearchWithSharing(SupernetScore):
    """With the weights of a supernet in which each mini-batch trained a random architecture."""

    name: ClassVar[str] = "RS-WS"
    reference: ClassVar[str] = "Li and Talwalkar 2019, 'Random Search and Reproducibility for NAS'"
    column: ClassVar[str] = "rs_ws"
