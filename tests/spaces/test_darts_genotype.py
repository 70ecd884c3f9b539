from __future__ import annotations

import ast
import itertools
import re

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nascast.spaces.darts_genotype import (
    OPERATIONS,
    Cell,
    Genotype,
    canonical_cell,
    edges_of,
    format_genotype,
    make_genotype,
    parse_genotype,
)

NORMAL: Cell = (
    ("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("sep_conv_3x3", 1),
    ("skip_connect", 0), ("sep_conv_3x3", 1), ("skip_connect", 0), ("dil_conv_3x3", 2),
)  # fmt: skip
REDUCE: Cell = (
    ("max_pool_3x3", 0), ("max_pool_3x3", 1), ("max_pool_3x3", 1), ("skip_connect", 2),
    ("max_pool_3x3", 0), ("skip_connect", 2), ("max_pool_3x3", 1), ("skip_connect", 2),
)  # fmt: skip
# The second genotype of the DARTS paper as its public code prints it.
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
    "('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
    "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)


@st.composite
def cells(draw: st.DrawFn, operations: tuple[str, ...] = OPERATIONS) -> Cell:
    """Draw a valid cell, the edges of a node sorted by their sources."""
    edges: list[tuple[str, int]] = []
    for node in range(2, 6):
        sources = draw(st.sampled_from(list(itertools.combinations(range(node), 2))))
        edges += [(draw(st.sampled_from(operations)), source) for source in sources]
    return tuple(edges)


@st.composite
def renumbered(draw: st.DrawFn, cell: Cell) -> Cell:
    """Draw another numbering of the intermediate nodes, every source before its reader."""
    numbers, placed = {0: 0, 1: 1}, list[int]()
    while len(placed) < 4:
        ready = [
            node
            for node in range(2, 6)
            if node not in placed and all(s in numbers for _, s in edges_of(cell, node))
        ]
        node = draw(st.sampled_from(ready))
        numbers[node] = 2 + len(placed)
        placed.append(node)
    edges = [[(op, numbers[source]) for op, source in edges_of(cell, node)] for node in placed]
    return make_genotype(tuple(edge for pair in edges for edge in pair), REDUCE).normal


@st.composite
def damaged_specs(draw: st.DrawFn) -> str:
    """Draw a spec with one stretch of characters cut out, and perhaps another put in."""
    start, stop = sorted(draw(st.tuples(*[st.integers(0, len(DARTS_V2))] * 2)))
    pieces = ["", "(", ")", "[", "]", ",", "'", "2", "('skip_connect', 0)", "none", "=", " "]
    return DARTS_V2[:start] + draw(st.sampled_from(pieces)) + DARTS_V2[stop:]


def readable(text: str) -> bool:
    """Tell by Python's own eyes whether a text is a genotype of two valid cells."""
    try:
        call = ast.parse(text.strip().replace("range(2, 6)", "[2, 3, 4, 5]"), mode="eval").body
        assert isinstance(call, ast.Call)
        assert not call.args
        assert isinstance(call.func, ast.Name)
        names = [keyword.arg for keyword in call.keywords]
        normal, concat, reduce, other = (ast.literal_eval(word.value) for word in call.keywords)
    except (SyntaxError, ValueError, AssertionError):
        return False
    return (
        call.func.id == "Genotype"
        and names == ["normal", "normal_concat", "reduce", "reduce_concat"]
        and concat == other == [2, 3, 4, 5]
        and all(is_cell(cell) for cell in (normal, reduce))
    )


def is_cell(edges: object) -> bool:
    if not isinstance(edges, list) or len(edges) != 8:
        return False
    if not all(isinstance(edge, tuple) and len(edge) == 2 for edge in edges):
        return False
    sources = [source for _, source in edges]
    return all(operation in OPERATIONS for operation, _ in edges) and all(
        sources[i] != sources[i + 1] and {sources[i], sources[i + 1]} <= set(range(2 + i // 2))
        for i in (0, 2, 4, 6)
    )


def graph_of(cell: Cell) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from((node, {"kind": min(node, 2)}) for node in range(6))
    for node in range(2, 6):
        graph.add_edges_from((source, node, {"op": op}) for op, source in edges_of(cell, node))
    return graph


def isomorphic(one: Cell, other: Cell) -> bool:
    return nx.is_isomorphic(
        graph_of(one),
        graph_of(other),
        node_match=lambda a, b: a["kind"] == b["kind"],
        edge_match=lambda a, b: a["op"] == b["op"],
    )


def test_reads_what_the_public_code_prints() -> None:
    assert parse_genotype(DARTS_V2) == Genotype(NORMAL, REDUCE)


@pytest.mark.parametrize(
    "spec",
    [
        DARTS_V2.replace("[2, 3, 4, 5]", "range(2, 6)"),
        DARTS_V2.replace(" ", ""),
        DARTS_V2.replace("'", '"'),
        f"\n{DARTS_V2}\n",
        DARTS_V2.replace("(normal", "(\n    normal").replace("), (", "),\n        ("),
        DARTS_V2.replace("2)]", "2),\n]").replace("5])", "5],)"),
    ],
)
def test_layout_does_not_matter(spec: str) -> None:
    assert spec != DARTS_V2
    assert format_genotype(parse_genotype(spec)) == format_genotype(Genotype(NORMAL, REDUCE))


@given(cells(), cells())
def test_text_and_genotype_are_inverse(normal: Cell, reduce: Cell) -> None:
    spec = format_genotype(Genotype(normal, reduce))
    assert parse_genotype(spec) == (normal, reduce)
    # What Python itself reads in it is the same.
    call = ast.parse(spec, mode="eval").body
    assert isinstance(call, ast.Call)
    values = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    assert values == {
        "normal": list(normal), "normal_concat": [2, 3, 4, 5],
        "reduce": list(reduce), "reduce_concat": [2, 3, 4, 5],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Genotype(", "Genotype[", "does not read Genotype(normal=[...], normal_concat=[2, 3"),
        ("reduce=", "reduction=", "does not read Genotype("),
        (")], normal_concat", "), normal_concat", "does not read Genotype("),
        ("normal_concat=[2, 3, 4, 5]", "normal_concat=[3, 4, 5]", "normal_concat of DARTS spec"),
        ("reduce_concat=[2, 3, 4, 5]", "reduce_concat=range(2, 7)", "is range(2,7), expected [2"),
        (", ('dil_conv_3x3', 2)]", "]", "the normal cell has 7 edges, expected 8"),
        ("'dil_conv_3x3', 2)", "'dil_conv_3x3', 2), ('skip_connect', 0)", "9 edges, expected 8"),
        ("('dil_conv_3x3', 2)", "('dil_conv_3x3')", "does not begin with an edge"),
        ("('dil_conv_3x3', 2)", "('dil_conv_3x3', -1)", "\"('dil_conv_3x3',-1)\" does not begin"),
        ("('dil_conv_3x3', 2)", "('dil_conv_3x3', 02)", "does not begin with an edge"),
        ("('dil_conv_3x3', 2)", "('dil_conv_3x3', 2),,", "does not begin with an edge"),
        ("), ('dil_conv_3x3', 2)", ") ('dil_conv_3x3', 2)", "does not begin with an edge"),
        ("('dil_conv_3x3', 2)", "(dil_conv_3x3, 2)", "does not begin with an edge"),
        ("'dil_conv_3x3', 2", "'none', 2", "'none' into node 5 of the normal cell; choose one"),
        ("'dil_conv_3x3', 2", "'conv_7x1', 2", "unknown operation 'conv_7x1'"),
        ("'dil_conv_3x3', 2", "'dil_conv_3x3', 5", "node 5 of the normal cell reads node 5"),
        ("'dil_conv_3x3', 2", "'dil_conv_3x3', 6", "not one of the nodes 0 to 4 before it"),
        ("'dil_conv_3x3', 2", "'dil_conv_3x3', 0", "reads node 0 twice"),
    ],
)
def test_bad_specs_are_refused_by_name(old: str, new: str, says: str) -> None:
    assert DARTS_V2.count(old) == 1
    spec = DARTS_V2.replace(old, new)
    with pytest.raises(ValueError, match=re.escape(repr(spec))) as caught:
        parse_genotype(spec)
    assert says in str(caught.value)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@given(st.one_of(damaged_specs(), st.text(alphabet="Genotype(normal=[]'_, 2", max_size=40)))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    if readable(text):
        genotype = parse_genotype(text)
        assert parse_genotype(format_genotype(genotype)) == genotype
    else:
        with pytest.raises(ValueError, match=re.escape(repr(text))):
            parse_genotype(text)


def test_the_order_of_a_nodes_edges_does_not_matter() -> None:
    swapped = tuple(edge for node in range(2, 6) for edge in reversed(edges_of(NORMAL, node)))
    assert swapped != NORMAL
    assert make_genotype(swapped, REDUCE) == make_genotype(NORMAL, REDUCE)


@given(st.data(), cells())
def test_renumbered_cells_have_one_canonical_form(data: st.DataObject, cell: Cell) -> None:
    other = data.draw(renumbered(cell))
    assert canonical_cell(other) == canonical_cell(cell)


@given(cells())
def test_the_canonical_form_is_an_isomorphic_cell(cell: Cell) -> None:
    form = canonical_cell(cell)
    assert make_genotype(form, form).normal == form
    assert isomorphic(form, cell)
    assert canonical_cell(form) == form


@settings(max_examples=200, deadline=None)
@given(*[cells(("skip_connect", "max_pool_3x3"))] * 2)
def test_cells_of_few_operations_are_told_apart(one: Cell, other: Cell) -> None:
    assert (canonical_cell(one) == canonical_cell(other)) == isomorphic(one, other)


def test_isomorphic_cells_by_hand() -> None:
    skips = (("skip_connect", 0), ("skip_connect", 1))
    pools = (("max_pool_3x3", 0), ("max_pool_3x3", 1))
    one = (*skips, *pools, *skips, ("skip_connect", 2), ("skip_connect", 3))
    # Node 2 and node 3 change places, and with them what node 5 reads.
    other = (*pools, *skips, *skips, ("skip_connect", 2), ("skip_connect", 3))
    assert canonical_cell(one) == canonical_cell(other)
    # Node 5 reads both skipping nodes: not the same as reading one and the pools.
    third = (*skips, *pools, *skips, ("skip_connect", 2), ("skip_connect", 4))
    assert canonical_cell(third) != canonical_cell(one)
    # The inputs are told apart.
    left, right = (
        (("skip_connect", 0), ("max_pool_3x3", 1)),
        (("max_pool_3x3", 0), ("skip_connect", 1)),
    )
    assert canonical_cell(left * 4) != canonical_cell(right * 4)
