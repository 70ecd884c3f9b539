"""Marks of single cells and the notes that explain them."""

from __future__ import annotations

from typing import Final

from nascast.tables import tidy

MINIBENCH_MARK: Final = "†"
# Further facts about single cells take the next free sign in the order of their appearance.
_SIGNS: Final = ("‡", "§", "¶", "‖", "‡‡", "§§", "¶¶", "‖‖")
_SIGN_NOTES: Final = len(_SIGNS)


class Marks:
    """Marks handed out in the order of appearance: signs for facts, numbers for what is needed."""

    def __init__(self) -> None:
        self._signs: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._minibench = False

    def minibench(self) -> str:
        """Return the mark of a number that comes from the mini benchmark."""
        self._minibench = True
        return MINIBENCH_MARK

    def sign(self, text: str) -> str:
        """Return the sign that stands for a fact.

        Raises:
            TableError: there are more kinds of facts than signs.
        """
        used = len(self._signs)
        if text not in self._signs and used >= _SIGN_NOTES:
            raise tidy.TableError(f"a table can mark {_SIGN_NOTES} kinds of cells; split the table")
        return self._signs.setdefault(text, _SIGNS[min(used, _SIGN_NOTES - 1)])

    def number(self, text: str) -> str:
        """Return the number that stands for what is needed."""
        return self._numbers.setdefault(text, str(len(self._numbers) + 1))

    def notes(self) -> list[tuple[str, str]]:
        """Return every mark that was handed out with its text."""
        first = [(MINIBENCH_MARK, "from the mini benchmark")] if self._minibench else []
        signs = [(mark, text) for text, mark in self._signs.items()]
        return [*first, *signs, *((mark, text) for text, mark in self._numbers.items())]
