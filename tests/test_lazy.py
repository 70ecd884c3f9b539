"""The package starts at once; what it offers is imported when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nascast

ENVIRONMENT = {"PYTHONPATH": ":".join(sys.path)}


def run(program: str) -> str:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_importing_takes_no_time_and_no_heavy_package() -> None:
    program = (
        "import sys, time; before = time.process_time(); import nascast;"
        "spent = time.process_time() - before;"
        "heavy = {'torch', 'pandas', 'numpy', 'pyarrow', 'pydantic', 'yaml'} & set(sys.modules);"
        "print(spent < 0.5, sorted(heavy), nascast.__version__)"
    )
    assert run(program) == f"True [] {nascast.__version__}"


def test_rank_is_there_when_it_is_asked_for() -> None:
    program = (
        "import sys, nascast; before = 'torch' in sys.modules; rank = nascast.rank;"
        "print(before, 'torch' in sys.modules, rank.__module__)"
    )
    assert run(program) == "False True nascast.ranking.api"


def test_other_names_are_attribute_errors() -> None:
    assert not hasattr(nascast, "train")
    with pytest.raises(AttributeError, match="module 'nascast' has no attribute 'train'"):
        _ = nascast.train
