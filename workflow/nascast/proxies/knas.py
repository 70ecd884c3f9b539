"""Mean of the Gram matrix of gradients."""

from __future__ import annotations

from typing import ClassVar

from nascast.proxies.base import Need, Proxy
from nascast.proxies.shared_pass import SharedPass
from nascast.proxies.sums import sum_of


class Knas(Proxy):
    """``mean over layers, their weights and all pairs of images (i, j) of g_i * g_j``.

    ``g_i`` is a weight's gradient of the loss of image i. The mean over all pairs is the square of
    the mean, so that the mini-batch's gradient is all that it takes. Every layer counts alike, as
    where the source samples equally many weights of each; here all are taken. Cost: a forward and a
    backward pass.
    """

    name: ClassVar[str] = "knas"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.WEIGHT_GRADIENTS})
    reference: ClassVar[str] = "Xu et al. 2021, 'KNAS: Green Neural Architecture Search' (MGM)"

    def score(self, seen: SharedPass) -> float:
        """Return the mean over the weights of convolutions and linear layers."""
        gradients = seen.weight_gradients
        return sum_of(gradient.double().square().mean() for gradient in gradients) / len(gradients)
