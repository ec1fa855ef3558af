"""Every command line imports diffmm before anything that loads torch or a host."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    path
    for folder in ('demo', 'tools')
    for path in (ROOT / folder).rglob('*.py')
    if '__name__' in path.read_text()
)
# None of these loads torch.
LIGHT = {'__future__', 'PIL', 'cv2', 'numpy', 'pycocotools', 'tqdm'}
LIGHT |= sys.stdlib_module_names


def first_imports(path):
    """Yields the packages that a script imports, in order."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition('.')[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition('.')[0]


@pytest.mark.parametrize('path', SCRIPTS, ids=lambda path: path.name)
def test_diffmm_comes_first(path):
    beside = {each.stem for each in path.parent.glob('*.py')}
    names = first_imports(path)
    heavy = [name for name in names if name not in LIGHT | beside]
    # A script that only imports its neighbors loads diffmm through them.
    assert heavy[:1] in ([], ['diffmm']), (
        f'{path.name} imports {heavy[0]} first, so that diffmm cannot decide how '
        "threads wait, nor replace mmcv's operators"
    )


def test_all_scripts_are_looked_at():
    names = {path.name for path in SCRIPTS}
    assert {'train.py', 'test.py', 'quickstart.py', 'benchmark.py'} <= names
