from __future__ import annotations

import argparse

import pytest

from nascast.commands.places import Teller, positive, predictor, shape


def test_shapes() -> None:
    assert shape("3,32,32") == shape("3x32x32") == (3, 32, 32)
    assert shape("7") == (7,)
    for text in ("", "3,,2", "a", "3,0,2", "-1"):
        with pytest.raises(argparse.ArgumentTypeError, match="is no shape such as 3,32,32"):
            shape(text)


def test_positive_numbers() -> None:
    assert positive(int)("3") == 3
    assert positive(float)("0.5") == 0.5
    for text in ("0", "-1", "x", "nan", "1.5x"):
        with pytest.raises(argparse.ArgumentTypeError, match="is no positive number"):
            positive(float)(text)


def test_predictors() -> None:
    assert predictor("nwot") == "nwot"
    with pytest.raises(argparse.ArgumentTypeError, match="did you mean nwot"):
        predictor("nwto")


def test_without_a_terminal_lines_come_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    often, seldom = Teller(quiet=False, every=0.0), Teller(quiet=False, every=1000.0)
    for teller in (often, seldom, Teller(quiet=True, every=0.0)):
        teller("first")
        teller("second")
        teller.close()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "nascast: first\nnascast: second\n"


def test_a_terminal_has_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    teller = Teller(quiet=False)
    teller("first")
    teller("second")
    teller.close()
    assert capsys.readouterr().err == "\r\033[Kfirst\r\033[Ksecond\r\033[K"
