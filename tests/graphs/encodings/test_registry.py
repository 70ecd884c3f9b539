from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from tests.graphs.encodings.cells import DIAMONDS, LAYOUT, NB201, nb201_cell

from nascast.graphs.encodings import registry
from nascast.graphs.encodings.base import EncodingError
from nascast.spaces.base import Architecture

HERE = __name__


class Halfway:
    name = "halfway"


def test_every_encoding_is_made_by_its_name() -> None:
    for name in registry.names():
        encoding = registry.create(name)
        assert encoding.name == name
        assert type(encoding).__module__ == registry.module_of(name)


def test_unknown_encodings_come_with_close_ones() -> None:
    with pytest.raises(EncodingError, match="unknown encoding 'paths': did you mean 'path'"):
        registry.encode(NB201, [], "paths")


def test_what_lacks_a_part_of_the_contract_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("halfway", "added_encodings:Halfway", registry.REGISTRY.group)
    monkeypatch.setattr("nascast.registry.entry_points", lambda group: [entry])
    monkeypatch.setitem(sys.modules, "added_encodings", sys.modules[HERE])
    with pytest.raises(EncodingError, match="'halfway' does not fulfil the contract"):
        registry.create("halfway")


def test_architectures_are_encoded_in_their_order() -> None:
    archs = [nb201_cell(e03="nor_conv_3x3"), nb201_cell(), nb201_cell(e03="skip_connect")]
    features = registry.encode(NB201, archs, "adjacency")["features"]
    names = registry.columns(NB201, "adjacency")
    place = [names.index(f"0->3={op}") for op in ("nor_conv_3x3", "none", "skip_connect")]
    assert np.array_equal(features[:, place], np.eye(3))


def test_a_layout_can_be_given() -> None:
    arch = DIAMONDS.parse("conv-pool-conv")
    wide = registry.layout_of(DIAMONDS)
    assert registry.encode(DIAMONDS, [arch], "tokens")["tokens"].shape == (1, 14)
    roomy = type(wide)(6, wide.path_lengths, operations=wide.operations)
    assert registry.encode(DIAMONDS, [arch], "tokens", roomy)["tokens"].shape == (1, 20)
    assert len(registry.columns(DIAMONDS, "adjacency", roomy)) == 15 + 4 * 3
    with pytest.raises(EncodingError, match="the operation 'conv'"):
        registry.encode(DIAMONDS, [arch], "tokens", LAYOUT)


def test_only_flat_encodings_have_columns() -> None:
    with pytest.raises(EncodingError, match="'tokens' has no columns"):
        registry.columns(NB201, "tokens")


def test_architectures_of_other_spaces_are_refused() -> None:
    with pytest.raises(ValueError, match="not 'nasbench201'"):
        registry.encode(NB201, [Architecture("darts", "", "")], "graf")
