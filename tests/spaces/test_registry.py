from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import pytest

from nascast.spaces import registry
from nascast.spaces.nasbench201 import NASBench201

HERE = __name__


class Halfway:
    name = "halfway"


def test_every_space_is_made_by_its_name() -> None:
    assert isinstance(registry.create("nasbench201"), NASBench201)
    for name in registry.names():
        space = registry.create(name)
        assert space.name == name
        assert type(space).__module__ == registry.module_of(name)


def test_unknown_spaces_come_with_close_ones() -> None:
    with pytest.raises(registry.SpaceError, match="'nasbench-201': did you mean 'nasbench201'"):
        registry.create("nasbench-201")


def test_what_lacks_a_part_of_the_contract_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("halfway", "added_spaces:Halfway", registry.REGISTRY.group)
    monkeypatch.setattr("nascast.registry.entry_points", lambda group: [entry])
    monkeypatch.setitem(sys.modules, "added_spaces", sys.modules[HERE])
    with pytest.raises(registry.SpaceError, match="'halfway' does not fulfil the contract"):
        registry.create("halfway")
