"""The locks, the conda files and pyproject.toml say the same, and the CPU lock is for CPUs."""

import re
import runpy
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-gpu.lock")
CONDA_FILES = ("envs/core.yaml", "envs/torch-cpu.yaml", "envs/torch-gpu.yaml")


def pins_of(path: str) -> dict[str, str]:
    """Package -> version of every line that is neither blank nor a comment; others fail."""
    pins = {}
    for line in (ROOT / path).read_text().splitlines():
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([a-z0-9-]+)==([0-9][0-9a-z.]*)", line)
            assert match, f"{path}: {line!r} is not an exact pin"
            name, version = match.groups()
            assert name == canonicalize_name(name)
            assert name not in pins, f"{path} pins {name} twice"
            pins[name] = version
    return pins


def direct_requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    texts = project["dependencies"] + project["optional-dependencies"]["dev"]
    return [Requirement(text) for text in texts]


def is_gpu_package(name: str) -> bool:
    return name.startswith(("nvidia-", "cuda-")) or name == "triton"


def test_cpu_lock_holds_no_gpu_package() -> None:
    assert [name for name in pins_of("requirements.lock") if is_gpu_package(name)] == []


def test_gpu_lock_is_the_cpu_lock_with_cuda() -> None:
    cpu, gpu = pins_of("requirements.lock"), pins_of("requirements-gpu.lock")
    added = {name for name in gpu if name not in cpu}
    assert {name: gpu[name] for name in cpu} == cpu
    assert all(map(is_gpu_package, added))
    # What torch needs to load at all on a GPU machine.
    assert {"triton", "nvidia-cublas", "nvidia-cuda-runtime", "nvidia-cudnn-cu13"} <= added


@pytest.mark.parametrize("lock", LOCKS)
def test_every_direct_dependency_is_pinned_within_its_range(lock: str) -> None:
    pins = pins_of(lock)
    for requirement in direct_requirements():
        name = canonicalize_name(requirement.name)
        assert name in pins, f"{lock} lacks {name}"
        assert requirement.specifier.contains(Version(pins[name])), f"{lock}: {name}"


@pytest.mark.parametrize("path", [*LOCKS, *CONDA_FILES])
def test_locks_and_conda_files_are_what_the_generator_writes(path: str) -> None:
    """Also proves that the lock holds every indirect dependency, and none too many."""
    rendered = runpy.run_path(str(ROOT / "envs" / "lock.py"))["render"]()
    assert (ROOT / path).read_text() == rendered[path], f"{path} has drifted: run `make lock`"


@pytest.mark.parametrize("path", CONDA_FILES)
def test_conda_pins_equal_the_lock(path: str) -> None:
    lock = pins_of("requirements-gpu.lock" if "gpu" in path else "requirements.lock")
    pins = dict(re.findall(r"^ +- ([a-z0-9-]+)==(\S+)$", (ROOT / path).read_text(), re.MULTILINE))
    assert {"numpy", "pandas", "snakemake"} <= pins.keys()
    assert ("torch" in pins) == ("torch" in path)
    assert {name: lock[name] for name in pins} == pins


def test_the_tests_run_on_the_pinned_versions() -> None:
    installed = {name: metadata.version(name) for name in pins_of("requirements.lock")}
    without_build = {name: version.split("+")[0] for name, version in installed.items()}
    assert without_build == pins_of("requirements.lock")
