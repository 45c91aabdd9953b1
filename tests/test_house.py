"""The house stands: each room imports only rooms below it, and nothing stands there for tests alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

# From the top. A room is a folder of gaprelm/ or a module beside them; it imports from the floors below its own.
FLOORS = (
    ("gaprelm", "__main__", "train", "cli", "studies"),
    ("service", "training"),
    ("correction", "evaluation", "pipeline"),
    ("scoring", "data", "noise", "model"),
    ("counts",),
    ("edits",),
    (
        "textio",
        "pipes",
        "xz_files",
        "header_rows",
        "json_files",
        "yaml_files",
        "web",
        "errors",
        "extras",
        "characters",
        "terms",
        "stages",
        "provenance",
        "version",
    ),
)
# On one floor only these, from the importer to the imported; they must not close a circle.
BESIDE = (
    ("__main__", "cli"),
    ("errors", "extras"),
    ("pipes", "errors"),
    ("textio", "errors"),
    ("textio", "pipes"),
    ("textio", "xz_files"),
    ("json_files", "errors"),
    ("json_files", "textio"),
    ("yaml_files", "errors"),
    ("web", "errors"),
    ("web", "textio"),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS, 1) for room in rooms}

WORKFLOW = {"pandas", "pyarrow", "snakemake"}
TORCH = {"torch", "transformers"}
# What the modules of a name, and all that they import, must not import; functions count too.
WITHOUT = {
    "gaprelm.correction": WORKFLOW | {"gaprelm.scoring"},
    "gaprelm.scoring": WORKFLOW | TORCH | {"gaprelm.correction"},
    "gaprelm.correction.control": TORCH,
    "gaprelm.model.checkpoint": WORKFLOW | TORCH,
    "gaprelm.edits": WORKFLOW | TORCH,
    "gaprelm.noise": WORKFLOW | TORCH,
    "gaprelm.counts": WORKFLOW | TORCH,
    "gaprelm.data": TORCH,
    "gaprelm.data.readers": WORKFLOW,
    "gaprelm.data.checking": WORKFLOW,
}


class Import(NamedTuple):
    """An import of ``name`` in a line of a file; ``typing``: below ``if TYPE_CHECKING``."""

    path: str
    line: int
    name: str
    typing: bool


def module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def path_of(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py"


def package() -> dict[str, str]:
    """Source text of every module of gaprelm by its dotted name."""
    paths = (path.relative_to(ROOT) for path in (ROOT / "gaprelm").rglob("*.py"))
    return {module_name(path): (ROOT / path).read_text(encoding="utf-8") for path in paths}


@cache
def written(path: str, source: str) -> list[tuple[int, str, str, bool]]:
    """Line, module, name that is taken from it (empty: none), and whether for typing alone, of every import."""
    found = []
    nodes: list[tuple[ast.AST, bool]] = [(ast.parse(source), False)]
    while nodes:
        node, typing = nodes.pop()
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, "", typing) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: found a relative import; expected the whole name"
            found += [(node.lineno, str(node.module), alias.name, typing) for alias in node.names]
        typing = typing or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        nodes += [(child, typing) for child in ast.iter_child_nodes(node)]
    return sorted(found)


def graph(modules: Mapping[str, str]) -> dict[str, list[Import]]:
    """The imports of each module, also within functions; ``from a import b`` is ``a.b`` where that is a module."""
    return {
        module: [
            Import(path, line, f"{base}.{name}" if f"{base}.{name}" in modules else base, typing)
            for path in [path_of(module)]
            for line, base, name, typing in written(path, source)
        ]
        for module, source in modules.items()
    }


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def parents(module: str) -> Iterator[str]:
    """The packages whose ``__init__`` an import of the module runs."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def upward(modules: Mapping[str, str]) -> list[str]:
    """Every import of a room that is not below the importer."""
    problems = []
    for module, found in graph(modules).items():
        own = room(module)
        for item in found:
            if item.name.split(".")[0] != "gaprelm":
                continue
            other = room(item.name)
            below = FLOOR_OF[other] > FLOOR_OF[own]
            if own != other and not below and (own, other) not in BESIDE:
                problems.append(
                    f"{item.path}:{item.line}: {own} (floor {FLOOR_OF[own]} from the top) imports {item.name} "
                    f"(floor {FLOOR_OF[other]}); expected a lower floor, or a pair of BESIDE"
                )
    return problems


def reached(start: str, found: Mapping[str, list[Import]]) -> Iterator[tuple[Import, tuple[str, ...]]]:
    """All imports of a module and of what it imports, directly or not, with the modules on the way; typing is left."""
    ways = {start: (start,)}
    open_ = [start]
    while open_:
        module = open_.pop()
        for item in found[module]:
            if item.typing:
                continue
            yield item, ways[module]
            for name in (item.name, *parents(item.name)):
                if name in found and name not in ways:
                    ways[name] = (*ways[module], name)
                    open_.append(name)


def is_in(name: str, package_name: str) -> bool:
    return name == package_name or name.startswith(f"{package_name}.")


