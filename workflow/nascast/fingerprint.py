"""Code fingerprints: which stages a change of the library's code concerns.

A stage's fingerprint is the hash of its script and of every nascast module that the script
imports, directly or through others. Kept among a rule's ``params``, it makes the workflow run
again exactly the stages whose code changed. Comments, layout and docstrings do not count. Data
files of a module do not count either; a rule names those among its inputs. Nor does a package's
``__getattr__``: it offers names to users, while modules of the library import them where they are.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nascast.errors import NascastError

_PACKAGE = "nascast"
_LIBRARY_ROOT = Path(__file__).resolve().parent.parent
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class FingerprintError(NascastError):
    """A file cannot be parsed, or imports a nascast module that does not exist."""


@dataclass(frozen=True, slots=True)
class _Import:
    """One import of the package: ``from <module> import <name>``, or ``import <module>``."""

    module: str
    name: str | None
    line: int


@dataclass(frozen=True, slots=True)
class _Source:
    """What matters of a source file: its code's hash, its imports, the names that it binds."""

    digest: str
    imports: tuple[_Import, ...]
    names: frozenset[str]


def fingerprint(*entry_points: str | Path, root: Path | None = None) -> str:
    """Return the sha256 of the code that some entry points consist of.

    Imports count wherever they stand: in functions, under ``TYPE_CHECKING``, relative ones, and
    ``import_module("nascast...")`` with a literal name. A module reached through any other text
    (a registry's entry, say) does not; name it as a further entry point.

    Args:
        entry_points: dotted names of nascast modules (``"nascast.traces.collector"``) and paths of
            scripts. Their order does not matter, nor does the place of the checkout.
        root: the folder that holds the ``nascast`` package, by default that of this library.

    Raises:
        FingerprintError: an entry point or an imported nascast module does not exist, or a file
            is not valid Python; the message names file and line.
    """
    root = _LIBRARY_ROOT if root is None else Path(root).resolve()
    modules: dict[str, Path] = {}
    scripts: list[str] = []
    for entry in entry_points:
        if isinstance(entry, str) and _is_module_name(entry):
            _visit(_split(entry, root), root, modules, f"the entry point {entry}")
        else:
            script = Path(entry)
            source = _read(script)
            scripts.append(f"{script.name} {source.digest}")
            _follow(script, "", source, root, modules)
    parts = [f"{name} {_read(path).digest}" for name, path in sorted(modules.items())]
    return hashlib.sha256("\n".join([*sorted(scripts), *parts]).encode()).hexdigest()


def _is_module_name(entry: str) -> bool:
    parts = entry.split(".")
    return parts[0] == _PACKAGE and all(part.isidentifier() for part in parts)


def _split(module: str, root: Path) -> list[tuple[str, Path | None]]:
    """Return a module and the packages on the way to it, each with its file if it has one."""
    parts = module.split(".")
    names = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
    return [(name, _locate(name, root)) for name in names]


def _locate(module: str, root: Path) -> Path | None:
    base = root.joinpath(*module.split("."))
    for candidate in (base / "__init__.py", base.with_name(f"{base.name}.py")):
        if candidate.is_file():
            return candidate
    return None


def _visit(
    chain: list[tuple[str, Path | None]], root: Path, modules: dict[str, Path], where: str
) -> None:
    """Add a module, the packages on the way to it, and all that they import."""
    for name, path in chain:
        if path is None:
            raise FingerprintError(
                f"{where} needs the module {name}, which does not exist; correct the name"
            )
        if name not in modules:
            modules[name] = path
            _follow(path, name, _read(path), root, modules)


def _follow(path: Path, module: str, source: _Source, root: Path, modules: dict[str, Path]) -> None:
    """Visit everything that a source file imports from the package."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for entry in source.imports:
        where = f"{path}, line {entry.line},"
        target = _absolute(entry.module, package, where)
        if target.split(".")[0] != _PACKAGE:
            continue
        _visit(_split(target, root), root, modules, where)
        if entry.name is None or entry.name == "*":
            continue
        submodule = _split(f"{target}.{entry.name}", root)
        if submodule[-1][1] is not None:
            _visit(submodule, root, modules, where)
        elif entry.name not in _read(modules[target]).names:
            raise FingerprintError(
                f"{where} imports {entry.name} from {target}, which has no such name or module"
            )


def _absolute(module: str, package: str, where: str) -> str:
    """Resolve a relative module name such as ``..spaces`` against the importing package."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if level == 0:
        return name
    parts = package.split(".") if package else []
    if level > len(parts):
        raise FingerprintError(f"{where} has a relative import that leaves the package")
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])


def _read(path: Path) -> _Source:
    """Parse a source file once for each state of it on the disk."""
    try:
        state = path.stat()
    except OSError as error:
        raise FingerprintError(f"cannot read {path}: {error.strerror}") from error
    return _parse(path, state.st_mtime_ns, state.st_size)


@cache
def _parse(path: Path, modified_ns: int, size: int) -> _Source:
    """Parse a source file; time and size only tell the cache when it is stale."""
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except (SyntaxError, ValueError) as error:
        raise FingerprintError(f"{path} is not valid Python: {error}") from error
    tree.body = [node for node in tree.body if not _offers_names(node)]
    imports = tuple(found for node in ast.walk(tree) for found in _imports_of(node))
    names = frozenset(name for node in ast.walk(tree) for name in _names_of(node))
    for node in ast.walk(tree):
        _drop_docstring(node)
    digest = hashlib.sha256(ast.unparse(tree).encode()).hexdigest()
    return _Source(digest, imports, names)


def _offers_names(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__getattr__"


def _imports_of(node: ast.AST) -> Iterator[_Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield _Import(alias.name, None, node.lineno)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield _Import("." * node.level + (node.module or ""), alias.name, node.lineno)
    elif isinstance(node, ast.Call) and node.args:
        function, first = node.func, node.args[0]
        called = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
        literal = first.value if isinstance(first, ast.Constant) else None
        if called == "import_module" and isinstance(literal, str) and literal[:1] != ".":
            yield _Import(literal, None, node.lineno)


def _names_of(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds, at whatever depth it stands."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)


def _drop_docstring(node: ast.AST) -> None:
    """Remove a docstring from the tree; an empty body becomes ``pass``."""
    if not isinstance(node, _DOCUMENTED) or not node.body:
        return
    first = node.body[0]
    value = first.value if isinstance(first, ast.Expr) else None
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        node.body = node.body[1:] or [ast.Pass()]
