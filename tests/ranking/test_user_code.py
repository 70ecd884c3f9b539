from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from nascast.ranking.base import CandidateError, RankingError
from nascast.ranking.user_code import (
    candidates_of_function,
    candidates_of_models,
    candidates_of_objects,
    describe,
    read_models,
)

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of the user's and returns its function ``make`` as the command takes it."""

    def write_file(text: str) -> str:
        (tmp_path / "mine.py").write_text(f"from torch import nn\n{text}")
        return f"{tmp_path / 'mine.py'}:make"

    return write_file


def test_each_initialisation_has_other_weights_and_comes_back(write: Write) -> None:
    (one,) = candidates_of_function(write("def make():\n    return {'a': nn.Linear(3, 2)}\n"))
    before = torch.initial_seed()
    first, second, again = one.build(0), one.build(1), one.build(0)
    assert one.repeatable
    assert torch.equal(first.weight, again.weight)
    assert not torch.equal(first.weight, second.weight)
    assert torch.initial_seed() == before


def test_a_function_is_called_once_an_initialisation(write: Write) -> None:
    place = write(
        "calls = []\ndef make():\n    calls.append(1)\n"
        "    return [(str(i), nn.Linear(len(calls), 1)) for i in range(3)]\n"
    )
    found = candidates_of_function(place)
    assert [one.build(0).in_features for one in found] == [1, 1, 1]
    assert [one.build(1).in_features for one in found] == [2, 2, 2]
    assert found[1].place == f"{place}, entry 2"


def test_a_file_imports_its_neighbours_and_leaves_the_path(write: Write, tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_mine.py").write_text("WIDTH = 5\n")
    place = write(
        "def make():\n    from neighbour_of_mine import WIDTH\n    return nn.Linear(WIDTH, 1)\n"
    )
    before = list(sys.path)
    (one,) = candidates_of_function(place)
    assert (one.name, one.build(0).in_features) == ("Linear", 5)
    assert sys.path == before
    del sys.modules["neighbour_of_mine"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def other():\n    pass\n", "has no function make; there are other"),
        ("import nothing_of_that_name\n", "cannot be run: ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)\n", "cannot be run: SystemExit: 3"),
        ("def make(:\n", "cannot be run: SyntaxError"),
        ("def make():\n    1 / 0\n", "raises ZeroDivisionError: division by zero"),
        ("def make():\n    return 7\n", "gives a int; return a dict of name to module"),
        ("def make():\n    return [nn.Linear(1, 1)]\n", "entry 1 is a Linear of another form"),
        (
            "def make():\n    return [('a', nn.Linear(1, 1), 3)]\n",
            "example input must be one tensor",
        ),
    ],
)
def test_what_cannot_be_used_is_named(write: Write, text: str, message: str) -> None:
    with pytest.raises(RankingError, match=message):
        candidates_of_function(write(text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RankingError, match="there is no file"):
        candidates_of_function(f"{tmp_path}/none.py:make")


def test_other_names_at_the_second_call_are_refused() -> None:
    names = iter("ab")
    (one,) = candidates_of_models(lambda: {next(names): nn.Linear(1, 1)}, "somewhere")
    with pytest.raises(RankingError, match="returned other names"):
        one.build(1)


def test_objects_have_their_weights_and_functions_new_ones() -> None:
    model = nn.Linear(2, 2)
    fixed, made, broken = candidates_of_objects(
        {"fixed": model, "made": lambda: nn.Linear(2, 2), "broken": 3}, "models"
    )
    assert fixed.build(0) is fixed.build(1) is model
    assert not fixed.repeatable
    assert made.repeatable
    assert not torch.equal(made.build(0).weight, made.build(1).weight)
    with pytest.raises(CandidateError, match="is a int, no torch module"):
        broken.build(0)


def test_a_function_that_makes_something_else_is_a_bad_candidate() -> None:
    (one,) = candidates_of_objects([("a", lambda: "text")], "models")
    with pytest.raises(CandidateError, match="returns a str, no torch module"):
        one.build(0)


def test_examples_come_along() -> None:
    example = torch.zeros(1, 3)
    entries = read_models({"a": (nn.Linear(3, 1), example), "b": nn.Linear(1, 1)}, "here")
    assert [(name, where, given) for name, where, _, given in entries] == [
        ("a", "here, entry 1", example),
        ("b", "here, entry 2", None),
    ]


def test_errors_are_described_in_one_short_line() -> None:
    assert describe(ValueError("first\nsecond")) == "ValueError: first"
    assert describe(KeyError()) == "KeyError"
    assert len(describe(ValueError("x" * 1000))) < 320
