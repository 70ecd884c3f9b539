"""The table of operations against the networks that they stand for."""

from __future__ import annotations

import pytest

from nascast.graphs.encodings.base import EncodingError
from nascast.graphs.encodings.operator_properties import PROPERTIES, Kind, properties_of
from nascast.networks.hiaml import BLOCKS
from nascast.spaces import registry as spaces

CELL_SPACES = (
    "nasbench101", "nasbench201", "darts", "transnas_micro", "transnas_macro", "hiaml", "two_path",
    "inception",
)  # fmt: skip


@pytest.mark.parametrize("name", CELL_SPACES)
def test_every_operation_of_cell_spaces_is_declared(name: str) -> None:
    assert len(properties_of(spaces.create(name).operations)) > 0


def test_text_does_not_tell_identity_and_zero_so_the_table_does() -> None:
    kinds = {name: PROPERTIES[name].kind for name in ("none", "skip_connect", "avg_pool_3x3")}
    assert list(kinds.values()) == [Kind.ZERO, Kind.IDENTITY, Kind.POOL]


def test_an_operation_that_nobody_declared_is_named() -> None:
    with pytest.raises(EncodingError, match=r"'conv_9x9'.*operator_properties\.py"):
        properties_of(["conv3x3", "conv_9x9"])


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_blocks_count_the_mean_of_their_listed_paths(name: str) -> None:
    block = BLOCKS[name]
    paths: dict[int, list[tuple[int, int]]] = {0: [(0, 0)]}
    for number, step in enumerate(block.steps, start=1):
        pointwise = step.op == "conv1"
        paths[number] = [
            (spatial + (not pointwise), point + pointwise)
            for source in step.inputs
            for spatial, point in paths[source]
        ]
    complete = [path for end in block.outputs for path in paths[end]]
    found = PROPERTIES[name]
    assert found.spatial == pytest.approx(sum(s for s, _ in complete) / len(complete))
    assert found.pointwise == pytest.approx(sum(p for _, p in complete) / len(complete))
    ninths = {"conv3": 9, "conv1": 1, "sep": 6}
    assert 9 * found.weights == pytest.approx(sum(ninths[step.op] for step in block.steps))
