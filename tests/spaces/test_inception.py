from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from tests.networks.lazy_network import LazyNetwork, assert_same_network, linear
from tests.spaces.plan_forms import plan_form
from torch import Tensor
from torch.nn import functional

from nascast.spaces.base import Architecture, NetworkScale
from nascast.spaces.inception import PAPER, RELEASED, Inception, Stage

SPACE = Inception()
SMALL = "2*conv3x3:32/2*conv3x3:64/2*conv3x3:128/2*conv3x3:256"
EXAMPLE = (
    "2*conv3x3+avgpool3x3:16|inception_p3x3+double1x1:32>16"
    "|maxpool3x3+depthwise3x3+conv3x3:16"
    "/2*inception_p5x5+depthwise5x5:32|inception_s3x3:32"
    "/3*conv1x1+conv5x5:64>128"
    "/2*conv3x3+inception_s5x5:32>64|conv3x3+conv3x3:64|conv3x3+conv3x3:64|conv3x3+conv3x3:64"
)
seeds = st.integers(0, 2**32 - 1)


def draw(seed: int) -> Architecture:
    return SPACE.sample(np.random.default_rng(seed))


def form(arch: Architecture) -> str:
    return plan_form(SPACE.plan(arch, NetworkScale(8, 1), 16))


def answer_to(text: str) -> str:
    """Return the spec that is read, or why it is refused."""
    try:
        return SPACE.parse(text).spec
    except ValueError as error:
        return str(error)


def example_with(stage: int, text: str) -> str:
    return "/".join(text if i == stage else part for i, part in enumerate(SMALL.split("/"), 1))


def test_repeats_are_uniform_and_independent() -> None:
    rng = np.random.default_rng(0)
    drawn = [[s.repeats for s in SPACE.genotype(SPACE.sample(rng))] for _ in range(1500)]
    for stage in range(4):
        counts = Counter(repeats[stage] for repeats in drawn)
        assert set(counts) == {2, 3, 4, 5, 6}
        assert chisquare(list(counts.values())).pvalue > 0.001
    pairs = Counter((repeats[0], repeats[3]) for repeats in drawn)
    assert len(pairs) == 25
    assert chisquare(list(pairs.values())).pvalue > 0.001


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_samples_have_the_structure_of_the_family(seed: int) -> None:
    arch = draw(seed)
    genotype = SPACE.genotype(arch)
    assert len(genotype) == 4
    plan = SPACE.plan(arch, SPACE.published, 32)
    head = plan.nodes[-5]
    assert (head.op, head.shape, plan.shape(head.inputs[0])) == ("conv", (512, 4, 4), (256, 4, 4))
    # Three blocks reduce, all others are residual.
    assert sum(node.op == "add" for node in plan.nodes) == sum(s.repeats for s in genotype) - 3
    # Three or four paths of 16 channels are too wide for the 32 of the first stage.
    projections = [
        node
        for node in plan.nodes
        if (node.op, node.kernel, node.shape) == ("conv", (1, 1), (32, 32, 32))
        and plan.nodes[node.inputs[0]].op == "concat"
    ]
    assert len(projections) == genotype[0].repeats * (len(genotype[0].block) > 2)
    assert all(2 <= stage.repeats <= 6 and 1 <= len(stage.block) <= 4 for stage in genotype)


