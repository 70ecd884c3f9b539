from __future__ import annotations

import pytest

from nascast.spaces.fields import check_length, format_fields, read_choices, read_fields


def test_fields_are_read_as_they_are_written() -> None:
    spec = format_fields(d=[2, 0], w=(0.65, 1.0), r=[224])
    assert spec == "d=2,0;w=0.65,1.0;r=224"
    depths, widths, resolution = read_fields(spec, ("d", "w", "r"))
    assert read_choices("d", depths, (0, 1, 2)) == (2, 0)
    assert read_choices("w", widths, (0.65, 0.8, 1.0)) == (0.65, 1.0)
    assert read_choices("r", resolution, range(128, 225, 4)) == (224,)


@pytest.mark.parametrize("spec", ["", "d=1", "r=1;d=1", "d=1;r=1;w=1", "d=1;r", "d=1;r=1=1", "d;r"])
def test_other_fields_are_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=r"does not have the form 'd=\.\.\.;r=\.\.\.'"):
        read_fields(spec, ("d", "r"))


@pytest.mark.parametrize("entry", ["", "4", "03", " 3", "3.0", "x"])
def test_other_choices_are_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=f"entry 6 of 'ks' is '{entry}'; choose one of 3, 5"):
        read_choices("ks", ["3", entry], (3, 5), first=5)


def test_lengths_are_checked() -> None:
    check_length("e", "abc", 3, "blocks")
    with pytest.raises(
        ValueError, match="'e' has 2 entries, expected one for each of the 3 blocks"
    ):
        check_length("e", "ab", 3, "blocks")
