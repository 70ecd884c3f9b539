import subprocess
import sys
import time
from pathlib import Path

import pytest

from nascast.fingerprint import FingerprintError, fingerprint

LIBRARY = Path(__file__).parents[1] / "workflow"
TREE = {
    "nascast/__init__.py": '"""The package."""\n__version__ = "1"\n',
    "nascast/errors.py": "class NascastError(Exception): ...\n",
    "nascast/io/__init__.py": "",
    "nascast/io/parquet.py": "from nascast.errors import NascastError\n",
    "nascast/spaces/__init__.py": "",
    "nascast/spaces/base.py": "SPACE = 1\n",
    "nascast/spaces/cells.py": "from . import base\nfrom .base import SPACE\n",
    "nascast/traces/__init__.py": "",
    "nascast/traces/moments.py": "def mean(x):\n    return x\n",
    "nascast/traces/collect.py": "from nascast.traces.moments import mean\n",
    "nascast/tables.py": (
        "def render():\n    from nascast import errors\n    import nascast.io.parquet\n"
    ),
    "scripts/traces.py": "from nascast.spaces import cells\nfrom nascast.traces import collect\n",
    "scripts/tables.py": "import numpy\nimport nascast.tables as tables\n",
    "scripts/late.py": "import importlib\nimportlib.import_module('nascast.spaces.base')\n",
}
ENTRIES = {
    "traces": "scripts/traces.py",
    "tables": "scripts/tables.py",
    "late": "scripts/late.py",
    "moments": "nascast.traces.moments",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "checkout"


def fingerprints(tree: Path) -> dict[str, str]:
    return {
        name: fingerprint(tree / entry if "/" in entry else entry, root=tree)
        for name, entry in ENTRIES.items()
    }


def edit(tree: Path, name: str, text: str) -> None:
    path = tree / name
    path.write_text(text)


@pytest.mark.parametrize(
    ("edited", "concerned"),
    [
        ("nascast/traces/moments.py", {"traces", "moments"}),
        ("nascast/traces/collect.py", {"traces"}),
        ("nascast/traces/__init__.py", {"traces", "moments"}),
        ("nascast/spaces/base.py", {"traces", "late"}),
        ("nascast/spaces/cells.py", {"traces"}),
        ("nascast/io/parquet.py", {"tables"}),
        ("nascast/errors.py", {"tables"}),
        ("nascast/tables.py", {"tables"}),
        ("nascast/__init__.py", {"traces", "tables", "late", "moments"}),
        ("scripts/traces.py", {"traces"}),
        ("scripts/late.py", {"late"}),
    ],
)
def test_an_edit_concerns_exactly_who_imports_it(
    tree: Path, edited: str, concerned: set[str]
) -> None:
    before = fingerprints(tree)
    edit(tree, edited, TREE[edited] + "\nADDED = 1\n")
    after = fingerprints(tree)
    assert {name for name in before if before[name] != after[name]} == concerned


def test_names_that_a_package_offers_to_users_concern_nobody(tree: Path) -> None:
    before = fingerprints(tree)
    offered = (
        "\ndef __getattr__(name):\n    from nascast.traces.moments import mean\n    return mean\n"
    )
    edit(tree, "nascast/__init__.py", TREE["nascast/__init__.py"] + offered)
    assert fingerprints(tree) == before


def test_a_new_module_concerns_nobody_until_imported(tree: Path) -> None:
    before = fingerprints(tree)
    edit(tree, "nascast/traces/extra.py", "X = 1\n")
    assert fingerprints(tree) == before


def test_an_edit_that_keeps_size_and_length_is_seen(tree: Path) -> None:
    before = fingerprint("nascast.spaces.base", root=tree)
    time.sleep(0.01)
    edit(tree, "nascast/spaces/base.py", "SPACE = 2\n")
    assert fingerprint("nascast.spaces.base", root=tree) != before


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\ndef mean(x):\n    return x\n",
        'def mean(x):\n    """Return the mean."""\n    return x\n',
        '"""Moments."""\n\n\ndef mean(\n    x,\n):\n    return (x)  # why\n',
    ],
)
def test_comments_layout_and_docstrings_do_not_count(tree: Path, text: str) -> None:
    before = fingerprints(tree)
    edit(tree, "nascast/traces/moments.py", text)
    assert fingerprints(tree) == before


