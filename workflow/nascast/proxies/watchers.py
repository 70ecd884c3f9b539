"""Function modes that watch, or change, what any network computes on its way forward.

They see modules and plain functions alike, so networks that call ``functional.relu`` are measured
like those that own an ``nn.ReLU``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from nascast.proxies.second_order import in_memory_order

GATES = frozenset(
    {"relu", "relu_", "relu6", "hardtanh", "hardtanh_", "leaky_relu", "leaky_relu_", "prelu"}
    | {"elu", "elu_", "celu", "celu_", "selu", "selu_", "hardswish", "silu", "gelu", "mish"}
)
"""Activations whose sign pattern is a network's code: the ReLU, and those that bend at zero as it
does (a ``hardtanh`` at its lower bound, which is a ReLU6's zero)."""


class GateWatcher(TorchFunctionMode, ABC):
    """Shows every activation that bends to :meth:`see`, in the order of the forward pass.

    Attributes:
        batch_size: number of images.
    """

    def __init__(self, batch_size: int) -> None:
        super().__init__()
        self.batch_size = batch_size

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Look at activations before they run, as some work in place."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in GATES:
            inputs: Tensor = args[0] if args else kwargs["input"]
            bend = 0.0
            if name.startswith("hardtanh"):
                bend = args[1] if len(args) > 1 else kwargs.get("min_val", -1.0)
            # A gate on weights, say, is none: what stems from images has their axis in front.
            # Pieces of images stand behind their image, as flattening both axes puts them.
            if inputs.dim() and len(inputs) % self.batch_size == 0:
                with torch.no_grad():
                    self.see(inputs, bend)
        return func(*args, **kwargs)

    @abstractmethod
    def see(self, inputs: Tensor, bend: float) -> None:
        """Take in the inputs of an activation, ``(a multiple of batch_size, ...)``.

        Args:
            inputs: of the activation; a unit is on where they are above ``bend``.
            bend: where the activation bends.
        """


class ActivationCodes(GateWatcher):
    """Adds up how alike the activation patterns of a mini-batch are.

    Source: Mellor et al. 2021, "Neural Architecture Search without Training", section 3: entry
    (i, j) is the number of units minus the Hamming distance of the codes of images i and j.

    Attributes:
        kernel: float64 ``(n, n)``.
        units: all units of one image.
    """

    def __init__(self, batch_size: int, device: torch.device) -> None:
        super().__init__(batch_size)
        self.kernel = torch.zeros(batch_size, batch_size, dtype=torch.float64, device=device)
        self.units = 0

    def see(self, inputs: Tensor, bend: float) -> None:
        """Add the kernel of one activation."""
        on = torch.gt(inputs, bend, out=torch.empty_like(inputs, dtype=torch.float32))
        codes = in_memory_order(on, 1).reshape(self.batch_size, -1)
        both_on = codes @ codes.T
        alone = both_on.diagonal()
        self.units += codes.shape[1]
        # Counts below 2^24 are exact in single precision; only their sum needs double.
        alike = 2 * both_on - alone[:, None] - alone[None, :] + codes.shape[1]
        self.kernel += alike.double()


class PooledFeatures(TorchFunctionMode):
    """Keeps what enters the last global average pooling.

    Attributes:
        features: ``(n, c, h, w)``, or None while no global pooling was seen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features: Tensor | None = None

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Note the inputs of poolings."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if getattr(func, "__name__", "") in {"mean", "adaptive_avg_pool2d", "avg_pool2d"}:
            inputs = args[0] if args else kwargs["input"]
            if _pools_everything(inputs, result):
                self.features = inputs
        return result


def _pools_everything(inputs: Tensor, result: Tensor) -> bool:
    return inputs.dim() == 4 and result.shape[:2] == inputs.shape[:2] and result[0, 0].numel() == 1


class UnboundedFlow(TorchFunctionMode):
    """Batch norms pass their input on unchanged, and a squashing at the end can be undone.

    A flow of ones through positive weights is of any size: where a decoder ends in a tanh or a
    sigmoid it saturates, and every gradient behind it would be exactly zero.
    """

    _SQUASHING = frozenset({"tanh", "sigmoid", "hardsigmoid", "hardtanh"})

    def __init__(self) -> None:
        super().__init__()
        self._squashed: list[tuple[Tensor, Tensor]] = []

    def before_squashing(self, outputs: Tensor) -> Tensor:
        """Return what the outputs were squashed from, or the outputs if they were not."""
        return next((inputs for result, inputs in self._squashed if result is outputs), outputs)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Replace batch norms by the identity; note what is squashed."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name == "batch_norm":
            return args[0] if args else kwargs["input"]
        result = func(*args, **kwargs)
        if name in self._SQUASHING:
            self._squashed.append((result, args[0] if args else kwargs["input"]))
        return result
