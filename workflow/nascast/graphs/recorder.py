"""Records the operations of a forward pass while it runs on tensors without data.

Operations are seen below autograd, where torch has taken every module and function apart into ATen
operators, so that a layer and the function that does the same leave the same record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch._ops import HigherOrderOperator, OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.flop_counter import flop_registry

from nascast.graphs.axes import Axes, extents
from nascast.graphs.failures import ReadsValues
from nascast.graphs.inputs import OpenInputs
from nascast.graphs.normal_form import ASSEMBLE, CONSTANT, JOINS, PARAMETER, PASS, Operation, Shape
from nascast.graphs.operations import (
    BILINEAR,
    CONVOLUTIONS,
    PICKS,
    PRODUCTS,
    UNSEEN,
    Kind,
    base_name,
    kind_of,
)
from nascast.graphs.storages import Storages

_READS_VALUES = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}


class Recorder(TorchDispatchMode):
    """The operations that run while this mode is active.

    Attributes:
        operations: what ran, in order; :func:`nascast.graphs.normal_form.normalise` reads them.
    """

    supports_higher_order_operators = True

    def __init__(self) -> None:
        TorchDispatchMode.__init__(self)
        self.operations: list[Operation] = []
        self._depends: list[bool] = []
        self._storages = Storages(self._assemble)
        self._axes = Axes()
        self._open_inputs = OpenInputs()
        self._batch = 1

    def add_parameter(self, tensor: Tensor) -> None:
        """Let a tensor be a learnable one."""
        if tensor not in self._storages:
            number = self._append_constant((), PARAMETER, tensor.numel(), params=tensor.numel())
            self._storages.made(tensor, number)

    def add_input(self, tensor: Tensor) -> None:
        """Let a tensor be an input; the first axis of the first one is the batch."""
        if all(operation.type != "Input" for operation in self.operations):
            self._batch = max(tensor.shape[0], 1) if tensor.dim() else 1
        shape = self._axes.extents(tensor)
        number = self._append(Operation("Input", (), shape, shape), depends=True)
        self._storages.made(tensor, number)
        self._open_inputs.add(number, tensor)

    def add_output(self, tensor: Tensor) -> None:
        """Let a tensor be an output."""
        shape = self._axes.extents(tensor)
        self._append(Operation("Output", (self._number(tensor),), shape, shape), depends=True)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run one operation and record it."""
        kwargs = kwargs or {}
        if isinstance(func, HigherOrderOperator):
            raise ReadsValues(func.name())
        if torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), "CompositeImplicitAutograd"):
            # In inference mode, operations come here before they are taken apart.
            with self:
                return func.decompose(*args, **kwargs)
        if base_name(func) == "index":
            args = (args[0], [part for index in args[1] for part in self._positions(index)])
        self._refuse_reading(func, args, kwargs)
        result = func(*_lifted(args, args, kwargs), **_lifted(kwargs, args, kwargs))
        return self._record(func, args, kwargs, result)

    def _positions(self, index: Tensor | None) -> Sequence[Tensor | None]:
        """Return a mask whose values are known as the positions that it marks, one an axis."""
        is_mask = index is not None and index.dtype == torch.bool
        if index is None or not is_mask or index.is_meta or self._is_data(index):
            return [index]
        return index.nonzero().unbind(1)

    def _refuse_reading(
        self, operator: OpOverload, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        if _READS_VALUES.isdisjoint(operator.tags):
            return
        tensors = tensors_in((args, kwargs))
        if base_name(operator) == "index" and all(t.dtype != torch.bool for t in tensors[1:]):
            return
        if any(tensor.is_meta or self._is_data(tensor) for tensor in tensors):
            raise ReadsValues(base_name(operator))

    def _record(
        self, operator: OpOverload, args: Sequence[Any], kwargs: Mapping[str, Any], result: Any
    ) -> Any:
        """Record an operation that ran; return its result, as the tensor that it wrote to."""
        for tensor in tensors_in((args, kwargs)):
            self._meet(tensor)
        written = _written(operator, args, kwargs)
        fresh = [tensor for tensor in tensors_in(result) if tensor not in self._storages]
        name = base_name(operator)
        if name in UNSEEN or not (fresh or written):
            return result
        if written and name == "copy":
            number = self._number(args[1])
            self._axes.copy(args[1], written[0])
        else:
            number = self._add(operator, args, kwargs, (*written, *fresh))
        for tensor in fresh:
            self._storages.made(tensor, number)
        for tensor in written:
            self._write(tensor, number)
        return written[0] if len(written) == 1 and isinstance(result, Tensor) else result

    def _add(
        self,
        operator: OpOverload,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        results: Sequence[Tensor],
    ) -> int:
        """Append an operation and return the number of its result."""
        name = base_name(operator)
        count = flop_registry.get(operator._overloadpacket)
        flops = count(*args, **kwargs, out_val=results[0]) if count else 0
        read = tensors_in((args, {k: v for k, v in kwargs.items() if k != "out"}))
        if name in PRODUCTS:
            left, right, added = PRODUCTS[name]
            product = self._multiply(args[left], args[right], results[0], flops)
            return product if added is None else self._add_to(product, args[added])
        if not any(self._is_data(tensor) for tensor in read):
            return self._append_constant([self._number(tensor) for tensor in read], flops=flops)
        if name in CONVOLUTIONS:
            return self._convolve(args, results[0], flops)
        kind = Kind("MatMul", "last") if name == BILINEAR else kind_of(operator, args, kwargs)
        if name in PICKS and not any(self._is_data(positions) for positions in read[1:]):
            kind = Kind(PASS)
        if kind.type == CONSTANT:
            return self._append_constant(())
        return self._operate(kind, name, read, results[0], flops)

    def _operate(
        self, kind: Kind, name: str, read: Sequence[Tensor], result: Tensor, flops: int
    ) -> int:
        """Append an operation that depends on an input."""
        data = [tensor for tensor in read if self._is_data(tensor)]
        is_folded = kind.type == "BatchNorm" and self._is_folded(data[0])
        source = self._storages.home(data[0]) if is_folded else data[0]
        axis = self._axis(source, kind)
        self._axes.derive(source, axis, result, kind.channels)
        inputs = tuple(self._operand(tensor, result) for tensor in read)
        shape = self._axes.extents(result)
        seen = shape if kind.type in JOINS else extents(source, axis)
        if is_folded:
            shape = seen
        number = self._append(Operation(kind.type, inputs, seen, shape, flops=flops, name=name))
        if len(data) == 1 and (kind.type == PASS or kind.type in JOINS):
            self._open_inputs.follow(self._number(source), source, number, result)
        return number

    def _operand(self, tensor: Tensor, result: Tensor) -> int:
        """Return the operation behind a tensor; parameters stay such only along the channels."""
        number = self._number(tensor)
        if self.operations[number].type != PARAMETER:
            return number
        axis = self._axes.axis(result) - result.dim() + tensor.dim()
        is_along = 0 <= axis < tensor.dim() and tensor.shape[axis] == tensor.numel()
        return number if is_along else self._append_constant((number,))

    def _is_folded(self, images: Tensor) -> bool:
        """Tell whether the batch was moved into the channels, as instance norms do."""
        home = self._storages.home(images)
        is_one = images.shape[0] == 1 < self._batch == home.shape[0]
        return is_one and home.dim() > 1 and images.shape[1] == home.shape[0] * home.shape[1]

    def _convolve(self, args: Sequence[Any], result: Tensor, flops: int) -> int:
        image, weight, bias, groups = args[0], args[1], args[2], args[8]
        tensors = [image, weight, *([] if bias is None else [bias])]
        axis = self._axis(image, Kind("Conv", "first"))
        self._axes.put(result, 1)
        operation = Operation(
            type="Depthwise" if groups == image.shape[1] > 1 else "Conv",
            inputs=tuple(self._number(tensor) for tensor in tensors),
            read=extents(image, axis),
            written=extents(result, 1),
            kernel=(1, *weight.shape[2:])[-2:],
            bias=bias is not None,
            flops=flops,
        )
        return self._append(operation)

    def _multiply(self, left: Tensor, right: Tensor, result: Tensor, flops: int) -> int:
        """Append a matrix product; of two factors that depend on an input, the left is read."""
        numbers = (self._number(left), self._number(right))
        if not any(self._depends[number] for number in numbers):
            return self._append_constant(numbers, flops=flops)
        # With a weight on the left, the channels of both matrices are their rows.
        axis = -1 if self._depends[numbers[0]] else -2
        data = left if axis == -1 else right
        self._axis(data, Kind("MatMul", "last"))
        read = self._rows(data, axis)
        if result.dim() == data.dim():
            self._axes.put(result, max(axis, -result.dim()))
            written = self._rows(result, axis)
        else:
            written = (1, result.numel(), 1)
        if axis == -1 and self._is_flattened(data):
            read = extents(self._storages.home(data), -1)
            written = (*read[:2], written[2])
        operation = Operation("MatMul", numbers, read, written, flops=flops)
        return self._append(operation)

    def _is_flattened(self, rows: Tensor) -> bool:
        """Tell whether the rows of a matrix are all positions of a batch of images."""
        home = self._storages.home(rows)
        is_view = rows.dim() == 2 < home.dim() and rows.stride() == (home.shape[-1], 1)
        return is_view and home.is_contiguous() and home.shape[0] == self._batch

    def _rows(self, matrix: Tensor, axis: int) -> Shape:
        """Return the shape of one or more matrices, whose rows or number hold the batch."""
        if matrix.dim() == 1:
            return (1, 1, matrix.numel())
        *lead, width = [n for i, n in enumerate(matrix.shape) if i != axis % matrix.dim()]
        height, channels = prod(lead), int(matrix.shape[axis])
        if lead and height % self._batch == 0:
            return (height // self._batch, width, channels)
        return (height, -(-width // self._batch), channels)

    def _add_to(self, product: int, added: Tensor) -> int:
        """Append the sum of a product and a tensor, which may be a bias."""
        inputs = (product, self._number(added))
        if not any(self._depends[i] for i in inputs):
            return self._append_constant(inputs)
        shape = self.operations[product].written
        return self._append(Operation("Add", inputs, shape, shape, name="add"))

    def _assemble(self, tensor: Tensor, numbers: tuple[int, ...]) -> int:
        shape = self._axes.extents(tensor)
        return self._append(Operation(ASSEMBLE, numbers, shape, shape))

    def _write(self, tensor: Tensor, number: int) -> None:
        """Let a value be written into a tensor, which may be a part of a larger one."""
        old = self._number(tensor)
        is_whole = tensor.numel() == self._storages.home(tensor).numel()
        is_nothing = not self._depends[number] or self.operations[number].type == "Zero"
        # Wiping a part of a tensor leaves what it is made of.
        if is_whole or not (old == number or (is_nothing and self._depends[old])):
            self._storages.write(tensor, number)

    def _append_constant(
        self,
        inputs: Sequence[int],
        type_: str = CONSTANT,
        size: int = 0,
        *,
        flops: int = 0,
        params: int = 0,
    ) -> int:
        shape = (1, 1, size)
        operation = Operation(type_, tuple(inputs), shape, shape, flops=flops, params=params)
        return self._append(operation, depends=False)

    def _append(self, operation: Operation, depends: bool | None = None) -> int:
        by_inputs = any(self._depends[i] for i in operation.inputs)
        self.operations.append(operation)
        self._depends.append(by_inputs if depends is None else depends)
        return len(self.operations) - 1

    def _meet(self, tensor: Tensor) -> None:
        """Let a tensor that was made before the record be a constant."""
        if tensor not in self._storages:
            self._storages.made(tensor, self._append_constant(()))

    def _is_data(self, tensor: Tensor) -> bool:
        return self._depends[self._number(tensor)]

    def _number(self, tensor: Tensor) -> int:
        """Return the operation behind a tensor; a constant one for tensors from elsewhere."""
        self._meet(tensor)
        number = self._storages.operation(tensor)
        operation = self.operations[number]
        if operation.type == PARAMETER and operation.params != tensor.numel():
            # A part of a parameter, as large as its reader sees it.
            return self._append_constant((number,), PARAMETER, tensor.numel())
        return number

    def _axis(self, tensor: Tensor, kind: Kind) -> int:
        """Return the axis of the channels that are read; settles it for an input."""
        if kind.channels == "same":
            return self._axes.axis(tensor)
        axis = min(1, tensor.dim() - 1) if kind.channels == "first" else tensor.dim() - 1
        settled = self._open_inputs.settle(self._number(tensor), tensor, axis)
        if settled is not None:
            number, images, position = settled
            self._axes.put(images, position)
            operation = self.operations[number]
            operation.read = operation.written = extents(images, position)
        return axis


def tensors_in(tree: Any) -> list[Tensor]:
    """Return the tensors in nested tuples, lists and dictionaries, in order."""
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def without_data(tensor: Tensor) -> Tensor:
    """Return a tensor of the same shape, strides and type on the meta device."""
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


def _written(operator: OpOverload, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Tensor]:
    """Return the tensors that an operation writes to."""
    found = []
    for position, argument in enumerate(operator._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = args[position] if position < len(args) else kwargs.get(argument.name)
            found.extend(tensors_in(value))
    return found


def _lifted(tree: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Return arguments without data where an operation mixes tensors with and without.

    Constants made in a forward pass have data, so that it may read them.
    """
    if not any(tensor.is_meta for tensor in tensors_in((args, kwargs))):
        return tree
    lifted = tree_map_only(Tensor, lambda t: t if t.is_meta else without_data(t), tree)
    moves = tree is kwargs and "device" in kwargs
    return {**lifted, "device": torch.device("meta")} if moves else lifted
