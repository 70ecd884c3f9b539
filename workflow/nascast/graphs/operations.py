"""Which type of GENNAPE's vocabulary each of torch's operations has.

Names are those of the ATen operators into which torch decomposes every module and function, without
the underscore of their in-place forms. The nearest type is taken where the vocabulary has no word
of its own: leaky rectifiers are ``ReLU``, hard activations what they approximate, a difference is
an ``Add`` and a quotient a ``Mul``. See docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torch._ops import OpOverload

from nascast.graphs.normal_form import CONSTANT, PASS, SELECT

Channels = Literal["first", "last", "same"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What an operation is in a graph.

    Attributes:
        type: of :data:`nascast.graphs.computation.TYPES`, or a kind that the normal form resolves.
        channels: the axis of the channels that it reads and writes: the second, the last, or that
            on which its input has them.
    """

    type: str
    channels: Channels = "same"


UNKNOWN = Kind("Unknown")

_FIRST: Mapping[str, Sequence[str]] = {
    "BatchNorm": ("native_batch_norm", "cudnn_batch_norm", "miopen_batch_norm",
                  "_native_batch_norm_legit", "_native_batch_norm_legit_no_training",
                  "_batch_norm_no_update", "batch_norm_elemt"),
    "Maxpool": ("max_pool2d_with_indices", "max_pool3d_with_indices", "adaptive_max_pool2d",
                "adaptive_max_pool3d", "fractional_max_pool2d", "fractional_max_pool3d"),
    "Avgpool": ("avg_pool2d", "avg_pool3d", "_adaptive_avg_pool2d", "_adaptive_avg_pool3d"),
    "DepthToSpaceND": ("pixel_shuffle",),
    "SpaceToDepthND": ("pixel_unshuffle",),
    "Unknown": ("native_group_norm", "upsample_nearest1d", "upsample_nearest2d",
                "upsample_nearest3d", "upsample_linear1d", "upsample_bilinear2d",
                "upsample_bicubic2d", "upsample_trilinear3d"),
}  # fmt: skip

_LAST: Mapping[str, Sequence[str]] = {
    "Unknown": ("_fused_rms_norm", "embedding", "_embedding_bag"),
}

_SAME: Mapping[str, Sequence[str]] = {
    "ReLU": ("relu", "leaky_relu", "_prelu_kernel", "rrelu_with_noise"),
    "Sigmoid": ("sigmoid", "hardsigmoid"),
    "Tanh": ("tanh",),
    "Swish": ("silu", "hardswish"),
    "GeLU": ("gelu",),
    "Add": ("add", "sub", "rsub"),
    "Mul": ("mul", "div"),
    "Concat": ("cat", "stack"),
    "Mean": ("mean",),
    "Paddings": ("constant_pad_nd", "reflection_pad1d", "reflection_pad2d", "reflection_pad3d",
                 "replication_pad1d", "replication_pad2d", "replication_pad3d"),
    "Zero": ("zeros_like", "new_zeros", "zero"),
    SELECT: ("where", "masked_fill"),
    PASS: ("alias", "channel_shuffle", "clone", "copy", "detach", "dropout", "expand_copy", "flip",
           "lift_fresh", "lift_fresh_copy", "native_channel_shuffle", "native_dropout", "neg",
           "permute_copy", "repeat", "roll", "_reshape_copy", "_to_copy", "_unsafe_view",
           "view_copy"),
    CONSTANT: ("bernoulli", "empty_like", "fill", "full_like", "new_empty", "new_empty_strided",
               "new_full", "new_ones", "normal", "ones_like", "rand_like", "randint_like",
               "randn_like", "uniform"),
}  # fmt: skip

_TABLES: tuple[tuple[Channels, Mapping[str, Sequence[str]]], ...] = (
    ("first", _FIRST),
    ("last", _LAST),
    ("same", _SAME),
)
_KINDS = {
    name: Kind(type_, channels)
    for channels, table in _TABLES
    for type_, names in table.items()
    for name in names
}

CONVOLUTIONS = ("convolution", "_convolution", "convolution_overrideable")
# The positions of the two factors, and of what is added to their product.
PRODUCTS: Mapping[str, tuple[int, int, int | None]] = {
    "mm": (0, 1, None),
    "bmm": (0, 1, None),
    "mv": (0, 1, None),
    "dot": (0, 1, None),
    "addmm": (1, 2, 0),
    "addmv": (1, 2, 0),
    "baddbmm": (1, 2, 0),
}
BILINEAR = "_trilinear"
# Take entries of their first tensor, at the positions that the others give.
PICKS = ("index", "index_select")
# In place, these change how a tensor is looked at or scaled, not what it is made of.
UNSEEN = ("as_strided", "embedding_renorm", "resize", "resize_as", "squeeze", "swapaxes",
          "swapdims", "t", "transpose", "unsqueeze")  # fmt: skip

# Lower and upper bound of a clamp, and what it is then.
_CLAMPS: Mapping[tuple[float | None, float | None], str] = {
    (0, None): "ReLU",
    (0, 6): "ReLU6",
    (-1, 1): "Tanh",
}


def base_name(operator: OpOverload) -> str:
    """Return an operator's name without the underscore of its in-place form."""
    name = str(operator._overloadpacket.__name__)
    is_dunder = name.startswith("__")
    plain = name if is_dunder or not name.endswith("_") else name[:-1]
    return plain if operator.namespace == "aten" else f"{operator.namespace}::{plain}"


def kind_of(operator: OpOverload, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Kind:
    """Return the kind of an operation, which may depend on its numbers.

    Args:
        operator: any but convolutions and products.
        args: its arguments.
        kwargs: its keyword arguments.
    """
    name = base_name(operator)
    if name in ("hardtanh", "clamp", "clamp_min"):
        given = named_arguments(operator, args, kwargs)
        low, high = given.get("min", given.get("min_val")), given.get("max", given.get("max_val"))
        return Kind(_CLAMPS.get((_number(low), _number(high)), "Unknown"))
    if name == "threshold":
        given = named_arguments(operator, args, kwargs)
        return Kind("ReLU" if given["threshold"] == given["value"] == 0 else "Unknown")
    if name == "native_layer_norm":
        # Over whole images, the last axis is no more that of the channels than others are.
        return Kind("Unknown", "last" if len(args[1]) == 1 else "same")
    if name == "mul" and _number(args[1]) == 0:
        return Kind("Zero")
    return _KINDS.get(name, UNKNOWN)


def named_arguments(
    operator: OpOverload, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return all arguments by name, with the defaults of those that are not given."""
    named = {}
    for position, argument in enumerate(operator._schema.arguments):
        default = kwargs.get(argument.name, argument.default_value)
        named[argument.name] = args[position] if position < len(args) else default
    return named


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
