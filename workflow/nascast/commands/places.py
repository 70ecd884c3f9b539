"""Arguments that commands about candidates share, and how they tell of their progress."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

INPUTS = (
    "a spec (SPACE:SPEC), a .json or .csv file of specs, or FILE.py:FUNCTION that returns torch "
    "modules; the file is run as it is, so name only code of your own"
)


def add_candidates(parser: argparse.ArgumentParser) -> None:
    """Add what says which networks are meant and what they are measured on."""
    parser.add_argument("--space", metavar="NAME", help="search space of specs that name none")
    parser.add_argument(
        "--input-shape",
        type=shape,
        metavar="C,H,W",
        help="shape of one input, for modules without an example input and for specs",
    )
    parser.add_argument(
        "--classes", type=positive(int), metavar="N", help="outputs of networks built from specs"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="PATH",
        help="your images: a folder with a folder for each class, a .npz or a .pt file; random "
        "images if left out",
    )
    parser.add_argument(
        "--budget", type=positive(float), metavar="SECONDS", help="seconds for all networks"
    )
    parser.add_argument(
        "--seeds", type=positive(int), metavar="N", help="initialisations of each network"
    )
    parser.add_argument(
        "--batch-size", type=positive(int), default=64, metavar="N", help="inputs in a mini-batch"
    )
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default="cpu", help="where networks run"
    )
    parser.add_argument(
        "--models", type=Path, metavar="DIR", help="folder of the shipped checkpoints"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def shape(text: str) -> tuple[int, ...]:
    """Read ``3,32,32``; argparse turns the error into wrong usage."""
    try:
        found = tuple(int(part) for part in text.replace("x", ",").split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no shape such as 3,32,32")
    return found


def positive(kind: type[int] | type[float]) -> Callable[[str], float]:
    """Return a reader of positive numbers of a kind; argparse reports its errors as usage."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = kind(0)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
        return value

    return read


def predictor(text: str) -> str:
    """Read a predictor's name; argparse turns the error into wrong usage."""
    from nascast.errors import NascastError
    from nascast.ranking.registry import check

    try:
        return check(text)
    except NascastError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


class Teller:
    """Tells of progress on standard error: on one line of a terminal, else now and then a line.

    Args:
        quiet: tell nothing.
        every: seconds between two lines where there is no terminal.
    """

    def __init__(self, quiet: bool, every: float = 10.0) -> None:
        self._quiet = quiet
        self._every = every
        self._terminal = sys.stderr.isatty()
        self._last = time.monotonic()

    def __call__(self, line: str) -> None:
        """Tell one line."""
        now = time.monotonic()
        if self._quiet or (not self._terminal and now - self._last < self._every):
            return
        self._last = now
        start, end = ("\r\033[K", "") if self._terminal else ("nascast: ", "\n")
        print(f"{start}{line}", end=end, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Clear the terminal's line."""
        if self._terminal and not self._quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
