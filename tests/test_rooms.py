"""The rule of the rooms: which parts of the library may know which, kept by reading the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "workflow" / "nascast"
GROUND = {"errors", "seeds", "registry"}
FEATURES = {"spaces", "networks", "images", "tasks"}

# What each room may import besides itself and the ground; None is everything.
ROOMS: dict[str, set[str] | None] = {
    "io": set(),
    "networks": set(),
    "images": set(),
    "spaces": {"networks"},
    "tasks": {"images", "networks", "spaces.base", "spaces.planned"},
    "labels": FEATURES,
    "graphs": FEATURES,
    "traces": FEATURES,
    "proxies": FEATURES,
    "text": FEATURES,
    "predictors": {"spaces.base"},
    "evaluation": {"predictors.base"},
    "search": {"predictors.base", "spaces.base", "evaluation.intervals"},
    "tables": {"evaluation"},
    "ranking": FEATURES | {"io", "graphs", "traces", "proxies", "predictors"},
    "report": {"evaluation", "tables"},
    "stages": None,  # the scripts' shared part, which no room imports
    "commands": None,  # parts of the command line
}
# Single modules at the top: the ground and the configuration know no room.
TOP: dict[str, set[str] | None] = {
    "__init__": {"ranking.api"},  # when it is asked for
    "errors": set(),
    "seeds": set(),
    "registry": set(),
    "fingerprint": set(),
    "sections": set(),
    "table_sections": {"sections"},
    "grid_sections": {"sections"},
    "snap_r_sections": {"sections"},
    "snap_sections": {"sections"},
    "supernet_sections": {"sections"},
    "text_sections": {"sections"},
    "gennape_sections": {"sections"},
    "graph_search_sections": {"sections"},
    "gennape_tiers": {"sections", "gennape_sections"},
    "config": {
        "sections",
        "gennape_sections",
        "graph_search_sections",
        "snap_r_sections",
        "grid_sections",
        "search_sections",
        "snap_sections",
        "supernet_sections",
        "table_sections",
        "text_sections",
    },
    "minibench_tiers": {"sections", "tasks.registry"},
    "proxy_tiers": {"sections", "table_sections", "proxies.registry", "tasks.registry"},
    "white_tiers": {"grid_sections", "sections", "table_sections"},
    "search_sections": {"sections"},
    "search_tiers": {"search_sections"},
    "snap_tiers": {"snap_sections"},
    "snap_r_tiers": {"snap_r_sections", "tasks.registry"},
    "tiers": {
        "config",
        "gennape_tiers",
        "sections",
        "supernet_sections",
        "table_sections",
        "text_sections",
        "minibench_tiers",
        "proxy_tiers",
        "white_tiers",
        "search_tiers",
        "snap_tiers",
        "snap_r_tiers",
        "tasks.registry",
        "proxies.registry",
    },
    "cli": None,
}
# Rooms that live on tensors may import torch at the top of a module; the others start without it.
TORCH_ROOMS = {
    "networks", "images", "tasks", "traces", "predictors", "text", "proxies", "graphs", "stages",
    "ranking",
}  # fmt: skip
TORCH_MODULES = {"labels.trainer", "labels.supernet_trainer"}
# matplotlib is slow to start: what only arranges numbers for a figure does without it.
DRAWING_MODULES = {
    "report.canvas", "report.figures", "report.heat_maps", "report.graph_drawing",
    "report.family_figures", "report.proxy_figures", "report.grid_figures", "report.missing",
    "report.regret_figures",
}  # fmt: skip
MAX_LINES = 400

FILES = sorted(LIBRARY.rglob("*.py"))
IDS = [str(path.relative_to(LIBRARY)) for path in FILES]
every_file = pytest.mark.parametrize("path", FILES, ids=IDS)


def module_of(path: Path) -> str:
    """The dotted name inside the package: ``io.parquet``, ``io`` for its ``__init__``."""
    parts = path.relative_to(LIBRARY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every import of the package, as a dotted name inside it, and its line."""
    own = module_of(path).split(".")
    package = own if path.name == "__init__.py" else own[:-1]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "nascast":
                    yield alias.name.removeprefix("nascast").lstrip("."), node.lineno
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                base = package[: len(package) - node.level + 1]
                target = ".".join([*base, *([module] if module else [])])
            elif module.split(".")[0] == "nascast":
                target = module.removeprefix("nascast").lstrip(".")
            else:
                continue
            for alias in node.names:
                deeper = LIBRARY.joinpath(*target.split("."), alias.name)
                is_module = deeper.is_dir() or deeper.with_suffix(".py").is_file()
                yield f"{target}.{alias.name}".lstrip(".") if is_module else target, node.lineno


