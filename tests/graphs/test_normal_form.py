from __future__ import annotations

from dataclasses import replace

import pytest

from nascast.graphs.computation import GraphError
from nascast.graphs.normal_form import (
    ASSEMBLE,
    CONSTANT,
    PARAMETER,
    PASS,
    SELECT,
    Operation,
    graph_of_nodes,
    normalise,
)

SHAPE = (4, 4, 8)


def op(type_: str, *inputs: int, written: tuple[int, int, int] = SHAPE, **more: int) -> Operation:
    return Operation(type_, inputs, SHAPE, written, **more)


def parameter(size: int) -> Operation:
    return Operation(PARAMETER, (), (1, 1, size), (1, 1, size), params=size)


def form(*operations: Operation) -> list[tuple[str, tuple[int, ...]]]:
    return [(node.type, node.inputs) for node in normalise(operations)]


def test_what_passes_its_input_on_is_left_out() -> None:
    chain = (op("Input"), op(PASS, 0), op("ReLU", 1), op(PASS, 2), op("Output", 3))
    assert form(*chain) == [("Input", ()), ("ReLU", (0,)), ("Output", (1,))]


def test_what_no_output_depends_on_is_left_out_with_its_counts() -> None:
    operations = (
        op("Input"), op("Input"), parameter(9), op("Conv", 0, 2, flops=5), op("ReLU", 0),
        op("Output", 4),
    )  # fmt: skip
    nodes = normalise(operations)
    assert [node.type for node in nodes] == ["Input", "ReLU", "Output"]
    assert sum(node.params + node.flops for node in nodes) == 0


@pytest.mark.parametrize("kind", ["Add", "Mul", "Concat", SELECT])
def test_joins_of_one_input_with_constants_are_left_out(kind: str) -> None:
    bare = (op("Input"), op(CONSTANT), op(kind, 0, 1), op("Output", 2))
    assert form(*bare) == [("Input", ()), ("Output", (0,))]
    learnt = (op("Input"), parameter(3), op(kind, 0, 1), op("Output", 2))
    name = "Unknown" if kind == SELECT else kind
    assert form(*learnt) == [("Input", ()), (name, (0,)), ("Output", (1,))]
    assert normalise(learnt)[1].params == 3
    twice = (op("Input"), op(kind, 0, 0), op("Output", 1))
    assert form(*twice)[1] == (name, (0, 0))


def test_constants_belong_to_their_first_reader() -> None:
    operations = (
        op("Input"),
        parameter(7),
        parameter(2),
        op(CONSTANT, 1, 2, flops=11),  # a weight that is computed from two parameters
        op("Conv", 0, 3, flops=100),
        op("Conv", 4, 3, flops=100),
        op("Conv", 5, 1, flops=100),
        op("Output", 6),
    )
    nodes = normalise(operations)
    assert [node.params for node in nodes] == [0, 9, 0, 0, 0]
    assert [node.flops for node in nodes] == [0, 111, 100, 100, 0]
    # The first reader may be one that no output depends on: it does not count.
    dead = (op("Input"), parameter(7), op("Conv", 0, 1), op("Conv", 0, 1), op("Output", 3))
    assert [node.params for node in normalise(dead)] == [0, 7, 0]


def test_chains_of_sums_are_one() -> None:
    terms = (op("Input"), op("ReLU", 0), op("Tanh", 0), op("Sigmoid", 0))
    left = (*terms, op("Add", 0, 1), op("Add", 4, 2), op("Add", 5, 3), op("Output", 6))
    tree = (*terms, op("Add", 0, 1), op("Add", 2, 3), op("Add", 4, 5), op("Output", 6))
    flat = (*terms, op("Add", 0, 1, 2, 3), op("Output", 4))
    assert form(*left) == form(*tree) == form(*flat)
    assert form(*flat)[4] == ("Add", (0, 1, 2, 3))


