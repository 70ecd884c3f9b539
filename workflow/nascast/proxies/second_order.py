"""How single operations pass on two directions, and what they bend between them.

Every rule takes a recorded operation ``y = f(x)`` with directions ``x_s`` and ``x_t`` of its inputs
and the loss's gradient ``a`` for ``y``. It returns ``y_s`` and ``y_t`` and the operation's own
share of the mixed derivative, ``<a, f''(x)[x_s, x_t]>``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten


@dataclass(frozen=True, slots=True)
class Pair:
    """A tensor's two directions; None is zero."""

    s: Tensor | None
    t: Tensor | None


@dataclass
class Step:
    """One recorded operation.

    Attributes:
        name: of its function.
        func: the function.
        args: what it was called with.
        kwargs: what it was called with by name.
        extra: what else the function computed.
        outputs: tensors that it returned.
        active: identities of the inputs that depend on the weights.
        tangents: directions of the active inputs, by identity.
        adjoints: gradients of the loss for the outputs.
    """

    name: str
    func: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    extra: tuple[Tensor, ...] = ()
    outputs: list[Tensor] = field(default_factory=list)
    active: frozenset[int] = frozenset()
    tangents: dict[int, Pair] = field(default_factory=dict)
    adjoints: list[Tensor | None] = field(default_factory=list)

    def run(self) -> Any:
        """Compute the operation; batch norms also keep the statistics that they use."""
        result = self.func(*self.args, **self.kwargs)
        if self.name == _BATCH_NORM:
            result, *extra = result
            self.extra = tuple(extra)
        return result

    def of(self, tensor: object) -> Pair:
        """Return the directions of an input."""
        return self.tangents.get(id(tensor), _STILL)

    def only(self, *operands: object) -> bool:
        """Tell whether nothing but these inputs depends on the weights."""
        return self.active <= {id(operand) for operand in operands}


class NotRepeatableError(Exception):
    """A function draws random numbers, so it cannot be differentiated once more."""


Rule = Callable[[Step], tuple[list[Pair], Tensor | float]]

_STILL = Pair(None, None)
_BATCH_NORM = "training_batch_norm"
_BATCH_NORM_ARGUMENTS = (
    "input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps",
)  # fmt: skip
_NATIVE = (
    "input", "weight", "bias", "running_mean", "running_var", "training", "momentum", "eps",
)  # fmt: skip


