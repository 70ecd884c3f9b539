"""One forward pass, one backward pass and one for the images, read by every proxy that needs them.

GraSP's Hessian is taken from the same graph: with one part of the mini-batch, as in the public
code, the two forward passes of its definition are the same.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from nascast.proxies.base import Batch, Need
from nascast.proxies.curvature import Tape, double_backward, gradients_of
from nascast.proxies.errors import ProxyError
from nascast.proxies.layers import one_tensor, scored_weights, weighted_layers, weights_of
from nascast.proxies.second_order import NotRepeatableError, or_zeros
from nascast.proxies.watchers import ActivationCodes

_BEFORE = {
    Need.FORWARD: (),
    Need.CODES: (Need.FORWARD,),
    Need.WEIGHT_GRADIENTS: (Need.FORWARD,),
    Need.CHANNEL_SALIENCY: (Need.FORWARD, Need.WEIGHT_GRADIENTS),
    Need.INPUT_GRADIENTS: (Need.FORWARD,),
    Need.CURVATURE: (Need.FORWARD, Need.WEIGHT_GRADIENTS),
}


class SharedPass:
    """What was seen of one network on one mini-batch; made inside :func:`~.layers.measuring`.

    Attributes:
        model: the network.
        batch: the mini-batch.
        seed: of proxies that draw weights or images of their own.
        weights: of the layers that are scored, in module order.
        seconds: wall-clock time of every part that was run, by what it brings.
    """

    def __init__(self, model: nn.Module, batch: Batch, needs: frozenset[Need], seed: int) -> None:
        """Run the parts that ``needs`` asks for.

        Raises:
            ProxyError: a gradient is asked for and the network has no layer that is scored, or its
                outputs do not fit the loss.
        """
        self.model = model
        self.batch = batch
        self.seed = seed
        self.weights = weights_of(model)
        self.seconds: dict[Need, float] = {}
        self._needs = self.parts_of(needs)
        self._found: dict[Need, Tensor | list[Tensor]] = {}
        self._saliency: list[Tensor] = []
        self._collects_saliency = False
        self._watched: list[tuple[Tensor, int]] = []
        self._keeps_copies = False
        if self._needs:
            self._run()

    @property
    def outputs(self) -> Tensor:
        """The network's outputs for the mini-batch, detached."""
        return self._tensor(Need.FORWARD)

    @property
    def codes(self) -> Tensor:
        """Kernel of the activation patterns, float64 ``(n, n)``."""
        return self._tensor(Need.CODES)

    @property
    def weight_gradients(self) -> list[Tensor]:
        """Gradient of the mean loss for each of :attr:`weights`; zeros where none arrives."""
        return self._tensors(Need.WEIGHT_GRADIENTS)

    @property
    def channel_saliency(self) -> list[Tensor]:
        """Fisher information of the channels, one ``(channels,)`` for every call of a layer."""
        return self._tensors(Need.CHANNEL_SALIENCY)

    @property
    def input_gradients(self) -> Tensor:
        """Gradient of the sum of all outputs for the inputs, flat: ``(n, numbers of an input)``."""
        return self._tensor(Need.INPUT_GRADIENTS)

    @property
    def curvature(self) -> Tensor:
        """``w^T H g``, a scalar: H and g are Hessian and gradient of the mean loss for all w."""
        return self._tensor(Need.CURVATURE)

    @staticmethod
    def parts_of(needs: frozenset[Need]) -> frozenset[Need]:
        """Return some needs and all that has to run before them."""
        return frozenset(part for need in needs for part in (need, *_BEFORE[need]))

    def _tensor(self, need: Need) -> Tensor:
        found = self._get(need)
        assert isinstance(found, Tensor)
        return found

    def _tensors(self, need: Need) -> list[Tensor]:
        found = self._get(need)
        assert isinstance(found, list)
        return found

    def _get(self, need: Need) -> Tensor | list[Tensor]:
        if need not in self._found:
            raise ProxyError(
                f"a proxy reads {need.value} without asking for it; add it to the proxy's `needs`"
            )
        return self._found[need]

    def _run(self) -> None:
        inputs = self.batch.inputs.detach()
        if Need.INPUT_GRADIENTS in self._needs:
            inputs = inputs.clone().requires_grad_(True)
        with self._timed(Need.FORWARD):
            outputs, loss, tape = self._forward(inputs)
        self._found[Need.FORWARD] = outputs.detach()
        # The graph is freed by the last backward pass that walks it.
        steps: list[tuple[Need, Callable[[bool], None]]] = [
            (Need.INPUT_GRADIENTS, lambda keep: self._walk_to_inputs(outputs, inputs, keep)),
            (Need.WEIGHT_GRADIENTS, lambda keep: self._walk_to_weights(loss, tape, keep)),
        ]
        wanted = [(need, step) for need, step in steps if need in self._needs]
        for number, (need, step) in enumerate(wanted, start=1):
            with self._timed(need):
                step(number < len(wanted))

    def _forward(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tape | None]:
        found = self._record(inputs)
        if any(activations._version != version for activations, version in self._watched):
            # What follows a layer works in place; the rare network that does so runs once more.
            self._keeps_copies = True
            found = self._record(inputs)
        return found

    def _record(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tape | None]:
        tape = Tape(self.weights)
        with tape if Need.CURVATURE in self._needs else contextlib.nullcontext():
            outputs = self._call_with_codes(inputs)
            loss = self.batch.loss(outputs, self.batch.targets)
        return outputs, loss, tape if tape.saw(loss) else None

    def _call_with_codes(self, inputs: Tensor) -> Tensor:
        if Need.CODES not in self._needs:
            return self._call(inputs)
        codes = ActivationCodes(len(self.batch), inputs.device)
        with codes:
            outputs = self._call(inputs)
        self._found[Need.CODES] = codes.kernel
        return outputs

    def _call(self, inputs: Tensor) -> Tensor:
        self._watched.clear()
        hooks = []
        if Need.CHANNEL_SALIENCY in self._needs:
            hooks = [
                layer.register_forward_hook(self._watch) for layer in weighted_layers(self.model)
            ]
        try:
            return one_tensor(self.model, self.model(inputs))
        finally:
            for hook in hooks:
                hook.remove()

    def _watch(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if output.requires_grad:
            channels = output.dim() - 1 if isinstance(layer, nn.Linear) else 1
            positions = [axis for axis in range(1, output.dim()) if axis != channels]
            activations = output.detach().clone() if self._keeps_copies else output.detach()
            self._watched.append((activations, activations._version))
            output.register_hook(lambda found: self._add_saliency(activations, found, positions))

    def _add_saliency(self, activations: Tensor, gradient: Tensor, positions: list[int]) -> None:
        if self._collects_saliency:
            product = activations * gradient.detach()
            per_image = product.sum(dim=positions) if positions else product
            self._saliency.append(0.5 * per_image.square().mean(dim=0))

    def _walk_to_inputs(self, outputs: Tensor, inputs: Tensor, keep: bool) -> None:
        (gradient,) = gradients_of(outputs.sum(), [inputs], keep)
        self._found[Need.INPUT_GRADIENTS] = or_zeros(gradient, inputs).flatten(1)

    def _walk_to_weights(self, loss: Tensor, tape: Tape | None, keep: bool) -> None:
        weights = scored_weights(self.model)
        curved = Need.CURVATURE in self._needs
        between = tape.outputs if curved and tape is not None else []
        self._collects_saliency = Need.CHANNEL_SALIENCY in self._needs
        found = gradients_of(loss, [*weights, *between], keep or curved)
        self._collects_saliency = False
        gradients, adjoints = found[: len(weights)], found[len(weights) :]
        del found
        self._found[Need.WEIGHT_GRADIENTS] = [
            or_zeros(gradient, weight) for gradient, weight in zip(gradients, weights, strict=True)
        ]
        self._found[Need.CHANNEL_SALIENCY] = self._saliency
        if curved:
            with self._timed(Need.CURVATURE):
                self._found[Need.CURVATURE] = self._bend(loss, tape, adjoints)

    def _bend(self, loss: Tensor, tape: Tape | None, adjoints: list[Tensor | None]) -> Tensor:
        if tape is not None:
            with contextlib.suppress(NotRepeatableError):
                return tape.bend(self.weight_gradients, adjoints)
        return double_backward(loss, self.weights)

    @contextlib.contextmanager
    def _timed(self, need: Need) -> Iterator[None]:
        start = self._now()
        before = sum(self.seconds.values())
        yield
        inside = sum(self.seconds.values()) - before
        self.seconds[need] = self._now() - start - inside

    def _now(self) -> float:
        if self.batch.inputs.is_cuda:
            torch.cuda.synchronize(self.batch.inputs.device)
        return time.perf_counter()
