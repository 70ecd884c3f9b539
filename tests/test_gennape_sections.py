from __future__ import annotations

import pytest
from pydantic import ValidationError

from nascast.gennape_sections import GennapeSettings
from nascast.spaces import registry
from nascast.tiers import mini

SMALL = {"space": "nasbench101", "networks": 50, "scale": {}}


def test_the_default_sets_have_the_published_size() -> None:
    for graphs in GennapeSettings().graphs.values():
        space = registry.create(graphs.space)
        assert graphs.scale.channels == space.published.channels
        assert graphs.scale.repeats == space.published.repeats
        assert graphs.scale.stem_stride == space.published.stem_stride
        assert graphs.image_size == space.published_image_size
        assert set(graphs.without) <= set(space.operations)


def test_a_tier_need_not_name_it() -> None:
    values = mini().model_dump()
    del values["gennape"]
    assert type(mini()).model_validate(values).gennape == GennapeSettings()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"graphs": {"a": SMALL}}, "encoders.nasbench101.graphs names 'nasbench101'"),
        (
            {"graphs": {"a": SMALL}, "encoders": {"e": {"graphs": "a", "networks": 51}}},
            "encoders.e.networks 51 are more than the 50 of graphs.a",
        ),
        ({"graphs": {"a": SMALL | {"networks": 0}}}, "greater than or equal to 1"),
        ({"graphs": {"a": SMALL | {"size": 3}}}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_settings_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        GennapeSettings.model_validate(values)
