"""A wheel and a source archive hold the whole library, its data files included."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import nascast

ROOT = Path(__file__).resolve().parents[2]
PLANTED = (
    "tables/published/planted.csv",
    "report/templates/planted.html",
    "report/templates/planted.css",
)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A copy of the library with a few data files added, and the wheel and sdist built from it."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
    if (ROOT / "README.md").exists():
        shutil.copy(ROOT / "README.md", tree / "README.md")
    library = tree / "workflow" / "nascast"
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(ROOT / "workflow" / "nascast", library, ignore=ignored)
    for path in PLANTED:
        (library / path).parent.mkdir(parents=True, exist_ok=True)
        (library / path).write_text("planted")
    names = subprocess.run(
        [
            sys.executable,
            "-c",
            "from setuptools.build_meta import build_wheel, build_sdist\n"
            "print('built', build_wheel('dist'), build_sdist('dist'))",
        ],
        cwd=tree,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()[-1]
    _, wheel, sdist = names.split()
    return library, tree / "dist" / wheel, tree / "dist" / sdist


def library_files(library: Path) -> set[str]:
    return {f"nascast/{p.relative_to(library)}" for p in library.rglob("*") if p.is_file()}


def test_wheel_holds_every_file_of_the_library(archives: tuple[Path, Path, Path]) -> None:
    library, wheel, _ = archives
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert {f"nascast/{path}" for path in PLANTED} <= packed
    assert library_files(library) - packed == set()


def test_sdist_holds_every_file_of_the_library(archives: tuple[Path, Path, Path]) -> None:
    library, _, sdist = archives
    with tarfile.open(sdist) as archive:
        packed = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {f"workflow/{path}" for path in library_files(library)} - packed == set()


def test_wheel_metadata(archives: tuple[Path, Path, Path]) -> None:
    _, wheel, _ = archives
    with zipfile.ZipFile(wheel) as archive:
        info = f"nascast-{nascast.__version__}.dist-info"
        described = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
        commands = archive.read(f"{info}/entry_points.txt").decode()
    assert described["Version"] == nascast.__version__
    assert described["License-Expression"] == "MIT"
    assert "nascast = nascast.cli:main" in commands


def test_citation_names_the_released_version() -> None:
    assert f"version: {nascast.__version__}\n" in (ROOT / "CITATION.cff").read_text()
