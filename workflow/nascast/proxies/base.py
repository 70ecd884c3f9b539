"""What every zero-cost proxy offers, and what it is given.

Source of the thirteen of NAS-Bench-Suite-Zero: Krishnakumar et al. 2022, section 2 and its public
code, which goes back to Abdelfattah et al. 2021, "Zero-Cost Proxies for Lightweight NAS".
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from torch import Tensor

if TYPE_CHECKING:
    from nascast.proxies.shared_pass import SharedPass


class Need(StrEnum):
    """What a proxy wants of the pass that all proxies of a network share."""

    FORWARD = "forward"
    """The outputs for the mini-batch."""
    CODES = "codes"
    """How alike the images' activation patterns are, summed over all ReLU units."""
    WEIGHT_GRADIENTS = "weight_gradients"
    """Gradients of the loss for the weights of all convolutions and linear layers."""
    CHANNEL_SALIENCY = "channel_saliency"
    """Fisher information of every channel; comes with the weights' gradients."""
    INPUT_GRADIENTS = "input_gradients"
    """Gradients of the sum of all outputs for every image."""
    CURVATURE = "curvature"
    """The loss's Hessian times the gradient; the dearest of them by far."""


@dataclass(frozen=True)
class Batch:
    """One mini-batch and what a network is to do with it.

    Attributes:
        inputs: what the network reads, ``(n, ...)``.
        targets: what the loss compares its outputs with.
        loss: mean loss of (outputs, targets) as a scalar.
        labels: the class of every input, int64 ``(n,)``; None where the task is no classification.
        num_classes: all classes there are; goes with ``labels``.
    """

    inputs: Tensor
    targets: Tensor
    loss: Callable[[Tensor, Tensor], Tensor]
    labels: Tensor | None = None
    num_classes: int | None = None

    def __len__(self) -> int:
        """Return the number of inputs."""
        return len(self.inputs)


class Status(StrEnum):
    """What a proxy's value is worth; everything but ``ok`` is a fact about the network."""

    OK = "ok"
    OVERFLOW = "overflow"
    """Infinite: beyond the numbers' range, or a singular matrix's logarithm."""
    NAN = "nan"
    """Not a number: networks whose outputs do not depend on the images, as a rule."""
    UNDEFINED = "undefined"
    """The proxy is not defined for the task."""


def status_of(value: float) -> Status:
    """Return the status of a value that was measured."""
    if math.isnan(value):
        return Status.NAN
    return Status.OVERFLOW if math.isinf(value) else Status.OK


class Proxy(ABC):
    """A score of an untrained network; higher predicts the better network.

    Attributes:
        name: registered name.
        needs: what it reads of the shared pass.
        reference: where the formula comes from.
        higher_is_better: False where the source ranks low values first; the value stays the
            source's own, whoever ranks turns it.
    """

    name: ClassVar[str]
    needs: ClassVar[frozenset[Need]] = frozenset()
    reference: ClassVar[str]
    higher_is_better: ClassVar[bool] = True

    def undefined(self, batch: Batch) -> str | None:
        """Return why the proxy is not defined for what a batch asks; None where it is."""
        return None

    @abstractmethod
    def score(self, seen: SharedPass) -> float:
        """Return the score of a network; NaN and infinities are values too.

        Args:
            seen: the network, the mini-batch, and what was asked for in :attr:`needs`.
        """