def may_import(importer: str, imported: str) -> bool:
    room, target = importer.partition(".")[0], imported.partition(".")[0]
    if imported == "" or target in GROUND or target == room:
        return True
    allowed = TOP[room] if room in TOP else ROOMS[room]
    if allowed is None:
        return True
    return any(imported == name or imported.startswith(f"{name}.") for name in allowed)


@pytest.mark.parametrize(
    ("importer", "imported", "verdict"),
    [
        ("io.parquet", "errors", True),
        ("io.parquet", "io.atomic", True),
        ("io.parquet", "spaces.base", False),
        ("spaces.nasbench201", "networks.cells", True),
        ("labels.trainer", "io.parquet", False),
        ("predictors.nap2", "spaces.base", True),
        ("predictors.nap2", "spaces.nasbench201", False),
        ("predictors.nap2", "evaluation.metrics", False),
        ("evaluation.protocol", "predictors.base", True),
        ("evaluation.protocol", "predictors.nap2", False),
        ("tables.nap2", "evaluation.metrics", True),
        ("tables.nap2", "predictors.base", False),
        ("traces.collector", "config", False),
        ("labels.trainer", "tasks.jigsaw", True),
        ("tasks.heads", "spaces.planned", True),
        ("tasks.heads", "spaces.nasbench201", False),
        ("seeds", "errors", True),
        ("cli", "predictors.nap2", True),
        ("stages.runner", "io.provenance", True),
        ("predictors.nap2", "stages.runner", False),
    ],
)
def test_the_rule_itself(importer: str, imported: str, verdict: bool) -> None:
    assert may_import(importer, imported) is verdict


def test_the_reader_of_imports_sees_every_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "io").mkdir()
    (tmp_path / "io" / "atomic.py").write_text("")
    path = tmp_path / "io" / "x.py"
    path.write_text(
        "import nascast.spaces.base\nfrom nascast.io import atomic\nfrom . import atomic\n"
        "from .atomic import f\nfrom ..seeds import g\nimport nascast\nimport os\n"
        "def late():\n    from nascast.errors import NascastError\n"
    )
    monkeypatch.setitem(globals(), "LIBRARY", tmp_path)
    found = [name for name, _ in imports(path)]
    expected = ["spaces.base", "io.atomic", "io.atomic", "io.atomic", "seeds", "", "errors"]
    assert sorted(found) == sorted(expected)


@every_file
def test_rooms_only_know_the_rooms_above_them(path: Path) -> None:
    importer = module_of(path)
    assert importer.split(".")[0] in {*ROOMS, *TOP}, "a new room: add it to this test's map"
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports nascast.{imported}"
        for imported, line in imports(path)
        if not may_import(importer, imported)
    ]
    assert not wrong


def imported_at_the_top(path: Path) -> set[str]:
    """Packages that importing the module imports: not those in functions or for type checks."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_bytes())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
        waiting.extend(ast.iter_child_nodes(node))
    return found


@every_file
def test_packages_import_nothing(path: Path) -> None:
    if path.name == "__init__.py":
        nodes = list(ast.walk(ast.parse(path.read_bytes())))
        found = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not imported_at_the_top(path)
        assert path.parent == LIBRARY or not found


@every_file
def test_heavy_packages_are_imported_where_they_are_used(path: Path) -> None:
    module, packages = module_of(path), imported_at_the_top(path)
    room = module.split(".")[0]
    may_use_torch = room in TORCH_ROOMS or any(module.startswith(name) for name in TORCH_MODULES)
    assert may_use_torch or not packages & {"torch", "torchvision"}
    assert module in DRAWING_MODULES or "matplotlib" not in packages


@every_file
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < MAX_LINES


@every_file
def test_every_module_has_its_tests(path: Path) -> None:
    """A module of a room is tested in that room's folder; a lone module beside this file."""
    module = module_of(path)
    if path.name == "__init__.py" or module in GROUND - {"seeds"}:
        return
    room = module.split(".")[0] if "." in module else ""
    texts = [test.read_text("utf-8") for test in (ROOT / "tests" / room).rglob("test_*.py")]
    package, _, name = f"nascast.{module}".rpartition(".")
    forms = (f"from {package}.{name} import", f"import {package}.{name}")
    is_tested = any(
        any(form in text for form in forms) or imports_name(text, package, name) for text in texts
    )
    assert is_tested, f"no test in tests/{room or '.'} imports nascast.{module}"


def imports_name(text: str, package: str, name: str) -> bool:
    """Tell whether a test has ``from <package> import ..., <name>, ...``."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == package
        and name in {alias.name for alias in node.names}
        for node in ast.walk(ast.parse(text))
    )