@pytest.mark.parametrize(
    "text",
    [
        "def mean(x):\n    return 'x'\n",
        "def mean(y):\n    return y\n",
        "def mean(x: int):\n    return x\n",
        "def mean(x, y=1):\n    return x\n",
    ],
)
def test_code_counts(tree: Path, text: str) -> None:
    before = fingerprints(tree)
    edit(tree, "nascast/traces/moments.py", text)
    assert fingerprints(tree)["moments"] != before["moments"]


def test_does_not_depend_on_the_place(tree: Path, tmp_path: Path) -> None:
    before = fingerprints(tree)
    tree.rename(tmp_path / "moved")
    assert fingerprints(tmp_path / "moved") == before


def test_order_and_repetition_of_entry_points(tree: Path) -> None:
    one, two = "nascast.tables", tree / "scripts" / "traces.py"
    assert fingerprint(one, two, root=tree) == fingerprint(two, one, root=tree)
    assert fingerprint(one, one, root=tree) == fingerprint(one, root=tree)
    assert fingerprint(one, two, root=tree) != fingerprint(one, root=tree)


def test_cycles_end(tree: Path) -> None:
    edit(
        tree,
        "nascast/spaces/base.py",
        "SPACE = 1\ndef f():\n    from nascast.spaces import cells\n",
    )
    assert fingerprint("nascast.spaces.base", root=tree)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("X = 1\nimport nascast.missing\n", r"cells\.py, line 2, needs .* nascast\.missing,"),
        ("from nascast.none.deep import x\n", r"cells\.py, line 1, needs .* nascast\.none,"),
        ("from nascast.spaces import Nope\n", r"cells\.py, line 1, imports Nope from nascast\.s"),
        ("from nascast.spaces.base import NOPE\n", r"imports NOPE from nascast\.spaces\.base"),
        ("from .nope import x\n", r"cells\.py, line 1, needs the module nascast\.spaces\.nope"),
        ("from .... import x\n", r"cells\.py, line 1, has a relative import that leaves"),
        ("from importlib import import_module\nimport_module('nascast.no')\n", r"line 2, needs"),
        ("def f(:\n", r"cells\.py is not valid Python: .*line 1"),
    ],
)
def test_what_cannot_be_found_is_named(tree: Path, text: str, message: str) -> None:
    edit(tree, "nascast/spaces/cells.py", text)
    with pytest.raises(FingerprintError, match=message):
        fingerprint(tree / "scripts" / "traces.py", root=tree)


def test_wrong_entry_points_are_named(tree: Path) -> None:
    with pytest.raises(FingerprintError, match=r"the entry point nascast\.gone needs"):
        fingerprint("nascast.gone", root=tree)
    with pytest.raises(FingerprintError, match=r"cannot read .*gone\.py"):
        fingerprint(tree / "scripts" / "gone.py", root=tree)


def test_every_module_of_the_library_resolves() -> None:
    files = sorted((LIBRARY / "nascast").rglob("*.py"))
    names = [".".join(path.relative_to(LIBRARY).with_suffix("").parts) for path in files]
    names = [name.removesuffix(".__init__") for name in names]
    assert "nascast.fingerprint" in names
    assert all(len(fingerprint(name)) == 64 for name in names)


def test_needs_no_heavy_package() -> None:
    program = (
        "import sys; from nascast.fingerprint import fingerprint; fingerprint('nascast.cli');"
        "assert not {'numpy', 'pandas', 'torch', 'pyarrow'} & set(sys.modules)"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
