"""What every test relies on: no network for models, one compute thread, real data only if there."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports numpy or torch: results must not depend on the number of cores.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["MPLBACKEND"] = "Agg"

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("nascast", deadline=None)
settings.load_profile("nascast")


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder with copies of the real data sets; the test is skipped without one."""
    value = os.environ.get("NASCAST_MIRROR")
    if not value:
        pytest.skip("needs the real data: set NASCAST_MIRROR to a folder that mirrors the sources")
    folder = Path(value)
    if not folder.is_dir():
        pytest.skip(f"needs the real data: NASCAST_MIRROR={value} is not a folder")
    return folder


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Skips `reliability` tests unless the command line's `-m` names them."""
    asked = "reliability" in str(item.config.getoption("markexpr"))
    if item.get_closest_marker("reliability") and not asked:
        item.add_marker(pytest.mark.skip(reason="runs with -m reliability"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips `gpu` tests without a CUDA device; torch is asked only when one was selected."""
    selected = [item for item in items if item.get_closest_marker("gpu")]
    if not selected:
        return
    import torch

    if not torch.cuda.is_available():
        for item in selected:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))