@given(seeds, st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_paths_in_another_order_are_the_same_network(seed: int, random: object) -> None:
    arch = draw(seed)
    genotype = SPACE.genotype(arch)
    shuffled = tuple(
        Stage(s.repeats, tuple(random.sample(s.block, len(s.block))))  # type: ignore[attr-defined]
        for s in genotype
    )
    other = SPACE.from_genotype(shuffled)
    assert other.canonical_id == arch.canonical_id
    assert form(other) == form(arch)
    assert (other == arch) is (shuffled == genotype)


@pytest.mark.parametrize("seed", range(3))
def test_neighbours_are_other_networks(seed: int) -> None:
    arch = draw(seed)
    listed = list(SPACE.neighbours(arch))
    neighbours = [listed[i] for i in np.random.default_rng(seed).permutation(len(listed))[:60]]
    forms = {neighbour.canonical_id: form(neighbour) for neighbour in neighbours}
    assert len({form(arch), *forms.values()}) == 1 + len(forms)
    assert all(form(neighbour) == forms[neighbour.canonical_id] for neighbour in neighbours)


def test_neighbours_by_hand() -> None:
    neighbours = list(SPACE.neighbours(SPACE.parse(SMALL)))
    # A stage: four other depths; seven other convolutions; 12 operators before or behind it, one
    # of them twice the same; eight convolutions as a path before or behind it, one the same.
    assert len(neighbours) == 4 * (4 + 7 + 2 * 12 - 1 + 2 * 8 - 1)
    specs = {neighbour.spec for neighbour in neighbours}
    for stage, text in ((1, "6*conv3x3:32"), (2, "2*conv3x3:32|conv5x5:32"), (4, "2*conv5x5:256")):
        assert example_with(stage, text) in specs


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("", "stage 1 of Inception spec '' reads '', expected the number of its blocks"),
        (SMALL + "/", "stage 5 of Inception spec .* reads ''"),
        (SMALL.rsplit("/", 1)[0], "has 3 stages joined by '/', expected 4"),
        (SMALL + "/2*conv3x3:512", "has 5 stages"),
        (example_with(2, "1*conv3x3:64"), "stage 2 of .* has 1 blocks, expected 2 to 6"),
        (example_with(2, "7*conv3x3:64"), "stage 2 of .* has 7 blocks, expected 2 to 6"),
        (example_with(2, "02*conv3x3:64"), "stage 2 of .* reads '02"),
        (example_with(2, "conv3x3:64"), "stage 2 of .* reads 'conv3x3:64', expected the number"),
        (example_with(3, "2*conv3x3:64"), r"stage 3 of .* paths of \[64\] channels; .* \[128\]"),
        (example_with(3, "2*conv3x3"), "path 1 of stage 3 of .* reads 'conv3x3', expected op"),
        (example_with(4, "2*conv1x1:256"), "path 1 of stage 4 of .* at least one convolution"),
        (example_with(4, "2*conv3x3:128|mbconv:128"), "'mbconv' in path 2 of stage 4"),
    ],
)
def test_bad_specs_are_rejected_by_name(spec: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        SPACE.parse(spec)
    assert repr(spec) in str(caught.value)


@given(seeds, st.data())
@settings(max_examples=40, deadline=None)
def test_any_text_is_read_as_it_is_or_refused_by_name(seed: int, data: st.DataObject) -> None:
    spec = draw(seed).spec
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(spec))] * 2)))
    put = data.draw(st.sampled_from(["", "|", "+", "/", ":", "16>", "2*", "conv3x3", "\n", "0"]))
    text = spec[:start] + put + spec[stop:]
    answer = answer_to(text)
    assert answer == text or f"Inception spec {text!r}" in answer


def test_the_cell_graph_by_hand() -> None:
    spec = example_with(2, "3*conv3x3+maxpool3x3:32|depthwise5x5:32")
    graph = SPACE.cell_graph(SPACE.parse(spec))
    assert graph.operations == (
        "input", "conv3x3", "repeat2", "conv3x3", "maxpool3x3", "depthwise5x5", "repeat3",
        "conv3x3", "repeat2", "conv3x3", "repeat2", "output",
    )  # fmt: skip
    assert graph.edges == (
        (0, 1), (1, 2), (2, 3), (2, 5), (3, 4), (4, 6), (5, 6), (6, 7), (7, 8), (8, 9), (9, 10),
        (10, 11),
    )  # fmt: skip


def test_counts_of_a_published_network_by_hand() -> None:
    # Every stage has two 3 x 3 convolutions; stages 2 to 4 halve the image in their first one.
    # Convolutions have biases, so a layer of c channels has 3 * c numbers beside its weights.
    layers = [(3, 32, 32), (32, 32, 32), (32, 32, 32)]
    layers += [(32, 64, 16), (64, 64, 16), (64, 128, 8), (128, 128, 8)]
    layers += [(128, 256, 4), (256, 256, 4), (256, 512, 4)]
    size = SPACE.count(SPACE.parse(SMALL), SPACE.published, 32, 10)
    assert size.params == sum(9 * a * b + 3 * b for a, b, _ in layers) + 5130
    assert size.macs == sum(9 * a * b * side**2 for a, b, side in layers) + 5120
    assert SPACE.conv_count(SPACE.parse(SMALL)) == len(layers)


