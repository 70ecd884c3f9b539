from __future__ import annotations

import pytest

from nascast.spaces.base import Architecture, NetworkScale


@pytest.mark.parametrize("field", ["channels", "repeats", "stem_stride"])
def test_scale_names_the_field_that_is_too_small(field: str) -> None:
    values = {"channels": 4, "repeats": 1, "stem_stride": 1, field: 0}
    with pytest.raises(ValueError, match=rf"NetworkScale\.{field} must be at least 1, got 0"):
        NetworkScale(**values)


def test_arch_id_depends_on_space_and_spec_alone() -> None:
    one = Architecture("space", "a", "canonical")
    assert one.arch_id == Architecture("space", "a", "another").arch_id
    assert one.arch_id != Architecture("space", "b", "canonical").arch_id
    assert one.arch_id != Architecture("other", "a", "canonical").arch_id


def test_arch_id_never_changes() -> None:
    # Shipped labels are joined by this identifier.
    spec = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|"
    assert Architecture("nasbench201", spec, "").arch_id == "nasbench201-2bc29a78370f9633"