def test_a_sum_that_others_read_stays() -> None:
    operations = (
        op("Input"), op("ReLU", 0), op("Add", 0, 1), op("Tanh", 2), op("Add", 2, 3),
        op("Output", 4),
    )  # fmt: skip
    assert form(*operations)[2:5] == [("Add", (0, 1)), ("Tanh", (2,)), ("Add", (2, 3))]
    small = (op("Input"), op("Add", 0, 0, written=(1, 1, 8)), op("Add", 0, 1), op("Output", 2))
    assert [name for name, _ in form(*small)].count("Add") == 2
    doubled = (op("Input"), op("ReLU", 0), op("Add", 0, 1), op("Add", 2, 2), op("Output", 3))
    assert [name for name, _ in form(*doubled)].count("Add") == 2


def product(*added: Operation, bias: bool = False) -> list[Operation]:
    """A product of 8 channels with something added to it."""
    matmul = replace(op("MatMul", 0, 1), bias=bias)
    return [op("Input"), parameter(64), matmul, *added, op("Output", 2 + len(added))]


def test_a_parameter_a_channel_behind_a_product_is_its_bias() -> None:
    nodes = normalise(product(parameter(8), op("Add", 2, 3)))
    assert [node.type for node in nodes] == ["Input", "MatMul", "Output"]
    assert (nodes[1].bias, nodes[1].params) == (True, 72)
    assert nodes[2].inputs == (1,)


def test_what_is_no_bias_stays_a_sum() -> None:
    has_one = product(parameter(8), op("Add", 2, 3), bias=True)
    other_size = product(parameter(16), op("Add", 2, 3))
    computed = product(parameter(8), op(CONSTANT, 3), op("Add", 2, 4))
    two = product(parameter(8), parameter(8), op("Add", 2, 3, 4))
    for operations in (has_one, other_size, computed, two):
        assert [node.type for node in normalise(operations)].count("Add") == 1
    others_read = [*product(parameter(8), op("Add", 2, 3))[:-1], op("Mul", 2, 4), op("Output", 5)]
    assert [n.type for n in normalise(others_read)] == ["Input", "MatMul", "Add", "Mul", "Output"]


def test_a_sum_behind_a_bias_reads_the_product() -> None:
    operations = [
        *product(parameter(8), op("Add", 2, 3))[:-1], op("Add", 4, 0), op("ReLU", 4),
        op("Mul", 5, 6), op("Output", 7),
    ]  # fmt: skip
    assert form(*operations)[1:] == [
        ("MatMul", (0,)), ("Add", (1, 0)), ("ReLU", (1,)), ("Mul", (2, 3)), ("Output", (4,)),
    ]  # fmt: skip


def test_tensors_that_are_written_in_parts() -> None:
    one = (op("Input"), op(CONSTANT), op(ASSEMBLE, 1, 0), op("Output", 2))
    assert form(*one) == [("Input", ()), ("Paddings", (0,)), ("Output", (1,))]
    zeros = (op("Input"), op("Zero", 0), op(ASSEMBLE, 1, 0), op("Output", 2))
    assert form(*zeros) == form(*one)
    two = (
        op("Input"), op("ReLU", 0), op(CONSTANT), op(ASSEMBLE, 2, 0), op(ASSEMBLE, 3, 1),
        op("Output", 4),
    )  # fmt: skip
    assert form(*two)[2] == ("Concat", (0, 1))


def test_without_an_output_that_depends_on_an_input_there_is_no_graph() -> None:
    for operations in ((op("Input"),), (op("Input"), op(CONSTANT), op("Output", 1))):
        with pytest.raises(GraphError, match="no output depends on an input"):
            normalise(operations)
    # Beside others, an output that depends on none is left out.
    both = (op("Input"), op(CONSTANT), op("Output", 0), op("Output", 1))
    assert form(*both) == [("Input", ()), ("Output", (0,))]


def test_operations_are_not_changed_and_make_a_graph() -> None:
    operations = product(parameter(8), op("Add", 2, 3))
    before = [replace(operation) for operation in operations]
    graph = graph_of_nodes(normalise(operations))
    assert operations == before
    assert graph.type_names == ["Input", "MatMul", "Output"]
    assert graph.bias.tolist() == [False, True, False]
    assert graph.edges.tolist() == [[0, 1], [1, 2]]
    assert graph.shapes[1].tolist() == [*SHAPE, *SHAPE]
