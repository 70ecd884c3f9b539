from __future__ import annotations

import itertools
from collections import Counter, defaultdict

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from tests.networks.lazy_network import LazyNetwork, assert_same_network, linear
from tests.spaces.plan_forms import plan_form
from torch import Tensor

from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.two_path import RULE, Block, Genotype, TwoPath

SPACE = TwoPath()
EXAMPLE = (
    "conv3x3+maxpool3x3/2,inception_s5x5,double3x3/2"
    "|bottleneck-r2-k1+conv5x5/2,bottleneck-e2-k3+conv1x1/2"
)
seeds = st.integers(0, 2**32 - 1)
relaxed = settings(max_examples=40, deadline=None)


def draw(seed: int) -> Architecture:
    return SPACE.sample(np.random.default_rng(seed))


def answer_to(text: str) -> str:
    """Return the spec that is read, or why it is refused."""
    try:
        return SPACE.parse(text).spec
    except ValueError as error:
        return str(error)


def form(arch: Architecture) -> str:
    return plan_form(SPACE.plan(arch, NetworkScale(8, 1), 16))


@pytest.fixture(scope="module")
def genotypes() -> list[Genotype]:
    rng = np.random.default_rng(0)
    return [SPACE.genotype(SPACE.sample(rng)) for _ in range(4000)]


def uniform(counts: Counter[object], values: int) -> bool:
    assert len(counts) == values
    return bool(chisquare(list(counts.values())).pvalue > 0.001)


def test_lengths_are_uniform_and_independent(genotypes: list[Genotype]) -> None:
    assert uniform(Counter((len(one), len(other)) for one, other in genotypes), 9)
    for path in (0, 1):
        lengths = Counter(len(block.operations) for pair in genotypes for block in pair[path])
        assert uniform(lengths, 3)


@pytest.mark.parametrize(("blocks", "pairs"), [(3, 3), (4, 6)])
def test_any_two_blocks_reduce(genotypes: list[Genotype], blocks: int, pairs: int) -> None:
    paths = [path for pair in genotypes for path in pair if len(path) == blocks]
    reducing = Counter(tuple(i for i, b in enumerate(path) if b.reduces) for path in paths)
    assert uniform(reducing, pairs)


@pytest.mark.parametrize(("length", "without"), [(2, 8 / 13), (3, (8 / 13) ** 2)])
def test_supplements_come_with_probability_5_of_13(
    genotypes: list[Genotype], length: int, without: float
) -> None:
    chains = [b.operations for pair in genotypes for path in pair for b in path]
    chains = [chain for chain in chains if len(chain) == length]
    bare = sum(not set(RULE.supplements) & set(chain) for chain in chains)
    expected = [len(chains) * without, len(chains) * (1 - without)]
    assert chisquare([bare, len(chains) - bare], expected).pvalue > 0.001


def test_operators_are_uniform_within_their_kind(genotypes: list[Genotype]) -> None:
    drawn = Counter(op for pair in genotypes for path in pair for b in path for op in b.operations)
    assert len(RULE.convolutions) == 8
    assert len(RULE.supplements) == 5
    for kind in (RULE.convolutions, RULE.supplements):
        assert uniform(Counter({op: drawn[op] for op in kind}), len(kind))


@given(seeds)
@relaxed
def test_samples_have_the_structure_of_the_family(seed: int) -> None:
    arch = draw(seed)
    first, second = SPACE.genotype(arch)
    for path in (first, second):
        assert 2 <= len(path) <= 4
        assert sum(block.reduces for block in path) == 2
        for block in path:
            assert 1 <= len(block.operations) <= 3
            assert set(block.operations) & set(RULE.convolutions)
            assert sum(op in RULE.supplements for op in block.operations) <= 1
    plan = SPACE.plan(arch, SPACE.published, 32)
    (joined,) = [node for node in plan.nodes if node.op == "concat"]
    assert [plan.shape(i) for i in joined.inputs] == [(128, 4, 4)] * 2
    residual = sum(not block.reduces for path in (first, second) for block in path)
    assert sum(node.op == "add" for node in plan.nodes) == residual


@given(seeds)
@relaxed
def test_swapped_paths_are_the_same_network(seed: int) -> None:
    arch = draw(seed)
    first, second = arch.spec.split("|")
    swapped = SPACE.parse(f"{second}|{first}")
    assert (swapped == arch) is (first == second)
    assert swapped.canonical_id == arch.canonical_id
    assert form(swapped) == form(arch)


@given(seeds, seeds)
@relaxed
def test_ids_differ_as_networks_do(seed: int, other: int) -> None:
    arch = draw(seed)
    neighbour = SPACE.mutate(arch, np.random.default_rng(other))
    assert neighbour.canonical_id != arch.canonical_id
    assert form(neighbour) != form(arch)


