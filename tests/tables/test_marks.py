"""Marks are handed out in the order of appearance, each text once."""

from __future__ import annotations

import pytest

from nascast.tables.marks import MINIBENCH_MARK, Marks
from nascast.tables.tidy import TableError


def test_signs_and_numbers_are_given_once_and_explained_in_order() -> None:
    marks = Marks()
    assert [marks.number("labels"), marks.sign("quick"), marks.number("images")] == ["1", "‡", "2"]
    assert [marks.number("labels"), marks.sign("quick"), marks.sign("narrow")] == ["1", "‡", "§"]
    assert marks.minibench() == MINIBENCH_MARK
    assert marks.notes() == [
        (MINIBENCH_MARK, "from the mini benchmark"),
        ("‡", "quick"),
        ("§", "narrow"),
        ("1", "labels"),
        ("2", "images"),
    ]


def test_signs_run_out_with_a_clear_message() -> None:
    marks = Marks()
    assert len({marks.sign(f"fact {number}") for number in range(8)}) == 8
    with pytest.raises(TableError, match="8 kinds of cells; split the table"):
        marks.sign("one more")