def normalise(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Step:
    """Return a call as a step whose function has two derivatives."""
    name = getattr(func, "__name__", "")
    if name == "hardsigmoid":  # torch lacks its second derivative
        return Step(name, _hard_sigmoid, args, kwargs)
    if name == "batch_norm" and func is functional.batch_norm:
        return _batch_norm_step(func, args, kwargs)
    return Step(name, func, args, kwargs)


def _hard_sigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    return (input + 3.0).clamp(0.0, 6.0) / 6.0


def _batch_norm_step(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Step:
    given: dict[str, Any] = {"weight": None, "bias": None, "training": False}
    given |= {"momentum": 0.1, "eps": 1e-5}
    given |= dict(zip(_BATCH_NORM_ARGUMENTS, args, strict=False)) | kwargs
    x = given["input"]
    if not given["training"] or x.numel() == x.shape[1]:
        return Step("batch_norm", func, args, kwargs)
    return Step(_BATCH_NORM, torch.native_batch_norm, tuple(given[n] for n in _NATIVE), {})


def training_batch_norm(step: Step) -> tuple[list[Pair], Tensor | float]:
    """Batch norm with the statistics of the mini-batch.

    With ``u = (x - mean) r``, ``r`` the inverse deviation: ``u_s = r (x_s - mean(x_s) - u m_s)``,
    ``m_s = mean(u x_s)``, and ``u_st = -r (m_t u_s + m_s u_t + u mean(u_t x_s))``.
    """
    x, scale, adjoint = step.args[0], step.args[1], step.adjoints[0]
    if not step.only(x) or adjoint is None:
        return general(step)
    pair, (mean, r) = step.of(x), step.extra
    scale = torch.ones_like(r) if scale is None else scale
    count = x.numel() // x.shape[1]
    moved: list[Tensor | None] = []
    slopes = []
    for way in (pair.s, pair.t):
        if way is None:
            moved.append(None)
            continue
        total, with_u = _sums(way, x, mean, r)
        slope = with_u / count
        # scale r (x_s - mean(x_s) - u m_s) as one multiple of x_s, one of x and a constant.
        on_x = -scale * r * r * slope
        constant = -scale * r * total / count - on_x * mean
        moved.append(
            torch.addcmul(_wide(constant, x), x, _wide(on_x, x)).addcmul_(way, _wide(scale * r, x))
        )
        slopes.append(slope)
    y_s, y_t = moved
    if y_s is None or y_t is None or pair.s is None:
        return [Pair(y_s, y_t)], 0.0
    m_s, m_t = slopes
    _, on_u = _sums(adjoint, x, mean, r)
    between = _channel_dot(y_t, pair.s) / count
    bent = m_t * _channel_dot(adjoint, y_s) + m_s * _channel_dot(adjoint, y_t) + on_u * between
    return [Pair(y_s, y_t)], -(r * bent).double().sum()


def bilinear(step: Step) -> tuple[list[Pair], Tensor | float]:
    """Convolutions and products: ``f(x_s, w) + f(x, w_s)``, and ``f(x_s, w_t) + f(x_t, w_s)``."""
    if len(step.args) < 2 or not step.only(*step.args[:2]):
        return general(step)
    left, right, *rest = step.args
    rest = [None, *rest[1:]] if rest else []
    kwargs = {key: None if key == "bias" else value for key, value in step.kwargs.items()}

    def product(a: Any, b: Any) -> Tensor | None:
        if a is None or b is None:
            return None
        if b is right and a is left:  # a weight moves along itself: this was computed already
            return _without_bias(step)
        found: Tensor = step.func(a, b, *rest, **kwargs)
        return found

    x, w = step.of(left), step.of(right)
    x_s, x_t = product(x.s, right), product(x.t, right)
    w_s, w_t = product(left, w.s), product(left, w.t)
    crossed = [product(x.s, w.t), product(x.t, w.s)]
    second = sum((_dot(step.adjoints[0], part) for part in crossed if part is not None), 0.0)
    return [Pair(_merge(step, x_s, w_s), _merge(step, x_t, w_t))], second


def _merge(step: Step, fresh: Tensor | None, other: Tensor | None) -> Tensor | None:
    """Return a sum, in the memory of the product that was just computed where there is one."""
    if fresh is None or other is None or fresh is step.outputs[0]:
        return _plus(fresh, other)
    return fresh.add_(other)


def _without_bias(step: Step) -> Tensor:
    output = step.outputs[0]
    bias: Tensor | None = step.args[2] if len(step.args) > 2 else step.kwargs.get("bias")
    if bias is None:
        return output
    return output - (bias if step.name == "linear" else bias.view(-1, *[1] * (output.dim() - 2)))


def linear_in_first(step: Step) -> tuple[list[Pair], Tensor | float]:
    """What only rearranges, averages or scales its first input."""
    if not step.args or not step.only(step.args[0]):
        return general(step)
    pair = step.of(step.args[0])
    ways = [_outputs(step, way) for way in (pair.s, pair.t)]
    return [Pair(s, t) for s, t in zip(*ways, strict=True)], 0.0


def _outputs(step: Step, way: Tensor | None) -> list[Tensor | None]:
    if way is None:
        return [None for _ in step.outputs]
    return [*tensors_in(step.func(way, *step.args[1:], **step.kwargs))]


def addition(step: Step) -> tuple[list[Pair], Tensor | float]:
    """The sum of two tensors of one shape."""
    shapes = {term.shape for term in step.args if isinstance(term, Tensor)}
    if step.kwargs or len(shapes) > 1:
        return general(step)
    s, t = None, None
    for term in step.args:
        s, t = _plus(s, step.of(term).s), _plus(t, step.of(term).t)
    return [Pair(s, t)], 0.0


def concatenation(step: Step) -> tuple[list[Pair], Tensor | float]:
    """Tensors side by side."""
    if not step.args or not step.only(*step.args[0]):
        return general(step)
    parts, *rest = step.args
    pairs = [step.of(part) for part in parts]
    ways = [
        [or_zeros(way, part) for way, part in zip(some, parts, strict=True)]
        for some in ([pair.s for pair in pairs], [pair.t for pair in pairs])
    ]
    s, t = (step.func(way, *rest, **step.kwargs) for way in ways)
    return [Pair(s, t)], 0.0


def rectifier(step: Step) -> tuple[list[Pair], Tensor | float]:
    """ReLU, which bends nowhere but at zero."""
    pair = step.of(step.args[0] if step.args else step.kwargs["input"])
    s, t = (
        None if way is None else torch.ops.aten.threshold_backward(way, step.outputs[0], 0)
        for way in (pair.s, pair.t)
    )
    return [Pair(s, t)], 0.0


def general(step: Step) -> tuple[list[Pair], Tensor | float]:
    """Any function, by differentiating it backwards twice on its own.

    With ``q = <J^T a, x_s> = <a, J x_s>``: q's gradient for ``a`` is ``y_s``, and its gradient for
    ``x``, times ``x_t``, is what the function bends.

    Raises:
        NotRepeatableError: the function gives another result when it is computed once more.
    """
    leaves, tree = tree_flatten((step.args, step.kwargs))
    places = [i for i, leaf in enumerate(leaves) if id(leaf) in step.active]
    pairs = [step.of(leaves[place]) for place in places]
    values = [leaf.detach() if isinstance(leaf, Tensor) else leaf for leaf in leaves]
    inputs = [values[place].requires_grad_(True) for place in places]
    with torch.enable_grad():
        args, kwargs = tree_unflatten(values, tree)
        outputs = [y for y in tensors_in(step.func(*args, **kwargs)) if y.requires_grad]
        if len(outputs) != len(step.outputs) or not all(map(_alike, outputs, step.outputs)):
            raise NotRepeatableError(step.name)
        adjoints = [
            or_zeros(a, y).detach().requires_grad_(True)
            for a, y in zip(step.adjoints, outputs, strict=True)
        ]
        back = torch.autograd.grad(
            outputs, inputs, adjoints, create_graph=True, materialize_grads=True
        )
        along_s = sum((b * p.s).sum() for b, p in zip(back, pairs, strict=True) if p.s is not None)
        along_t = sum((b * p.t).sum() for b, p in zip(back, pairs, strict=True) if p.t is not None)
    bent = _gradients(along_s, [*adjoints, *inputs])
    y_s, onward = bent[: len(outputs)], bent[len(outputs) :]
    y_t = _gradients(along_t, adjoints)
    parts = [
        _dot(pair.t, found) for pair, found in zip(pairs, onward, strict=True) if found is not None
    ]
    return [Pair(s, t) for s, t in zip(y_s, y_t, strict=True)], sum(parts, 0.0)


def _gradients(scalar: Tensor | float, tensors: list[Tensor]) -> list[Tensor | None]:
    if not isinstance(scalar, Tensor) or not scalar.requires_grad:
        return [None for _ in tensors]
    return list(torch.autograd.grad(scalar, tensors, retain_graph=True, allow_unused=True))


def tensors_in(tree: Any) -> list[Tensor]:
    """Return the tensors of nested tuples, lists and dicts, in order."""
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def _alike(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-3, atol=1e-6, equal_nan=True)


def in_memory_order(tensor: Tensor, axes: int = 0) -> Tensor:
    """Return a tensor flat behind its first axes, without a copy if its channels are the last."""
    if tensor.dim() == 4 and tensor.is_contiguous(memory_format=torch.channels_last):
        tensor = tensor.movedim(1, -1)
    return tensor.reshape(*tensor.shape[:axes], -1)


def or_zeros(way: Tensor | None, like: Tensor) -> Tensor:
    """Return a direction or gradient of a tensor, where None is zero."""
    return torch.zeros_like(like) if way is None else way


def _plus(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    if a is None or b is None:
        return b if a is None else a
    return a + b


def _dot(a: Tensor | None, b: Tensor) -> Tensor | float:
    if a is None:
        return 0.0
    if a.stride() == b.stride() and a.dtype == b.dtype:
        # Both lie alike, so a dot product needs no product of all numbers in memory.
        a, b = in_memory_order(a), in_memory_order(b)
        return torch.dot(a, b).double()
    return (a * b).sum().double()


def _wide(values: Tensor, like: Tensor) -> Tensor:
    return values.view(-1, *[1] * (like.dim() - 2))


def _sums(a: Tensor, x: Tensor, mean: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sums of ``a`` and of ``a (x - mean) r`` for every channel."""
    # The backward pass of batch norm has the one kernel that reads both tensors just once.
    _, with_u, total = torch.ops.aten.native_batch_norm_backward(
        a, x, None, None, None, mean, r, True, 0.0, [False, True, True]
    )
    return total, with_u


def _channel_dot(a: Tensor, b: Tensor) -> Tensor:
    """Return the sum of ``a b`` for every channel."""
    still = torch.zeros(a.shape[1], dtype=a.dtype, device=a.device)
    return _sums(a, b, still, still + 1)[1]


_CONVOLUTIONS = (
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
)  # fmt: skip
_BILINEAR = (*_CONVOLUTIONS, "linear", "mul", "__mul__", "__rmul__", "matmul", "__matmul__", "bmm")
_LINEAR = (
    "mean", "flatten", "unflatten", "reshape", "view", "permute", "transpose", "contiguous",
    "unsqueeze", "squeeze", "avg_pool2d", "adaptive_avg_pool2d", "__getitem__", "chunk", "split",
    "div", "__truediv__", "clone",
)  # fmt: skip
RULES: dict[str, Rule] = {
    _BATCH_NORM: training_batch_norm,
    "relu": rectifier,
    "cat": concatenation,
    "concat": concatenation,
    "add": addition,
    "__add__": addition,
    "__radd__": addition,
    **dict.fromkeys(_BILINEAR, bilinear),
    **dict.fromkeys(_LINEAR, linear_in_first),
}
"""The rule of a function by its name; all others follow :func:`general`."""