def test_ids_are_equal_exactly_for_equal_networks() -> None:
    ops = ("conv3x3", "double3x3", "conv1x1")
    chains = [c for n in (1, 2, 3) for c in itertools.product(ops, repeat=n) if RULE.is_valid(c)]
    pairs = list(itertools.product(chains, repeat=2))
    longer = [(a, (op,), b) for a, b in pairs[::7] for op in ops[:2]]
    other = tuple(Block(("conv5x5",), True) for _ in range(2))
    ids, forms = defaultdict(set), defaultdict(set)
    for path in pairs + longer:
        # Both ends reduce, a block between them does not.
        blocks = tuple(Block(c, i in (0, len(path) - 1)) for i, c in enumerate(path))
        arch = SPACE.from_genotype((blocks, other))
        ids[form(arch)].add(arch.canonical_id)
        forms[arch.canonical_id].add(form(arch))
    assert {len(same) for same in ids.values()} == {len(same) for same in forms.values()} == {1}
    # There are copies: 1 x 1 convolutions between two strides, pairs in place of doubles.
    assert len(ids) < len(pairs + longer)


def test_an_operator_between_two_strides_belongs_to_either_block() -> None:
    other = "|conv5x5/2,conv5x5/2"
    one = SPACE.parse("conv3x3+avgpool3x3/2,conv3x3/2" + other)
    two = SPACE.parse("conv3x3/2,avgpool3x3+conv3x3/2" + other)
    three = SPACE.parse("conv3x3/2,conv3x3+avgpool3x3/2" + other)
    assert one.canonical_id == two.canonical_id != three.canonical_id


def test_neighbours_by_hand() -> None:
    arch = SPACE.parse("conv5x5/2,conv5x5,conv5x5/2|conv5x5/2,conv5x5/2")
    neighbours = {n.spec.split("|")[0] for n in SPACE.neighbours(arch)}
    neighbours -= {"conv5x5/2,conv5x5,conv5x5/2"}
    moved = {"conv5x5,conv5x5/2,conv5x5/2", "conv5x5/2,conv5x5/2,conv5x5"}
    assert moved | {"conv5x5/2,conv5x5/2"} <= neighbours
    # Seven other convolutions a block; added on either side 13 operators, one of them twice.
    changed = 3 * (7 + 2 * 13 - 1)
    # Eight convolutions in four places, but one that stands in two places around its like.
    added = 8 * 4 - 1
    assert len(neighbours) == len(moved) + 1 + changed + added


@given(seeds)
@settings(max_examples=4, deadline=None)
def test_neighbours_lead_everywhere(seed: int) -> None:
    arch = draw(seed)

    def extent(other: Architecture) -> int:
        return sum(1 + len(b.operations) for path in SPACE.genotype(other) for b in path)

    # The relation is mutual, so it is enough that every network shrinks to one of the smallest,
    # among which single replacements lead.
    while extent(arch) > 8:
        smallest = min(SPACE.neighbours(arch), key=extent)
        assert extent(smallest) < extent(arch)
        arch = smallest


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("", "has 1 paths joined by '|', expected 2"),
        (EXAMPLE + "|" + EXAMPLE, "has 4 paths"),
        ("conv3x3/2|conv3x3/2,conv3x3/2", "path 1 of Two-Path spec .* has 1 blocks .* 2 to 4"),
        ("conv3x3/2,conv3x3/2|" + "conv3x3/2," * 4 + "conv3x3", "path 2 .* has 5 blocks"),
        ("conv3x3/2,conv3x3|conv3x3/2,conv3x3/2", "path 1 .* has 1 blocks that reduce"),
        ("conv3x3/2,conv3x3/2|conv3x3/2,conv3x3/2,conv3x3/2", "path 2 .* has 3 blocks that reduce"),
        ("conv3x3/2,conv7x7/2|conv3x3/2,conv3x3/2", "'conv7x7' in block 2 of path 1 .* conv3x3, d"),
        ("conv3x3/2/2,conv3x3/2|conv3x3/2,conv3x3/2", "unknown operation 'conv3x3/2' in block 1"),
        ("conv3x3/2,/2|conv3x3/2,conv3x3/2", "unknown operation '' in block 2 of path 1"),
        (
            "conv1x1/2,conv3x3/2|conv3x3/2,conv3x3/2",
            "block 1 of path 1 .* at least one convolution",
        ),
        (
            "conv3x3/2,conv3x3/2|conv3x3/2,conv1x1+conv3x3+avgpool3x3/2",
            "block 2 of path 2 .* at most one other",
        ),
        (
            "conv3x3+conv3x3+conv3x3+conv3x3/2,conv3x3/2|conv3x3/2,conv3x3/2",
            "block 1 of path 1 .* has 4 operations, expected at most 3",
        ),
    ],
)
def test_bad_specs_are_rejected_by_name(spec: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("|", r"\|")) as caught:
        SPACE.parse(spec)
    assert repr(spec) in str(caught.value)


