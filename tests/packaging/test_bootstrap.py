"""envs/bootstrap.sh against stand-in interpreters: its choices, its error lines, its restarts."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = "awk bash cat cp cut df dirname flock grep mkdir rm sha256sum sleep tail timeout touch"

# A stand-in for Python that answers what the bootstrap asks, and records each `pip install`.
# Its `-m venv` copies itself, so that the environment's interpreter behaves the same.
PYTHON = r"""#!/bin/bash
case "$*" in
  *sys.version_info*) echo "{version}" ;;
  *'import ensurepip, venv'*) exit {venv_status} ;;
  '-m venv '*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  '-m pip install '*)
    echo "$*" >>"{calls}"
    {pip} ;;
  *runpy*) echo "{gpu_parts}" ;;
  *pip._vendor*) exit {index_status} ;;
esac
"""


class Project:
    """A copy of the files the bootstrap reads, and a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "my project"
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        self.calls.touch()
        (self.root / "envs").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(ROOT / "envs" / "bootstrap.sh", self.root / "envs")
        (self.root / "requirements.lock").write_text("# run\nsetuptools==80.0\ntorch==2.0.0\n")
        (self.root / "pyproject.toml").write_text("[project]\n")
        for tool in TOOLS.split():
            path = shutil.which(tool)
            assert path, f"{tool} is missing"
            (self.bin / tool).symlink_to(path)

    def add_python(
        self,
        name: str,
        version: str = "3.12",
        *,
        has_venv: bool = True,
        pip: str = "true",
        gpu_parts: str = "",
        index_answers: bool = True,
    ) -> None:
        text = PYTHON
        for key, value in {
            "version": version,
            "venv_status": "0" if has_venv else "1",
            "calls": str(self.calls),
            "pip": pip,
            "gpu_parts": gpu_parts,
            "index_status": "0" if index_answers else "1",
        }.items():
            text = text.replace("{" + key + "}", value)
        self.add_tool(name, text)

    def add_tool(self, name: str, text: str) -> None:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def start(self, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "envs/bootstrap.sh"],
            cwd=self.root,
            env={"PATH": str(self.bin), "HOME": str(self.root), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def bootstrap(self, **variables: str) -> subprocess.CompletedProcess[str]:
        process = self.start(**variables)
        stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def installs(self) -> list[str]:
        """The recorded `pip install` calls since the last look."""
        lines = self.calls.read_text().splitlines()
        self.calls.write_text("")
        return lines


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def error_line(result: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error of a run that failed."""
    assert result.returncode != 0
    (line,) = result.stderr.splitlines()
    return line


def test_missing_python(project: Project) -> None:
    line = error_line(project.bootstrap())
    assert "no Python was found: install Python 3.11, 3.12 or 3.13" in line


@pytest.mark.parametrize("version", ["2.7", "3.10", "3.14"])
def test_unsupported_python(project: Project, version: str) -> None:
    project.add_python("python3", version)
    line = error_line(project.bootstrap())
    assert f"Python 3.11, 3.12 or 3.13 is needed, but python3 is {version}" in line
    assert "PYTHON=" in line
    assert not (project.root / ".venv").exists()


def test_named_python_that_does_not_run(project: Project) -> None:
    project.add_python("python3")
    line = error_line(project.bootstrap(PYTHON="/nowhere/python"))
    assert "PYTHON=/nowhere/python does not run" in line


def test_missing_venv_module(project: Project) -> None:
    project.add_python("python3", "3.11", has_venv=False)
    line = error_line(project.bootstrap())
    assert "python3 cannot make virtual environments" in line
    assert "apt install python3.11-venv" in line


def test_full_disk(project: Project) -> None:
    project.add_python("python3")
    project.add_tool("df", "#!/bin/bash\necho Head\necho /dev/disk 9 9 $((812 * 1024)) 99% /\n")
    line = error_line(project.bootstrap())
    assert "only 812 MB of disk are free" in line
    assert "needs 3000 MB" in line
    assert not (project.root / ".venv").exists()


def test_disk_that_fills_up_during_the_install(project: Project) -> None:
    project.add_python("python3", pip="echo '[Errno 28] No space left on device' >&2; exit 1")
    assert "the disk filled up" in error_line(project.bootstrap())


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ({"python3": "3.13", "python3.11": "3.11"}, "3.13"),
        ({"python3": "3.9", "python3.12": "3.12", "python3.11": "3.11"}, "3.12"),
    ],
)
def test_choice_of_interpreter(project: Project, others: dict[str, str], chosen: str) -> None:
    for name, version in others.items():
        project.add_python(name, version)
    result = project.bootstrap()
    assert result.returncode == 0, result.stderr
    assert f"Making .venv with Python {chosen} " in result.stdout


def test_install_order_and_sources(project: Project) -> None:
    project.add_python("python3")
    assert project.bootstrap(TORCH_CPU_INDEX="https://index.example").returncode == 0
    torch, setuptools, rest, library = project.installs()
    assert torch.endswith("--no-deps --extra-index-url https://index.example torch==2.0.0")
    assert setuptools.endswith("--no-deps setuptools==80.0")
    assert "--no-deps" in rest
    assert rest.endswith("-r requirements.lock")
    assert library.endswith("-e .")


def test_unreachable_torch_index_is_left_out(project: Project) -> None:
    project.add_python("python3", index_answers=False)
    result = project.bootstrap(TORCH_CPU_INDEX="https://index.example")
    assert "https://index.example does not answer" in result.stdout
    assert "--extra-index-url" not in project.installs()[0]


def test_cuda_build_is_refused(project: Project) -> None:
    project.add_python("python3", gpu_parts="torch for CUDA 13.0, triton")
    line = error_line(project.bootstrap())
    assert "not the CPU build of torch was installed, but torch for CUDA 13.0, triton" in line
    assert "TORCH_CPU_INDEX" in line
    assert len(project.installs()) == 1, "nothing more is installed after the wrong torch"


def test_second_run_does_nothing(project: Project) -> None:
    project.add_python("python3")
    assert project.bootstrap().returncode == 0
    assert len(project.installs()) == 4
    again = project.bootstrap()
    assert (again.returncode, again.stdout, project.installs()) == (0, "", [])


def test_changed_lock_rebuilds_and_changed_pyproject_reinstalls_the_library(
    project: Project,
) -> None:
    project.add_python("python3")
    project.bootstrap()
    project.installs()
    with (project.root / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    assert project.bootstrap().returncode == 0
    (only,) = project.installs()
    assert only.endswith("-e .")
    with (project.root / "requirements.lock").open("a") as file:
        file.write("numpy==2.0\n")
    assert project.bootstrap().returncode == 0
    assert len(project.installs()) == 4


def test_moved_project_rebuilds(project: Project) -> None:
    """The commands of an environment name its folder, so a moved one does not work."""
    project.add_python("python3")
    project.bootstrap()
    project.installs()
    project.root = project.root.rename(project.root.with_name("moved"))
    assert project.bootstrap().returncode == 0
    assert len(project.installs()) == 4


def test_other_named_python_rebuilds(project: Project) -> None:
    project.add_python("python3", "3.13")
    project.add_python("python3.11", "3.11")
    project.bootstrap()
    project.installs()
    assert "Python 3.11 " in project.bootstrap(PYTHON="python3.11").stdout
    project.installs()
    assert project.bootstrap().stdout == "", "without PYTHON the environment stays"


@pytest.mark.parametrize("moment", ["torch", "setuptools", "-r requirements.lock", "-e ."])
def test_killed_install_is_made_anew(project: Project, moment: str) -> None:
    """Everything the bootstrap started is killed with SIGKILL while pip is at one install."""
    reached = project.root / "reached"
    project.add_python(
        "python3", pip=f'case "$*" in *"{moment}"*) touch "{reached}"; sleep 60 ;; esac'
    )
    process = project.start()
    try:
        deadline = time.monotonic() + 30
        while not reached.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert not (project.root / ".venv" / ".project-stamp").exists()

    project.add_python("python3")
    packages_complete = moment == "-e ."
    if packages_complete:
        shutil.copy(project.bin / "python3", project.root / ".venv" / "bin" / "python")
    project.installs()
    assert project.bootstrap().returncode == 0
    assert len(project.installs()) == (1 if packages_complete else 4)
    assert project.bootstrap().stdout == ""


def test_failed_install_says_where_to_look_and_is_made_anew(project: Project) -> None:
    project.add_python("python3", pip="echo 'ERROR: No matching distribution found'; exit 1")
    result = project.bootstrap()
    assert result.returncode != 0
    pip_line, own_line = result.stderr.splitlines()
    assert pip_line == "ERROR: No matching distribution found"
    assert ".venv/install.log" in own_line
    project.add_python("python3")
    project.installs()
    assert project.bootstrap().returncode == 0
    assert len(project.installs()) == 4


def test_make_reports_a_failed_bootstrap() -> None:
    """`make` stops at the bootstrap and does not go on to run anything."""
    # Run by make itself, the tests inherit its variables, and a nested make reports its folders.
    outside = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    result = subprocess.run(
        ["make", "--dry-run", "test"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={key: value for key, value in outside.items() if key != "MFLAGS"},
    )
    first, second = result.stdout.splitlines()
    assert first == "envs/bootstrap.sh"
    assert second.endswith("pytest -n 2")
    assert os.access(ROOT / "envs" / "bootstrap.sh", os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
