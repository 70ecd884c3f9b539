"""``w^T H g``: how the loss bends between two directions, without a second backward pass.

With ``L(W + s g + t w)``, the product is the mixed derivative ``d2L / ds dt`` at zero. Both
directions are pushed forward through the operations that were recorded, and each operation adds its
own second derivative between them, weighted by the loss's gradient for its output, which the first
backward pass has brought. A convolution costs four forward convolutions, where differentiating the
backward pass costs six and takes batch norms apart.

Source: the chain rule of second order; Griewank & Walther 2008, "Evaluating Derivatives", section
10.3, on combining forward tangents with reverse adjoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from nascast.proxies.second_order import RULES, Pair, Step, general, normalise, tensors_in


class Tape(TorchFunctionMode):
    """Records what a network computes from its weights.

    Attributes:
        is_complete: whether all of it was seen: not what works in place, nor what runs below the
            functions of torch, as custom autograd functions and scripted modules do.
    """

    def __init__(self, weights: Sequence[Tensor]) -> None:
        super().__init__()
        self.is_complete = True
        self._weights = list(weights)
        self._steps: list[Step] = []
        # Whether a tensor depends on the weights, by identity; holding the tensors keeps that true.
        self._active = {id(weight): True for weight in weights}
        self._held: list[Tensor] = []
        self._versions: dict[int, int] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run a function and note it, if it works on what depends on the weights."""
        kwargs = dict(kwargs or {})
        inputs = tensors_in((args, kwargs))
        versions = [tensor._version for tensor in inputs]
        step = normalise(func, tuple(args), kwargs)
        result = step.run()
        changed = [x for x, before in zip(inputs, versions, strict=True) if x._version != before]
        self._lose_if(any(tensor.requires_grad for tensor in changed))
        outputs = [tensor for tensor in tensors_in(result) if tensor.requires_grad]
        fresh = [tensor for tensor in outputs if id(tensor) not in self._active]
        if fresh and not all(tensor.is_leaf for tensor in fresh):
            self._note(step, inputs, outputs)
        return result

    def _note(self, step: Step, inputs: list[Tensor], outputs: list[Tensor]) -> None:
        known = [tensor for tensor in inputs if tensor.requires_grad]
        self._lose_if(
            any(
                (id(x) not in self._active and not x.is_leaf)
                or x._version != self._versions.get(id(x), x._version)
                for x in known
            )
        )
        step.active = frozenset(id(x) for x in known if self._active.get(id(x), False))
        step.outputs = outputs
        for tensor in outputs:
            self._active[id(tensor)] = bool(step.active)
            self._versions[id(tensor)] = tensor._version
        self._held.extend(outputs)
        if step.active:
            self._steps.append(step)

    def _lose_if(self, lost: bool) -> None:
        self.is_complete = self.is_complete and not lost

    def saw(self, loss: Tensor) -> bool:
        """Tell whether everything between the weights and a loss was recorded."""
        return self.is_complete and (loss.is_leaf or id(loss) in self._active)

    @property
    def outputs(self) -> list[Tensor]:
        """What operations on the weights gave, in order; :meth:`bend` wants gradients for them."""
        return [output for step in self._steps for output in step.outputs]

    @torch.no_grad()
    def bend(self, gradients: Sequence[Tensor], adjoints: list[Tensor | None]) -> Tensor:
        """Return ``w^T H g``, a float64 scalar.

        What has served is let go at once, so that its memory, warm as it is, serves again.

        Args:
            gradients: of the loss for the weights.
            adjoints: of the loss for each of :attr:`outputs`; None where it does not depend on one.
                The list is emptied.

        Raises:
            NotRepeatableError: one of the operations draws random numbers.
        """
        adjoints.reverse()
        ways = zip(self._weights, gradients, strict=True)
        tangents = {id(weight): Pair(gradient, weight) for weight, gradient in ways}
        last_use = {key: number for number, step in enumerate(self._steps) for key in step.active}
        total = torch.zeros((), dtype=torch.float64, device=self._weights[0].device)
        for number, step in enumerate(self._steps):
            step.adjoints = [adjoints.pop() for _ in step.outputs]
            step.tangents = {key: tangents[key] for key in step.active if key in tangents}
            if any(adjoint is not None for adjoint in step.adjoints):
                moved, second = RULES.get(step.name, general)(step)
                total += second
                tangents |= {id(out): pair for out, pair in zip(step.outputs, moved, strict=True)}
            step.adjoints, step.tangents = [], {}
            for key in step.active:
                if last_use[key] == number:
                    tangents.pop(key, None)
        return total


def double_backward(loss: Tensor, weights: Sequence[Tensor]) -> Tensor:
    """Return ``w^T H g`` from a graph that was kept, whatever its operations are."""
    gradients = gradients_of(loss, weights, keep=True, create_graph=True)
    squares = [(g.detach() * g).sum() for g in gradients if g is not None and g.requires_grad]
    total = torch.zeros((), dtype=torch.float64, device=loss.device)
    if squares:  # else the loss is linear in all weights
        products = gradients_of(torch.stack(squares).sum(), weights)
        for weight, product in zip(weights, products, strict=True):
            if product is not None:
                total += (weight.detach() * product).sum()
    return total


def gradients_of(
    scalar: Tensor, tensors: Sequence[Tensor], keep: bool = False, create_graph: bool = False
) -> list[Tensor | None]:
    """Return a scalar's gradient for each tensor; None where it does not depend on one.

    Args:
        scalar: what is differentiated.
        tensors: for what.
        keep: whether the graph is walked again.
        create_graph: whether the gradients are differentiated again.
    """
    if not scalar.requires_grad:
        return [None for _ in tensors]
    found: tuple[Tensor | None, ...] = torch.autograd.grad(
        scalar, tensors, retain_graph=keep, create_graph=create_graph, allow_unused=True
    )
    return list(found)
