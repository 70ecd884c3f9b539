from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from tests.end_to_end.checkout import Checkout


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """One undisturbed run, shared by all tests and all workers; tests change clones of it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each worker has a folder of its own below it
        shared = shared.parent
    root, log = shared / "finished", shared / "finished.log"
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not log.exists():
            if root.exists():
                pytest.fail("the run that these tests share failed in another worker")
            root.mkdir()
            log.write_text(Checkout.make(root).snakemake("tables", "--cores", "2"))
    return Checkout(root)


@pytest.fixture
def clone(finished: Checkout, tmp_path: Path) -> Checkout:
    """The finished run, to be changed."""
    return finished.clone(tmp_path / "clone")
