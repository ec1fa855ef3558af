"""The order of the rooms: who may import whom, and no import circle.

``CONTRIBUTING.md`` has the table of rooms. Every import is read from the source, also
those inside functions and for type checkers.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r'^\| `(?P<room>\w+)` \|[^|]*\| ?(?P<below>[^|]*?) ?\|$', re.MULTILINE)
# Entry points, which stand above every room.
ENTRIES = {'__init__', 'doctor', 'version'}
HOSTS = {'mmseg': 'mmsegmentation', 'mmdet': 'mmdetection', 'mmpose': 'mmpose'}

Graph = dict[str, set[str]]


def read_table(page: Path) -> Graph:
    """Returns the rooms that each room may import, from the top room down."""
    return {
        row['room']: set(re.findall(r'`(\w+)`', row['below']))
        for row in ROW.finditer(page.read_text())
    }


def read_modules(root: Path) -> dict[str, Path]:
    """Returns the file of every module of the package, by its dotted name."""
    modules = {}
    for path in (root / 'diffmm').rglob('*.py'):
        parts = path.relative_to(root).with_suffix('').parts
        if '.mim' not in parts:
            modules['.'.join(parts).removesuffix('.__init__')] = path
    return modules


def imported_names(module: str, path: Path) -> Iterator[str]:
    """Yields the dotted name of everything that a module imports."""
    package = module if path.name == '__init__.py' else module.rpartition('.')[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split('.')[: package.count('.') + 2 - node.level]
            base = above if node.level else []
            base = '.'.join([*base, *([node.module] if node.module else [])])
            yield from (f'{base}.{alias.name}' for alias in node.names)


def read_graph(root: Path) -> Graph:
    """Returns the modules of the package that each module imports."""
    modules = read_modules(root)
    graph: Graph = {}
    for module, path in modules.items():
        targets = set()
        for name in imported_names(module, path):
            # `from package import name` imports a module of that name, if there is
            # one, or else the package, which has the name.
            owner = name if name in modules else name.rpartition('.')[0]
            if owner in modules:
                targets.add(owner)
        graph[module] = targets - {module}
    return graph


def find_circle(graph: Graph) -> list[str]:
    """Returns modules that import each other in a circle; empty if none do."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def arrows_upwards(graph: Graph, table: Graph) -> list[str]:
    """Returns the imports between rooms that the table does not allow."""
    found = []
    for module, targets in graph.items():
        room = module.split('.')[1] if '.' in module else '__init__'
        for target in sorted(targets):
            other = target.split('.')[1] if '.' in target else '__init__'
            allowed = {room, *table.get(room, ())}
            if room not in ENTRIES and other not in allowed | {'version'}:
                found.append(f'{module} imports {target}')
    return sorted(found)


TABLE = read_table(ROOT / 'CONTRIBUTING.md')
GRAPH = read_graph(ROOT)


def test_every_room_stands_in_the_table():
    rooms = {path.parent.name for path in ROOT.glob('diffmm/*/__init__.py')}
    assert set(TABLE) == rooms


@pytest.mark.parametrize('room', TABLE)
def test_the_table_points_downwards_only(room):
    order = list(TABLE)
    below = set(order[order.index(room) + 1 :])
    assert TABLE[room] <= below, f'{room} may import a room above it'


def test_no_room_imports_a_room_above_it():
    found = arrows_upwards(GRAPH, TABLE)
    assert not found, (
        'not allowed by the table of rooms in CONTRIBUTING.md: ' + '; '.join(found)
    )


def test_there_is_no_import_circle():
    circle = find_circle(GRAPH)
    assert not circle, f'modules import each other: {" <- ".join(circle)}'


def test_a_file_that_needs_a_host_says_so_in_its_first_line():
    silent = []
    for module, path in read_modules(ROOT).items():
        if 'environment' in module or 'testing' in module:
            continue
        text = path.read_text()
        # Only imports that run when the file is imported.
        top = ast.Module(ast.parse(text).body, [])
        names = {
            node.module.split('.')[0]
            for node in top.body
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
        }
        for host in names & set(HOSTS):
            if not re.match(f'# Needs .*{HOSTS[host]}', text):
                silent.append(f'{path.relative_to(ROOT)}: # Needs {HOSTS[host]}.')
    assert not silent


def test_the_prior_knows_no_library_of_openmmlab():
    found = [
        f'{module} imports {name}'
        for module, path in read_modules(ROOT).items()
        if module.startswith('diffmm.diffusion')
        for name in imported_names(module, path)
        if re.match('mm(engine|cv|seg|det|pose)', name)
    ]
    assert not found


# --- the machinery itself ------------------------------------------------------------


@pytest.fixture
def package(tmp_path):
    """Writes modules of a package: their names with their text."""

    def write(**modules):
        for name, text in modules.items():
            path = tmp_path / 'diffmm' / f'{name.replace("__", "/")}.py'
            path.parent.mkdir(parents=True, exist_ok=True)
            (path.parent / '__init__.py').touch()
            path.write_text(text)
        return tmp_path

    return write


@pytest.mark.parametrize(
    'text',
    [
        'from ..high.b import thing',
        'from diffmm.high import b',
        'import diffmm.high.b',
        'def late():\n    from ..high import b',
        'from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import diffmm.high.b',
    ],
)
def test_an_arrow_upwards_and_a_circle_are_found(package, text):
    root = package(low__a=text, high__b='from ..low.a import x')
    graph = read_graph(root)
    assert arrows_upwards(graph, dict(high={'low'}, low=set())) == [
        'diffmm.low.a imports diffmm.high.b'
    ]
    assert set(find_circle(graph)) == {'diffmm.high.b', 'diffmm.low.a'}


def test_right_imports_pass(package):
    root = package(
        low__a='import os', high__b='from ..low.a import x', high__c='from .b import y'
    )
    graph = read_graph(root)
    assert find_circle(graph) == []
    assert arrows_upwards(graph, dict(high={'low'}, low=set())) == []


def test_the_table_is_read(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('| room | x | y |\n|---|---|---|\n| `a` | words | `b`, `c` |\n')
    assert read_table(page) == {'a': {'b', 'c'}}
