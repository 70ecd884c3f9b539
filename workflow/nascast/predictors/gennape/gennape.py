"""GENNAPE: an ensemble that ranks networks of any family.

Source: GENNAPE (Mills et al. 2023), "Unseen Architecture Ranking Performance" and tables 5 to 10.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nascast.predictors.gennape.head import Head
from nascast.predictors.gennape.heads import create_head, restore_head
from nascast.predictors.gennape.labelled import LabelledNetworks
from nascast.predictors.gennape.member_scores import (
    kendall_taus,
    softmax_weights,
    weighted_mean,
)
from nascast.predictors.regression import Floats
from nascast.predictors.store import CheckpointError, load_tensors, rebuilding, save_tensors

HEADS = ("CL+FCM+T", "CL+T", "CL+FCM+Pairwise", "CL+Pairwise")
FLOPS = "FLOPs"
OUTSIDE = ("k-GNN",)
MEMBERS = (*HEADS, *OUTSIDE, FLOPS)


class Gennape:
    """The heads on one encoder's embeddings, and their average with FLOPs and others.

    Other members, the k-GNN, have no part in embeddings: their scores are handed over.

    Args:
        heads: fitted heads by their names.
        taus: Kendall's tau of every member on the fine-tuning networks; None zero-shot.
    """

    def __init__(self, heads: Mapping[str, Head], taus: Mapping[str, float] | None = None) -> None:
        self.heads = dict(heads)
        self.taus = None if taus is None else dict(taus)

    @classmethod
    def fit(
        cls,
        train: LabelledNetworks,
        validation: LabelledNetworks,
        seed: int,
        settings: Mapping[str, float] | None = None,
        names: Collection[str] = HEADS,
    ) -> Gennape:
        """Train heads on networks of the source; ``validation`` decides their epochs.

        Args:
            train: networks to train on.
            validation: the first validation set.
            seed: of all heads.
            settings: changes of each head's published settings, by name.
            names: which heads; the ensemble has four.

        Raises:
            ValueError: unknown names, or nothing to learn from.
        """
        return cls(
            {name: create_head(name, seed, settings).fit(train, validation) for name in names}
        )

    def member_scores(
        self,
        embeddings: NDArray[np.floating],
        gflops: Floats,
        others: Mapping[str, Floats] | None = None,
    ) -> dict[str, Floats]:
        """Return every member's own score of each network, ``(n,)``; higher is better.

        Args:
            embeddings: ``(n, width)``.
            gflops: ``(n,)``, in units of 1e9 operations.
            others: scores of members that do not stand on embeddings, such as ``k-GNN``.
        """
        scores = {name: head.predict(embeddings, gflops) for name, head in self.heads.items()}
        flops = {FLOPS: np.asarray(gflops, dtype=np.float64)}
        return {**scores, **(others or {}), **flops}

    def weights(self, names: Collection[str]) -> dict[str, float]:
        """Return the weights of some members; they sum to 1.

        Raises:
            ValueError: a member took no part in the fine-tuning.
        """
        if self.taus is None:
            return {name: 1 / len(names) for name in names}
        strange = sorted(set(names) - set(self.taus))
        if strange:
            raise ValueError(f"{strange} were not fine-tuned; there are {sorted(self.taus)}")
        return softmax_weights({name: self.taus[name] for name in names})

    def predict(
        self,
        embeddings: NDArray[np.floating],
        gflops: Floats,
        others: Mapping[str, Floats] | None = None,
        without: Collection[str] = (),
    ) -> Floats:
        """Return the ensemble's score of each network among the others, ``(n,)`` in [0, 1].

        Args:
            embeddings: ``(n, width)``.
            gflops: ``(n,)``.
            others: as for :meth:`member_scores`.
            without: members that are left out.
        """
        return self.combine(self.member_scores(embeddings, gflops, others), without)

    def combine(self, scores: Mapping[str, Floats], without: Collection[str] = ()) -> Floats:
        """Return the ensemble's scores from those of its members, see :meth:`predict`."""
        kept = {name: own for name, own in scores.items() if name not in without}
        return weighted_mean(kept, self.weights(kept))

    def fine_tune(
        self,
        sample: LabelledNetworks,
        seed: int,
        others: Mapping[str, Floats] | None = None,
    ) -> Gennape:
        """Return the ensemble after fine-tuning, weighted by the members' taus on the sample.

        Args:
            sample: published 50 networks of the target family.
            seed: decides the order of training.
            others: scores of the other members on the sample, after a fine-tuning of their own.
        """
        tuned = Gennape({name: head.fine_tune(sample, seed) for name, head in self.heads.items()})
        scores = tuned.member_scores(sample.embeddings, sample.gflops, others)
        tuned.taus = kendall_taus(scores, sample.accuracies)
        return tuned

    def save(self, path: Path, card: Mapping[str, Any], *, half: bool = False) -> None:
        """Write the heads, the taus and what a user must know of them to a safetensors file.

        Args:
            path: where to write.
            card: spaces seen, networks, seeds, rank correlations, protocol.
            half: whether the networks' parameters are kept in half precision, at half the size.
        """
        tensors, values = {}, {}
        for name, head in self.heads.items():
            own, values[name] = head.state()
            for key, tensor in own.items():
                small = half and tensor.dtype == torch.float32
                tensors[f"{name}:{key}"] = tensor.half() if small else tensor
        parts = {"heads": values, "taus": self.taus, "card": dict(card)}
        save_tensors(tensors, {key: json.dumps(part) for key, part in parts.items()}, path)


def load_gennape(path: Path) -> tuple[Gennape, dict[str, Any]]:
    """Read what :meth:`Gennape.save` wrote: the ensemble, ready to predict, and its card.

    Raises:
        CheckpointError: says what is wrong with the file.
    """
    tensors, metadata = load_tensors(path)
    missing = [key for key in ("heads", "taus", "card") if key not in metadata]
    if missing:
        raise CheckpointError(f"{path} holds no GENNAPE: it lacks {', '.join(missing)}")
    with rebuilding(path):
        heads = {
            name: restore_head(
                {
                    key.removeprefix(f"{name}:"): tensor
                    for key, tensor in tensors.items()
                    if key.startswith(f"{name}:")
                },
                values,
            )
            for name, values in json.loads(metadata["heads"]).items()
        }
        return Gennape(heads, json.loads(metadata["taus"])), json.loads(metadata["card"])
