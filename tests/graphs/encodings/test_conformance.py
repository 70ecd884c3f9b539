"""One suite for every encoding on every registered space, and on one that is not registered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from tests.graphs.encodings.cells import DIAMONDS

from nascast.graphs.encodings import registry
from nascast.graphs.encodings.base import Arrays, Encoding, EncodingError, FlatEncoding
from nascast.graphs.encodings.layout import layout_of
from nascast.spaces import registry as spaces
from nascast.spaces.base import Architecture, SearchSpace

SPACES = [*(spaces.create(name) for name in spaces.names()), DIAMONDS]
every_space = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
every_encoding = pytest.mark.parametrize("name", registry.names())


def samples(space: SearchSpace, count: int = 12) -> list[Architecture]:
    rng = np.random.default_rng(5)
    return [space.sample(rng) for _ in range(count)]


def encode(space: SearchSpace, archs: Sequence[Architecture], name: str) -> Arrays:
    """Encode, or skip the test of a space whose paths are too many for their encoding."""
    try:
        return registry.encode(space, archs, name)
    except EncodingError as error:
        if name.startswith("path") and "choose" in str(error):
            pytest.skip(str(error))
        raise


@every_space
@every_encoding
def test_shapes_depend_on_the_space_alone(space: SearchSpace, name: str) -> None:
    some, none = encode(space, samples(space), name), encode(space, [], name)
    again = encode(space, samples(space), name)
    assert list(some) == list(none)
    for key, array in some.items():
        assert np.array_equal(array, again[key])
        assert array.dtype == none[key].dtype
        if name != "path_sparse":
            assert (len(array), len(none[key])) == (12, 0)
            assert array.shape[1:] == none[key].shape[1:]


@every_space
@every_encoding
def test_columns_have_names_of_their_own(space: SearchSpace, name: str) -> None:
    encoding = registry.create(name)
    assert isinstance(encoding, Encoding)
    if isinstance(encoding, FlatEncoding):
        features = encode(space, samples(space), name)["features"]
        names = registry.columns(space, name)
        assert features.shape[1] == len(names) == len(set(names))


@every_space
def test_samples_lie_within_the_layout(space: SearchSpace) -> None:
    layout = layout_of(space)
    for arch in samples(space, 200):
        graph = space.cell_graph(arch)
        assert len(graph.operations) <= layout.max_nodes
        assert not layout.edges or len(graph.operations) == len(layout.edges) + 2


@every_space
@pytest.mark.parametrize("name", ["adjacency", "tokens"])
def test_different_graphs_have_different_encodings(space: SearchSpace, name: str) -> None:
    archs = samples(space, 60)
    (array,) = encode(space, archs, name).values()
    assert len(np.unique(array, axis=0)) == len({space.cell_graph(arch) for arch in archs})
