"""OMNI-SemiNAS: SemiNAS that also reads what is known at the start of and early in training.

Source: White et al. 2021, "How Powerful are Performance Predictors in Neural Architecture Search?",
section 5, and NASLib's ``omni_seminas``: Jacobian covariance and SoTL-E are cut into bins, and one
token a bin, which says whether the value lies in it, continues the sequence of the cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nascast.predictors.base import Observations
from nascast.predictors.budget_regression import check_budget
from nascast.predictors.learning_curve import SoTLE
from nascast.predictors.omni import FEWEST_EPOCHS
from nascast.predictors.regression import Floats
from nascast.predictors.seminas import SemiNAS, SemiNASSettings

PROXY_BOUNDS = ((10, 1), (20, 2), (40, 3), (80, 5))
"""Up to how many training networks the proxy has how many bounds between its bins."""
MOST_BOUNDS = 9
NETWORKS_PER_BIN = 5
"""A loss has no more bins than a fifth of the training networks."""


@dataclass(frozen=True, slots=True)
class OmniSemiNASSettings(SemiNASSettings):
    """How the network is trained, and when it looks at a loss.

    Attributes:
        fewest_epochs: from so many on the training loss is looked at.
    """

    fewest_epochs: int = FEWEST_EPOCHS


class OmniSemiNAS(SemiNAS):
    """Encoder and decoder on the cell's tokens, the proxy's bin and the loss's bin.

    Where the loss is looked at nothing gets a pseudo-label, since unlabelled architectures have no
    loss; else they have their proxies. A value that is not finite lies in no bin.

    Args:
        steps_per_epoch: mini-batches that make one pass over the training images.
        seed: decides the initial weights, the batches and the dropout.
        settings: changes of the published ones.
    """

    name: ClassVar[str] = "OMNI-SemiNAS"
    family: ClassVar[str] = "hybrid"
    needs: ClassVar[frozenset[str]] = frozenset({"proxies", "step_losses", "tokens"})
    reference: ClassVar[str] = "White et al. 2021, section 5; Luo et al. 2020, SemiNAS"
    anytime: ClassVar[bool] = False
    published: ClassVar[SemiNASSettings] = OmniSemiNASSettings()

    def __init__(
        self, steps_per_epoch: int, seed: int = 0, settings: Mapping[str, float] | None = None
    ) -> None:
        super().__init__(seed, settings)
        self.steps_per_epoch = steps_per_epoch
        self._latest_loss = SoTLE(steps_per_epoch)
        self._budget: int | None = None
        self._proxy_bounds = self._loss_bounds = np.zeros(0)

    def fit(self, train: Observations) -> None:
        """Find the bins of proxy and loss, then learn all labelled architectures."""
        self._budget = train.budget
        proxies = [_proxy(train.feature("proxies"))]
        if "proxies" in train.pool:
            proxies.append(_proxy(train.pool["proxies"]))
        self._proxy_bounds = proxy_bounds(np.concatenate(proxies), len(train))
        self._loss_bounds = loss_bounds(self._latest_loss.score(train))
        super().fit(train)

    def predict(self, query: Observations) -> Floats:
        """Return predicted labels, ``(n,)``; see the base class.

        Raises:
            ValueError: as the base class, or fitted at another budget.
        """
        check_budget(self.name, self._budget, query)
        return super().predict(query)

    def inputs(self, seen: Observations) -> tuple[Tensor, ...]:
        """Return one-hot tokens with those of the bins, float32 ``(n, length, kinds)``."""
        features = {name: seen.feature(name) for name in self.needs}
        losses = self._latest_loss.score(seen) if self._looks_at(seen) else None
        return (self._sequences(features, losses),)

    def unlabelled(self, pool: Mapping[str, Any]) -> Tensor:
        """Return the architectures of a pool, of which no training is known."""
        return self._sequences(pool, None)

    def train_network(
        self, network: nn.Module, inputs: tuple[Tensor, ...], targets: Tensor, train: Observations
    ) -> None:
        """Learn the training networks, and with pseudo-labels where no loss is looked at."""
        if self._looks_at(train):
            self.minimise_both(network, inputs[0], targets, self.settings.epochs)
        else:
            super().train_network(network, inputs, targets, train)

    def _looks_at(self, seen: Observations) -> bool:
        """Return whether there are epochs enough for the loss to tell something."""
        assert isinstance(self.settings, OmniSemiNASSettings)
        steps: int = seen.feature("step_losses").shape[1]
        return steps >= self.settings.fewest_epochs * self.steps_per_epoch

    def _sequences(self, features: Mapping[str, Any], losses: Floats | None) -> Tensor:
        one_hot = np.asarray(features["tokens"], dtype=np.float32)
        kinds = one_hot.shape[2]
        parts = [
            one_hot.argmax(axis=2),
            kinds + in_bins(_proxy(features["proxies"]), self._proxy_bounds),
        ]
        if losses is not None:
            parts.append(kinds + 2 + in_bins(losses, self._loss_bounds))
        tokens = np.concatenate(parts, axis=1)
        return torch.from_numpy(np.eye(kinds + 2 * len(parts) - 2, dtype=np.float32)[tokens])


def _proxy(proxies: Any) -> Floats:
    return np.asarray(proxies["jacov"], dtype=np.float64)


def proxy_bounds(values: Floats, networks: int) -> Floats:
    """Return what parts a proxy into bins of equal counts, more bins for more training networks.

    Args:
        values: of all networks whose proxy is known; those that are not finite do not count.
        networks: that are labelled.
    """
    count = next((few for most, few in PROXY_BOUNDS if networks <= most), MOST_BOUNDS)
    known = values[np.isfinite(values)]
    shares = np.arange(1, count + 1) / (count + 1)
    return np.asarray(np.quantile(known, shares) if len(known) else np.zeros(count))


def loss_bounds(losses: Floats) -> Floats:
    """Return what parts the losses of the training networks into bins.

    Those that are not finite do not count. Bins hold equally many networks, five or more, but for
    the last one; there are at most nine.
    Below ten networks the median is the only bound.
    """
    known = np.sort(losses[np.isfinite(losses)])
    if not len(known):
        return np.zeros(1)
    bins = min(MOST_BOUNDS, max(1, len(known) // NETWORKS_PER_BIN))
    width = -(-len(known) // bins)
    return known[len(known) // 2 :][:1] if bins == 1 else known[width::width]


def in_bins(values: Floats, bounds: Floats) -> NDArray[np.int64]:
    """Return 1 in the column of a value's bin, else 0, ``(n, len(bounds) + 1)``.

    A bin reaches from a bound up to below the next one. Values that are not finite are in none.
    """
    places = np.searchsorted(bounds, values, side="right")
    found = places[:, None] == np.arange(len(bounds) + 1)
    return np.asarray(found & np.isfinite(values)[:, None], dtype=np.int64)
