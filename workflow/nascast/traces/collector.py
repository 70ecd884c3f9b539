"""Records the weight and gradient statistics of every Conv2d and Linear layer of a network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nascast.traces.statistics import tensor_statistics


@dataclass(frozen=True, slots=True)
class RecordedTensor:
    """One recorded parameter: what it is and where it stands.

    Attributes:
        layer: position in module order; a Linear's bias follows its weight.
        name: the parameter's name in the network.
        kind: ``"conv"``, ``"linear_weight"`` or ``"linear_bias"``.
        shape: the parameter's shape.
    """

    layer: int
    name: str
    kind: str
    shape: tuple[int, ...]


class TraceCollector:
    """Takes snapshots of a network that is being trained.

    Every layer is kept, whatever the depth. A parameter without gradient counts as one whose
    gradient is zero, so that positions never shift (NAP2's rule for dead branches).

    Attributes:
        tensors: the recorded parameters in module order.
    """

    def __init__(self, model: nn.Module) -> None:
        found = list(_recorded_parameters(model))
        if not found:
            raise ValueError("the network has no Conv2d or Linear layer to record")
        self._parameters = [parameter for _, _, parameter in found]
        self.tensors = tuple(
            RecordedTensor(layer, name, kind, tuple(parameter.shape))
            for layer, (name, kind, parameter) in enumerate(found)
        )

    @torch.no_grad()
    def snapshot(self) -> Tensor:
        """Return the statistics now, on the network's device and without waiting for it.

        Returns:
            float32 of shape ``(2, layers, 12, 100)``: weights first, gradients second.
        """
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in self._parameters]
        statistics = tensor_statistics([*self._parameters, *gradients])
        return statistics.view(2, len(self._parameters), *statistics.shape[1:])


def _recorded_parameters(model: nn.Module) -> list[tuple[str, str, Tensor]]:
    found: list[tuple[str, str, Tensor]] = []
    seen: set[int] = set()
    for module_name, module in model.named_modules():
        prefix = f"{module_name}." if module_name else ""
        candidates: list[tuple[str, str, Tensor | None]] = []
        if isinstance(module, nn.Conv2d):
            candidates = [("weight", "conv", module.weight)]
        elif isinstance(module, nn.Linear):
            candidates = [
                ("weight", "linear_weight", module.weight),
                ("bias", "linear_bias", module.bias),
            ]
        for name, kind, parameter in candidates:
            # A layer that is used twice is one layer; a Linear may lack its bias.
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                found.append((prefix + name, kind, parameter))
    return found
