"""Hashes of code, so that a changed module reruns what depends on it and a changed comment reruns nothing."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent
_ROOT = _PACKAGE.parent


def source_hash(*entries: str | Path) -> str:
    """Hash of modules and of all package modules that they import, directly or indirectly.

    Comments, docstrings and formatting do not count. Versions of other packages, data files, and imports whose names
    are made at run time are not seen.

    Args:
        entries: dotted names of package modules, or paths of scripts.
    """
    files: set[Path] = set()
    for entry in entries:
        _collect(entry if isinstance(entry, Path) else _module_file(entry), files)
    parts = [f"{_name(path)}={_tree_hash(path, path.stat().st_mtime_ns)}" for path in files]
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:16]


def _name(path: Path) -> str:
    """The file's path relative to the checkout, so that the hash does not depend on where that is."""
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name


def _collect(path: Path | None, files: set[Path]) -> None:
    if path is None or path in files:
        return
    files.add(path)
    for module in _imports(path, path.stat().st_mtime_ns):
        _collect(_module_file(module), files)


@cache
def _parse(path: Path, mtime: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _imports(path: Path, mtime: int) -> tuple[str, ...]:
    """Dotted names of the package that a file imports (absolute imports only: the house style)."""
    names = []
    for node in ast.walk(_parse(path, mtime)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    parents = {name.rsplit(".", depth)[0] for name in names for depth in range(name.count(".") + 1)}
    return tuple(sorted(name for name in parents if name.split(".")[0] == _PACKAGE.name))


def _module_file(name: str) -> Path | None:
    base = _ROOT / Path(*name.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _tree_hash(path: Path, mtime: int) -> str:
    tree = _parse(path, mtime)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            first = body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                body[:1] = [] if len(body) > 1 else [ast.Pass()]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()
