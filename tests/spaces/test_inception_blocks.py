from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from nascast.spaces.inception_blocks import (
    RULE,
    Block,
    Path,
    block_changes,
    changing,
    check_block,
    inner_widths,
    read_path,
    sample_block,
    shares,
)

seeds = st.integers(0, 2**32 - 1)
stage_channels = st.sampled_from([32, 64, 128, 256])


def read(text: str) -> Block:
    return tuple(read_path(path, "here") for path in text.split("|"))


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    rng = np.random.default_rng(0)
    return [sample_block(128, rng) for _ in range(5000)]


def fits(counts: Counter[object], expected: dict[object, float]) -> bool:
    assert set(counts) == set(expected)
    total, weight = sum(counts.values()), sum(expected.values())
    pairs = [(counts[key], total * share / weight) for key, share in expected.items()]
    return bool(chisquare(*zip(*pairs, strict=True)).pvalue > 0.001)


def test_the_number_of_paths_is_uniform(blocks: list[Block]) -> None:
    assert fits(Counter(map(len, blocks)), dict.fromkeys(range(1, 5), 1))


def test_lengths_leave_enough_for_the_other_paths(blocks: list[Block]) -> None:
    lengths = Counter(tuple(len(path.operations) for path in block) for block in blocks)
    by_paths = [{k: n for k, n in lengths.items() if len(k) == paths} for paths in range(1, 5)]
    assert fits(Counter(by_paths[0]), {(1,): 1, (2,): 1, (3,): 1})
    # At most 4 operators: the first path has one to three of them, the second what is left.
    two = {(1, 1): 1 / 9, (1, 2): 1 / 9, (1, 3): 1 / 9, (2, 1): 1 / 6, (2, 2): 1 / 6, (3, 1): 1 / 3}
    assert fits(Counter(by_paths[1]), two)
    # At most 8 of at least 2 each, so two more than needed fall on three paths.
    three = {
        (2, 2, 2): 1 / 9, (2, 2, 3): 1 / 9, (2, 2, 4): 1 / 9, (2, 3, 2): 1 / 6, (2, 3, 3): 1 / 6,
        (2, 4, 2): 1 / 3, (3, 2, 2): 1 / 4, (3, 2, 3): 1 / 4, (3, 3, 2): 1 / 2, (4, 2, 2): 1,
    }  # fmt: skip
    assert fits(Counter(by_paths[2]), three)
    # At most 10 of at least 2 each: two more than needed fall on four paths.
    first = Counter(len(block[0].operations) for block in blocks if len(block) == 4)
    assert fits(first, {2: 1, 3: 1, 4: 1})
    assert max(map(sum, by_paths[3])) == 10


def test_the_wide_path_of_three_stands_anywhere(blocks: list[Block]) -> None:
    threes = [tuple(path.outer for path in block) for block in blocks if len(block) == 3]
    assert fits(Counter(threes), {(64, 32, 32): 1, (32, 64, 32): 1, (32, 32, 64): 1})


def test_inner_channels_come_with_their_probabilities(blocks: list[Block]) -> None:
    ratios: dict[bool, Counter[object]] = {True: Counter(), False: Counter()}
    for path in (path for block in blocks for path in block):
        free = len([op for op in path.operations if "pool" not in op]) > 1
        ratios[free][path.inner / path.outer] += 1
    assert fits(ratios[True], {0.5: 0.3, 1.0: 0.6, 2.0: 0.1})
    assert set(ratios[False]) == {1.0}


def test_halving_ends_at_16_channels() -> None:
    rng = np.random.default_rng(1)
    paths = [path for _ in range(1500) for path in sample_block(64, rng) if path.outer == 16]
    able = [path for path in paths if len(inner_widths(path.operations, path.outer)) > 1]
    assert fits(Counter(path.inner for path in able), {16: 0.9, 32: 0.1})


def test_operators_are_uniform_and_supplements_come_with_probability_1_of_3(
    blocks: list[Block],
) -> None:
    chains = [path.operations for block in blocks for path in block]
    drawn = Counter(op for chain in chains for op in chain)
    assert (len(RULE.convolutions), len(RULE.supplements)) == (8, 4)
    for kind in (RULE.convolutions, RULE.supplements):
        assert fits(Counter({op: drawn[op] for op in kind}), dict.fromkeys(kind, 1))
    for length, without in ((2, 2 / 3), (3, 4 / 9), (4, 8 / 27)):
        bare = Counter(
            not set(chain) & set(RULE.supplements) for chain in chains if len(chain) == length
        )
        assert fits(bare, {True: without, False: 1 - without})


@given(seeds, stage_channels)
def test_samples_are_valid(seed: int, channels: int) -> None:
    block = sample_block(channels, np.random.default_rng(seed))
    check_block(block, channels, "here")
    assert sum(path.outer for path in block) == max(channels, 16 * len(block)) or (
        # 32 channels in three paths: 16 each.
        (len(block), channels) == (3, 32)
    )
    for path in block:
        assert read_path(str(path), "here") == path
        assert set(path.operations) & set(RULE.convolutions)
        assert sum(op in RULE.supplements for op in path.operations) <= 1


@pytest.mark.parametrize(
    ("paths", "channels", "expected"),
    [
        (1, 32, (32,)), (2, 32, (16, 16)), (3, 32, (16, 16, 16)), (4, 32, (16,) * 4),
        (2, 64, (32, 32)), (3, 64, (32, 16, 16)), (4, 64, (16,) * 4),
        (1, 256, (256,)), (3, 256, (128, 64, 64)), (4, 256, (64,) * 4),
    ],
)  # fmt: skip
def test_shares_by_hand(paths: int, channels: int, expected: tuple[int, ...]) -> None:
    assert shares(paths, channels) == expected


