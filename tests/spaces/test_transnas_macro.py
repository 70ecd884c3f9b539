from __future__ import annotations

import re
from collections import Counter
from math import comb

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.networks.naive_nasbench201 import copy_parameters
from tests.networks.naive_transnas import NaiveResidual, naive_network

from nascast.networks.counts import count_macs, count_params
from nascast.spaces.base import NetworkScale
from nascast.spaces.transnas_macro import OPERATIONS, TransNASMacro

SPACE = TransNASMacro()
SPECS = frozenset(arch.spec for arch in SPACE.enumerate())


def test_has_3256_chains() -> None:
    """Which modules halve and which double are independent choices."""
    by_length = {
        n: sum(comb(n, k) for k in range(1, 5)) * sum(comb(n, k) for k in range(1, 4))
        for n in (4, 5, 6)
    }
    assert by_length == {4: 15 * 14, 5: 30 * 25, 6: 56 * 41}
    assert Counter(len(spec) - len("64--basic") for spec in SPECS) == by_length
    assert len(SPECS) == SPACE.size == sum(by_length.values()) == 3_256
    assert {"64-1234-basic", "64-2311-basic"} <= SPECS


def test_no_two_chains_are_the_same_network() -> None:
    archs = [SPACE.parse(spec) for spec in SPECS]
    assert len({arch.canonical_id for arch in archs}) == 3_256
    short = [arch for arch in archs if len(arch.spec) == len("64-1234-basic")]
    plans = (SPACE.plan(arch, NetworkScale(2, 1, 1), 32) for arch in short)
    shapes = {tuple((node.op, node.shape, node.inputs) for node in plan.nodes) for plan in plans}
    assert len(shapes) == len(short) == 210


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("64-1234", ["'64-MODULES-basic'"]),
        ("32-1234-basic", ["'64-MODULES-basic'"]),
        ("64-1234-bottleneck", ["'64-MODULES-basic'"]),
        ("64-1234-basic-", ["'64-MODULES-basic'"]),
        ("64--basic", ["0 modules", "4 to 6"]),
        ("64-124-basic", ["3 modules", "4 to 6"]),
        ("64-1123441-basic", ["7 modules", "4 to 6"]),
        ("64-1235-basic", ["'5'", "normal, double_channels, halve_resolution"]),
        ("64-12 4-basic", ["' '"]),
        ("64-2211-basic", ["halves the resolution in 0 modules", "1 to 4"]),
        ("64-433331-basic", ["halves the resolution in 5 modules", "1 to 4"]),
        ("64-1133-basic", ["doubles the channels in 0 modules", "1 to 3"]),
        ("64-2244-basic", ["doubles the channels in 4 modules", "1 to 3"]),
    ],
)
def test_bad_specs_are_refused_by_name(spec: str, names: list[str]) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(spec))) as caught:
        SPACE.parse(spec)
    assert all(name in str(caught.value) for name in names), caught.value


@given(st.text(alphabet="12345-x", max_size=8).map(lambda text: f"64-{text}-basic"))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    if text in SPECS:
        assert SPACE.parse(text).spec == text
    else:
        with pytest.raises(ValueError, match=re.escape(repr(text))):
            SPACE.parse(text)


def test_neighbours_by_hand() -> None:
    arch = SPACE.parse("64-2311-basic")
    found = {neighbour.spec.split("-")[1] for neighbour in SPACE.neighbours(arch)}
    # Module 1 may not become 1 or 3 (none would double), module 2 not 1 or 2 (none would halve).
    changed = {"4311", "2411", "2321", "2331", "2341", "2312", "2313", "2314"}
    longer = {f"{m[:i]}{d}{m[i:]}" for m in ("2311",) for i in range(5) for d in "1234"}
    assert found == changed | longer


def test_modules_are_removed_down_to_four() -> None:
    arch = SPACE.parse("64-21113-basic")
    found = {neighbour.spec.split("-")[1] for neighbour in SPACE.neighbours(arch)}
    # Without the first module nothing doubles the channels, without the last nothing halves.
    assert {modules for modules in found if len(modules) == 4} == {"2113"}
    assert {modules for modules in found if len(modules) == 6} >= {"211113", "213113"}


def test_sampling_is_uniform() -> None:
    rng = np.random.default_rng(0)
    drawn = [SPACE.modules(SPACE.sample(rng)) for _ in range(2000)]
    for length, size in {4: 210, 5: 750, 6: 2296}.items():
        share = sum(len(modules) == length for modules in drawn) / 2000
        assert abs(share - size / 3256) < 0.045
    for digit in "1234":
        expected = sum(spec[3] == digit for spec in SPECS) / 3256
        assert abs(sum(modules[0] == digit for modules in drawn) / 2000 - expected) < 0.045


def test_the_graph_is_the_chain() -> None:
    graph = SPACE.cell_graph(SPACE.parse("64-1234-basic"))
    assert graph.operations == ("input", *OPERATIONS, "output")
    assert graph.edges == ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5))


@pytest.mark.parametrize("modules", ["1234", "444311"])
def test_published_counts_equal_those_of_the_naive_network(modules: str) -> None:
    arch = SPACE.parse(f"64-{modules}-basic")
    with torch.device("meta"):
        naive = naive_network(modules, NaiveResidual, 64, 2, 75)
    size = SPACE.count(arch, SPACE.published, SPACE.published_image_size, 75)
    assert size.params == count_params(naive)
    assert size.macs == count_macs(naive, (3, 256, 256))
    projections = sum(digit != "1" for digit in modules)
    assert SPACE.conv_count(arch) == 2 + 4 * len(modules) + projections


def test_convolutions_along_paths_by_hand() -> None:
    # Stem 2; module 1: two blocks of 0 or 2 convolutions, mean 2; the other three project in their
    # first block: 1 or 2 convolutions, then 0 or 2, mean 2.5.
    assert SPACE.mean_path_convs(SPACE.parse("64-1234-basic")) == 2 + 2 + 3 * 2.5


def test_built_networks_compute_what_naive_ones_do() -> None:
    arch, scale = SPACE.parse("64-2413-basic"), NetworkScale(4, 2, 1)
    torch.manual_seed(0)
    ours = SPACE.build(arch, scale, 5)
    naive = naive_network("2413", NaiveResidual, 4, 2, 5, stem_stride=1)
    copy_parameters(ours, naive)
    images = torch.randn(3, 3, 12, 12)
    torch.testing.assert_close(ours(images), naive(images))
