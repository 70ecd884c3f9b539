"""How SNAP's network reads a graph and is trained: what the paper states, and what it leaves open.

Source: "SNAP", section 3.3 and the first lines of section 4; Kipf and Welling 2017 for the layer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Target = Literal["accuracy", "rank"]
Adjacency = Literal["forward", "backward", "undirected", "both"]
Readout = Literal["global", "mean", "sum", "mean_sum"]
Loss = Literal["mse", "pairwise"]


@dataclass(frozen=True, slots=True)
class SnapSettings:
    """One recipe. The defaults are the paper's, and where it says nothing, the field's.

    Attributes:
        target: what is learned: the accuracy in [0, 1], or its quantile among the training cells.
        adjacency: whom a node reads: what it reads in the network (forward), what reads it
            (backward), either with the same weights (undirected) or with weights of their own
            (both).
        normalised: whether edges count ``D^-1/2 (A + I) D^-1/2``, Equation 2, or one each.
        loops: whether a node reads itself (the ``I`` above).
        readout: the added node that reads all others, or the mean, the sum or both over nodes.
        layers: graph convolutions.
        width: of each.
        batch_size: cells in a batch.
        epochs: passes over the training cells.
        learning_rate: of AdamW, at the start.
        weight_decay: of AdamW.
        decay_share: share of the epochs between two falls of the learning rate. The paper's 40 of
            150, so that a short training goes through the same.
        decay: what it is multiplied by.
        loss: squared error of each cell, or log loss of the order of each pair in a batch.
    """

    target: Target = "accuracy"
    adjacency: Adjacency = "undirected"
    normalised: bool = True
    loops: bool = True
    readout: Readout = "mean"
    layers: int = 3
    width: int = 64
    batch_size: int = 128
    epochs: int = 150
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    decay_share: float = 40 / 150
    decay: float = 0.1
    loss: Loss = "mse"

    @property
    def decay_every(self) -> int:
        """Epochs between two falls of the learning rate."""
        return max(1, round(self.decay_share * self.epochs))

    @property
    def directions(self) -> int:
        """How many sets of weights a layer has."""
        return 2 if self.adjacency == "both" else 1

    @property
    def pooled(self) -> int:
        """How many vectors of ``width`` the read-out joins."""
        return 2 if self.readout == "mean_sum" else 1


PAPER = SnapSettings()
# What the public code of TG-NAS, SNAP's predecessor by the same authors, does.
TG_NAS = replace(
    PAPER,
    adjacency="forward",
    normalised=False,
    readout="global",
    batch_size=128,
    weight_decay=1e-2,
)
PRESETS = {"paper": PAPER, "tg_nas": TG_NAS}