@pytest.mark.parametrize(
    ("operations", "ends", "widths"),
    [
        ("conv3x3", (0, 0), (32,)),
        ("conv3x3 maxpool3x3", (0, 0), (32,)),
        ("avgpool3x3 conv3x3 conv5x5", (1, 2), (16, 32, 64)),
        ("conv1x1 depthwise3x3", (0, 1), (16, 32, 64)),
        ("conv3x3 maxpool3x3 double1x1", (0, 2), (16, 32, 64)),
    ],
)
def test_channels_change_where_an_operator_can(
    operations: str, ends: tuple[int, int], widths: tuple[int, ...]
) -> None:
    chain = tuple(operations.split())
    assert changing(chain) == ends
    assert inner_widths(chain, 32) == widths


def test_paths_are_written_with_their_channels() -> None:
    path = Path(("conv3x3", "conv1x1"), 16, 32)
    assert str(path) == "conv3x3+conv1x1:16>32"
    assert str(path.widened(64)) == "conv3x3+conv1x1:32>64"
    assert str(Path(("conv3x3",), 32, 32)) == "conv3x3:32"


@pytest.mark.parametrize(
    "text",
    [
        "conv3x3", "conv3x3:", "conv3x3:016", "conv3x3:16>", "conv3x3:>16", "conv3x3:16>16",
        "conv3x3:16:16", "conv3x3:-16", "conv3x3:99999", "conv3x3:16\n", "conv3x3:\u0661\u0666",
    ],
)  # fmt: skip
def test_paths_in_another_form_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"path 2 of it reads .* expected operations joined by"):
        read_path(text, "path 2 of it")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("|".join(["conv3x3:16"] * 5), "it has 5 paths joined by '|', expected 1 to 4"),
        ("conv3x3:32|conv7x7:32", "unknown operation 'conv7x7' in path 2 of it"),
        ("conv3x3:32|conv1x1:32", "path 2 of it has the operations conv1x1; .* at least one conv"),
        ("conv3x3+conv3x3+conv3x3+conv3x3:64", r"paths of \[4\] operations; .* at most 3"),
        ("conv3x3+conv3x3:32|conv3x3+conv3x3+conv3x3:32", r"\[2, 3\] operations; .* at most 4"),
        ("conv3x3:32|conv3x3+conv3x3:16|conv3x3+conv3x3:16", r"\[1, 2, 2\] .* needs at least 2"),
        ("conv3x3:32", r"paths of \[32\] channels; 1 paths share 64 channels as \[64\]"),
        ("conv3x3:48|conv3x3:16", r"\[48, 16\] channels; 2 paths share 64 channels as \[32, 32\]"),
        ("conv3x3:32>64", r"has 32 inner channels on path 1, expected one of \[64\]"),
        ("conv3x3:32|conv3x3+conv5x5:8>32", r"8 inner .* path 2, expected one of \[16, 32, 64\]"),
    ],
)
def test_blocks_that_cannot_be_drawn_are_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("'|'", r"'\|'")):
        check_block(read(text), 64, "it")


@given(seeds, stage_channels)
@settings(max_examples=15, deadline=None)
def test_changes_are_valid_and_mutual(seed: int, channels: int) -> None:
    block = sample_block(channels, np.random.default_rng(seed))
    changes = sorted(set(block_changes(block, channels)) - {block}, key=str)
    assert changes
    for other in changes:
        check_block(other, channels, "here")
    for other in changes[:: max(1, len(changes) // 12)]:
        assert block in set(block_changes(other, channels))


def test_changes_by_hand() -> None:
    changes = {"|".join(map(str, b)) for b in block_changes(read("conv3x3:32"), 32)}
    changes -= {"conv3x3:32"}
    replaced = {f"{op}:32" for op in RULE.convolutions} - {"conv3x3:32"}
    added = {f"conv3x3+{op}:32" for op in RULE.operations}
    added |= {f"{op}+conv3x3:32" for op in RULE.operations}
    paths = {f"conv3x3:16|{op}:16" for op in RULE.convolutions}
    paths |= {f"{op}:16|conv3x3:16" for op in RULE.convolutions}
    assert changes == replaced | added | paths


def test_shares_are_exchanged_with_their_inner_channels() -> None:
    wide, narrow = "conv3x3+conv5x5:32>64", "conv5x5+conv3x3:64>32"
    block = read(f"{wide}|{narrow}|conv3x3+conv3x3:32")
    changes = {"|".join(map(str, b)) for b in block_changes(block, 128)}
    assert "conv3x3+conv5x5:16>32|conv5x5+conv3x3:128>64|conv3x3+conv3x3:32" in changes
    # The third path is plain, so it can go; the others are short enough for two paths.
    assert f"{wide}|conv5x5+conv3x3:128>64" in changes


@given(seeds, stage_channels)
@settings(max_examples=10, deadline=None)
def test_changes_lead_everywhere(seed: int, channels: int) -> None:
    block = sample_block(channels, np.random.default_rng(seed))

    def extent(other: Block) -> tuple[int, ...]:
        # Paths, operators, inner channels, operators that differ from the first of their path.
        return (
            len(other),
            sum(len(path.operations) for path in other),
            sum(path.inner != path.outer for path in other),
            sum(op != path.operations[0] for path in other for op in path.operations),
        )

    # Changes are mutual, so it is enough that every block shrinks to a single operator.
    while extent(block) > (1, 1, 0, 0):
        smallest = min(block_changes(block, channels), key=extent)
        assert extent(smallest) < extent(block)
        block = smallest
