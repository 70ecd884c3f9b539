"""SemiNAS: NAO that labels unlabelled architectures itself and learns on.

Source: Luo et al. 2020, "Semi-Supervised Neural Architecture Search", section 3.2, with the
settings of White et al. 2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.nao import NAOSettings, TokenRegression
from nascast.predictors.network_regression import outputs_of


@dataclass(frozen=True, slots=True)
class SemiNASSettings(NAOSettings):
    """How the network is trained.

    Attributes:
        more_epochs: passes over training networks and those with pseudo-labels.
        pseudo: architectures with pseudo-labels for each training network, if there are so many.
        copies: of each training network beside them.
    """

    more_epochs: int = 50
    pseudo: int = 1
    copies: int = 10


class SemiNAS(TokenRegression[SemiNASSettings]):
    """NAO, then the same again with pseudo-labels of architectures drawn from the pool.

    Without a pool nothing gets a pseudo-label, and the copies of the training networks are all it
    learns on.
    """

    name: ClassVar[str] = "SemiNAS"
    reference: ClassVar[str] = "Luo et al. 2020, SemiNAS; settings of White et al. 2021"
    quick: ClassVar[Mapping[str, float]] = {"epochs": 30, "more_epochs": 5}
    published: ClassVar[SemiNASSettings] = SemiNASSettings()

    def __init__(self, seed: int = 0, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(seed, settings, self.published)

    def train_network(
        self, network: nn.Module, inputs: tuple[Tensor, ...], targets: Tensor, train: Observations
    ) -> None:
        """Learn the training networks, then these and those that the network labels itself."""
        settings, labelled = self.settings, inputs[0]
        self.minimise_both(network, labelled, targets, settings.epochs)
        drawn = self.draw(train, labelled)
        pseudo = torch.from_numpy(outputs_of(network, (drawn,))).float()
        everything = torch.cat([labelled.repeat(settings.copies, 1, 1), drawn])
        wanted = torch.cat([targets.repeat(settings.copies), pseudo])
        self.minimise_both(network, everything, wanted, settings.more_epochs)

    def draw(self, train: Observations, labelled: Tensor) -> Tensor:
        """Return unlabelled architectures of the pool, each at most once, as ``labelled`` ones."""
        pool = self.unlabelled(train.pool) if train.pool else labelled[:0]
        return pool[torch.randperm(len(pool))[: self.settings.pseudo * len(labelled)]]

    def unlabelled(self, pool: Mapping[str, Any]) -> Tensor:
        """Return all architectures of a pool as the network reads them."""
        return torch.from_numpy(np.asarray(pool["tokens"], dtype=np.float32))