def naive_example(net: LazyNetwork, x: Tensor) -> Tensor:
    """The network of ``EXAMPLE`` with a quarter of the channels."""

    def depthwise(y: Tensor, channels: int, kernel: int) -> Tensor:
        if y.shape[1] != channels:
            width = y.shape[1]
            y = net.layer(lambda: torch.nn.Conv2d(width, channels, 1, bias=False), y)
        made = {"padding": kernel // 2, "groups": channels}
        y = net.layer(lambda: torch.nn.Conv2d(channels, channels, kernel, **made), y)
        return functional.relu6(net.norm(y))

    x = net.conv(x, 8, 3, 2)
    for _ in range(2):
        one = net.norm(functional.avg_pool2d(net.conv(x, 4, 3), 3, 1, 1, count_include_pad=False))
        halves = [net.conv(x, 4, (1, 3), then=linear), net.conv(x, 4, (3, 1), then=linear)]
        two = net.conv(net.conv(functional.relu6(torch.cat(halves, 1)), 4, 1), 4, 1)
        three = depthwise(net.norm(functional.max_pool2d(x, 3, 1, 1)), 4, 3)
        joined = torch.cat([one, two, net.conv(three, 4, 3)], 1)
        x = x + net.conv(joined, 8, 1, then=linear)
    for repeat in range(2):
        if repeat == 0:
            row = net.conv(net.conv(x, 4, (1, 5), (1, 2), linear), 4, (5, 1), (2, 1), linear)
            column = net.conv(net.conv(x, 4, (5, 1), (2, 1), linear), 4, (1, 5), (1, 2), linear)
        else:
            row = net.conv(x, 4, (1, 5), then=linear)
            column = net.conv(x, 4, (5, 1), then=linear)
        one = depthwise(functional.relu6(torch.cat([row, column], 1)), 8, 5)
        stride = 1 if repeat else 2
        two = net.conv(net.conv(x, 8, (1, 3), (1, stride)), 8, (3, 1), (stride, 1))
        joined = torch.cat([one, two], 1)
        x = x + joined if repeat else joined
    for repeat in range(3):
        y = net.conv(net.conv(x, 16, 1), 32, 5, 1 if repeat else 2)
        x = x + y if repeat else y
    for repeat in range(2):
        stride = 1 if repeat else 2
        first = net.conv(x, 8, 3, stride)
        paths = [net.conv(net.conv(first, 16, (1, 5)), 16, (5, 1))]
        paths += [net.conv(net.conv(x, 16, 3, stride), 16, 3) for _ in range(3)]
        joined = torch.cat(paths, 1)
        x = x + joined if repeat else joined
    return net.classify(net.conv(x, 128, 3), 5)


def test_trains_like_a_naive_network() -> None:
    torch.manual_seed(0)
    network = SPACE.build(SPACE.parse(EXAMPLE), NetworkScale(8, 1, 2), 5)
    assert_same_network(network, LazyNetwork(naive_example, momentum=0.01, bias=True), 32)


@pytest.mark.parametrize("channels", [1, 2, 7])
def test_channels_that_paths_cannot_share_are_refused(channels: int) -> None:
    with pytest.raises(ValueError, match=f"even number of channels, at least 4, got {channels}"):
        SPACE.plan(SPACE.parse(SMALL), NetworkScale(channels, 1), 16)
    assert SPACE.plan(SPACE.parse(EXAMPLE), NetworkScale(6, 1), 16).nodes


def test_repeats_of_the_scale_multiply_nothing() -> None:
    arch = SPACE.parse(EXAMPLE)
    counts = [SPACE.count(arch, NetworkScale(8, repeats), 16) for repeats in (1, 3)]
    assert counts[0] == counts[1]


def test_the_layout_is_the_generators_or_the_papers() -> None:
    assert [RELEASED.channels(stage) for stage in range(4)] == [32, 64, 128, 256]
    assert [PAPER.channels(stage) for stage in range(3)] == [64, 128, 256]
    space = Inception(PAPER)
    rng = np.random.default_rng(0)
    genotypes = [space.genotype(space.sample(rng)) for _ in range(60)]
    assert {len(genotype) for genotype in genotypes} == {3}
    assert {stage.repeats for genotype in genotypes for stage in genotype} == {2, 3, 4}
    assert set(SPACE.operations) - set(space.operations) == {"repeat5", "repeat6"}
    plan = space.plan(space.sample(rng), space.published, 32)
    assert plan.nodes[-3].shape == (512, 4, 4)
    with pytest.raises(ValueError, match="4 stages joined by '/', expected 3"):
        space.parse(SMALL)


def test_other_spaces_architectures_are_refused() -> None:
    with pytest.raises(ValueError, match="belongs to space 'hiaml', not 'inception'"):
        SPACE.genotype(Architecture("hiaml", SMALL, ""))