@given(seeds, st.data())
@relaxed
def test_any_text_is_read_as_it_is_or_refused_by_name(seed: int, data: st.DataObject) -> None:
    spec = draw(seed).spec
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(spec))] * 2)))
    put = data.draw(st.sampled_from(["", "|", "+", ",", "/2", "conv3x3", ",conv5x5", "\n"]))
    text = spec[:start] + put + spec[stop:]
    answer = answer_to(text)
    assert answer == text or f"Two-Path spec {text!r}" in answer


def test_the_cell_graph_by_hand() -> None:
    spec = "conv3x3+maxpool3x3/2,conv5x5,double3x3/2|conv3x3/2,avgpool3x3+conv5x5/2"
    graph = SPACE.cell_graph(SPACE.parse(spec))
    assert graph.operations == (
        "input", "conv3x3/2", "maxpool3x3", "conv5x5", "double3x3/2",
        "conv3x3/2", "avgpool3x3", "conv5x5/2", "output",
    )  # fmt: skip
    # The middle block of the first path is residual: what it reads goes on to the last block.
    assert graph.edges == (
        (0, 1), (0, 5), (1, 2), (2, 3), (2, 4), (3, 4), (4, 8), (5, 6), (6, 7), (7, 8),
    )  # fmt: skip


def test_residual_blocks_at_the_end_lead_to_the_output() -> None:
    graph = SPACE.cell_graph(SPACE.parse("conv3x3/2,conv3x3/2,conv5x5|conv3x3/2,conv3x3/2"))
    assert {source for source, target in graph.edges if target == 6} == {2, 3, 5}


def test_counts_of_a_published_network_by_hand() -> None:
    # Stem on 32 x 32 and 16 x 16 pixels, paths on 8 x 8 and 4 x 4; 512 channels, ten classes.
    arch = SPACE.parse("conv3x3/2,conv3x3/2|conv3x3/2,conv3x3/2")
    size = SPACE.count(arch, SPACE.published, 32, 10)
    weights = [27 * 32, 9 * 32 * 32, 9 * 32 * 64, 9 * 64 * 128, 9 * 256 * 512]
    norms = 2 * (32 + 32 + 2 * (64 + 128) + 512)
    assert (
        size.params == weights[0] + weights[1] + 2 * sum(weights[2:4]) + weights[4] + norms + 5130
    )
    assert size.macs == (
        weights[0] * 32**2 + weights[1] * 16**2 + 2 * (weights[2] * 8**2 + weights[3] * 4**2)
        + weights[4] * 4**2 + 5120
    )  # fmt: skip


def test_trains_like_a_naive_network() -> None:
    def body(net: LazyNetwork, x: Tensor) -> Tensor:
        x = stem = net.conv(net.conv(x, 8, 3, 2), 8, 3, 2)
        # conv3x3+maxpool3x3/2
        x = net.conv(x, 16, 3, 2)
        x = net.norm(torch.nn.functional.max_pool2d(x, 3, 1, 1))
        # inception_s5x5, residual
        x = net.conv(net.conv(x, 16, (1, 5)), 16, (5, 1)) + x
        # double3x3/2
        one = net.conv(net.conv(x, 16, 3, 2), 32, 3)
        # bottleneck-r2-k1+conv5x5/2
        x = net.conv(net.conv(stem, 4, 1, then=linear), 8, 1, then=linear)
        x = net.conv(x, 16, 5, 2)
        # bottleneck-e2-k3+conv1x1/2
        x = net.conv(net.conv(x, 32, 3, 2, then=linear), 32, 3, then=linear)
        x = torch.cat([one, net.conv(x, 32, 1)], 1)
        return net.classify(net.conv(x, 128, 3), 5)

    torch.manual_seed(0)
    network = SPACE.build(SPACE.parse(EXAMPLE), NetworkScale(8, 1, 2), 5)
    assert_same_network(network, LazyNetwork(body, momentum=0.1), 32)


def test_repeats_multiply_nothing() -> None:
    arch = SPACE.parse(EXAMPLE)
    counts = [SPACE.count(arch, NetworkScale(8, repeats), 16) for repeats in (1, 3)]
    assert counts[0] == counts[1]


def test_other_spaces_architectures_are_refused() -> None:
    with pytest.raises(ValueError, match="belongs to space 'hiaml', not 'two_path'"):
        SPACE.genotype(Architecture("hiaml", EXAMPLE, ""))