def forbidden(modules: Mapping[str, str]) -> list[str]:
    """Every import, direct or not, that ``WITHOUT`` rules out."""
    found = graph(modules)
    problems = {}
    for start, packages in WITHOUT.items():
        for module in (name for name in modules if is_in(name, start)):
            for item, way in reached(module, found):
                if any(is_in(item.name, one) for one in packages):
                    problems[f"{item.path}:{item.line}: {start} must not import {item.name}; by way of"] = way
    return [f"{message} {' > '.join(way)}" for message, way in problems.items()]


def test_every_room_has_its_floor():
    assert {room(module) for module in package()} == set(FLOOR_OF)


def test_imports_go_downwards():
    assert upward(package()) == []


def test_pairs_on_one_floor_close_no_circle_and_are_needed():
    used = {(room(module), room(item.name)) for module, found in graph(package()).items() for item in found}
    assert [pair for pair in BESIDE if pair not in used] == []
    rest = set(BESIDE)
    while rest:
        ends = {pair for pair in rest if not any(pair[1] == other[0] for other in rest)}
        assert ends, f"a circle among {rest}"
        rest -= ends


def test_no_room_reaches_what_it_must_do_without():
    assert forbidden(package()) == []


@pytest.mark.parametrize(
    ("module", "source", "message"),
    [
        ("gaprelm.model.new", "import gaprelm.training.stage", "gaprelm/model/new.py:1: model (floor 4 from the top)"),
        ("gaprelm.model.new", "def f():\n    from gaprelm.data import tables", "new.py:2: model"),
        ("gaprelm.edits.new", "if TYPE_CHECKING:\n    from gaprelm.model import inputs", "new.py:2: edits"),
        ("gaprelm.cli.new", "from gaprelm.studies import transfer", "gaprelm.studies.transfer (floor 1)"),
        ("gaprelm.textio", "from gaprelm.web import fetch", "textio (floor 7 from the top) imports gaprelm.web"),
        ("gaprelm.data.new", "from gaprelm import Corrector", "data (floor 4 from the top) imports gaprelm (floor 1)"),
    ],
)
def test_imports_that_go_up_are_named(module, source, message):
    (problem,) = upward(package() | {module: source})
    assert message in problem


@pytest.mark.parametrize(
    ("module", "source", "message"),
    [
        ("gaprelm.scoring.new", "def f():\n    import pandas.core", "new.py:2: gaprelm.scoring must not import pandas"),
        ("gaprelm.scoring.new", "import gaprelm.data.tables", "tables.py:7: gaprelm.scoring must not import pyarrow"),
        (
            "gaprelm.edits.edit",
            "from gaprelm.model import modeling",
            "gaprelm.correction.control must not import torch",
        ),
        (
            "gaprelm.scoring.new",
            "from gaprelm.correction.decoding import Proposer",
            "must not import gaprelm.correction",
        ),
    ],
)
def test_what_is_reached_by_the_way_is_named(module, source, message):
    problems = forbidden(package() | {module: source})
    assert re.search(message.replace(":7:", r":\d+:"), "\n".join(problems))


def test_types_alone_bring_no_library():
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas"
    assert forbidden(package() | {"gaprelm.scoring.new": source}) == []


def entries(modules: Mapping[str, str]) -> set[str]:
    """Modules that people start or import by name: packages, programs, and what is loaded on first use."""
    programs = {name for name, source in modules.items() if '__name__ == "__main__"' in source}
    packages = {name for name in modules if (ROOT / Path(*name.split("."))).is_dir()}
    lazy = {f"{name}.{place}" for name in packages for place in re.findall(r'": "(\w+)"', modules[name])}
    named = set(re.findall(r'"(gaprelm[\w.]+)"', modules["gaprelm"]))
    command = re.findall(r'"(gaprelm[\w.]+):', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    handed_on = {"gaprelm.scoring.sighan"}
    return {"gaprelm.__main__", *programs, *packages, *lazy, *named, *command, *handed_on}


def workflow_names() -> set[str]:
    """Every dotted name of the package in the workflow and the benchmarks."""
    folders = ("rules", "workflow_scripts", "benchmarks")
    paths = chain([ROOT / "Snakefile"], *((ROOT / folder).iterdir() for folder in folders))
    names: set[str] = set()
    for path in paths:
        if path.suffix in (".py", ".smk") or path.name == "Snakefile":
            text = path.read_text(encoding="utf-8")
            names |= set(re.findall(r"\bgaprelm(?:\.\w+)+", text))
            for start, several, one in re.findall(r"from (gaprelm[\w.]*) import (?:\(([^)]*)\)|([\w, ]+))", text):
                names |= {f"{start}.{end.strip()}" for end in (several or one).split(",")}
    return names


def lonely(modules: Mapping[str, str]) -> list[str]:
    """Modules that nothing but tests can need."""
    imported = {item.name for name, found in graph(modules).items() for item in found if item.name != name}
    return sorted(set(modules) - imported - entries(modules) - workflow_names())


def test_no_module_is_there_for_tests_alone():
    assert lonely(package()) == []
    assert lonely(package() | {"gaprelm.edits.new": "import gaprelm.edits.new"}) == ["gaprelm.edits.new"]
