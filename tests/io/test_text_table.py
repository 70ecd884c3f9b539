import pytest

from nascast.io.text_table import aligned, shortened


def test_columns_stand_below_each_other_without_trailing_blanks() -> None:
    text = aligned(("name", "n"), [("a", "10"), ("longer", ""), ("b", "3")])
    assert text == "name    n\na       10\nlonger\nb       3\n"


def test_a_header_alone_is_a_line() -> None:
    assert aligned(("one", "two"), []) == "one  two\n"


def test_a_row_of_other_length_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        aligned(("one", "two"), [("a", "b", "c")])


def test_long_names_lose_their_middle() -> None:
    assert shortened("a" * 64) == "a" * 64
    assert shortened("a" * 60 + "b" * 60) == "a" * 30 + "..." + "b" * 30
