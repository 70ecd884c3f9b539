"""The shared test set-up does what the other tests rely on."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PROBE = """
import sys
from pathlib import Path
import pytest

@pytest.mark.gpu
def test_check_device():
    import torch
    assert torch.cuda.is_available()

def test_check_without_torch():
    assert "torch" not in sys.modules

def test_check_real_data(mirror):
    assert isinstance(mirror, Path)
"""


def run_probe(tmp_path: Path, test: str, **variables: str) -> str:
    """Runs one test of a small file under the project's conftest and settings."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_probe.py").write_text(PROBE)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    environment.pop("NASCAST_MIRROR", None)
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path)]
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *settings,
            "-p",
            "no:cacheprovider",
            "-rs",
            "test_probe.py",
            "-k",
            test,
        ],
        cwd=tmp_path,
        env=environment | variables,
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_torch_is_not_imported_for_other_tests(tmp_path: Path) -> None:
    assert "1 passed" in run_probe(tmp_path, "check_without_torch")


def test_unset_mirror_skips(tmp_path: Path) -> None:
    assert "set NASCAST_MIRROR" in run_probe(tmp_path, "check_real_data")


def test_mirror_that_is_no_folder_skips_with_its_name(tmp_path: Path) -> None:
    output = run_probe(tmp_path, "check_real_data", NASCAST_MIRROR="/nowhere")
    assert "NASCAST_MIRROR=/nowhere is not a folder" in output


def test_mirror_is_handed_over(tmp_path: Path) -> None:
    assert "1 passed" in run_probe(tmp_path, "check_real_data", NASCAST_MIRROR=str(tmp_path))


def test_gpu_tests_run_or_skip_with_the_device(tmp_path: Path) -> None:
    import torch

    output = run_probe(tmp_path, "check_device")
    assert ("1 passed" if torch.cuda.is_available() else "needs a CUDA device") in output


def test_torch_computes_on_one_thread() -> None:
    import torch

    assert torch.get_num_threads() == 1
