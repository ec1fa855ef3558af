"""Programs that import a host, and with it mmcv's operators, before DiffMM."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import diffmm.operators

SOURCE = Path(diffmm.operators.__file__).with_name('startup.py')
# What Python does with site-packages when it starts.
START = """
import importlib, sys
import site
# An installed DiffMM has put the module there already.
sys.modules.pop('_diffmm_operators', None)
known = set(sys.modules)
site.addsitedir({!r})
added = set(sys.modules) - known
"""


@pytest.fixture
def packages(tmp_path):
    """A folder with the two files of an installation, and an mmcv without operators."""
    (tmp_path / '_diffmm_operators.py').write_text(SOURCE.read_text())
    (tmp_path / 'diffmm_operators.pth').write_text('import _diffmm_operators\n')
    (tmp_path / 'mmcv').mkdir()
    (tmp_path / 'mmcv' / '__init__.py').touch()
    return tmp_path


@pytest.fixture
def run(run_python, packages):
    def run(code):
        code = START.format(str(packages)) + code
        result = run_python('-c', code, path=(packages,), cwd=packages)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    return run


def test_mmcv_finds_the_stand_in_before_diffmm_is_imported(run):
    code = (
        "print(importlib.util.find_spec('mmcv._ext').origin, 'diffmm' in sys.modules)"
    )
    assert run(f'import importlib.util\n{code}') == 'DiffMM False'


def test_starting_python_imports_one_small_module(run):
    added = set(run('print(*added)').split())
    assert added - {'__future__'} == {'_diffmm_operators'}


def test_compiled_operators_are_left_alone(run, packages):
    (packages / 'mmcv' / '_ext.py').write_text('nms = "compiled"\n')
    code = "import mmcv._ext\nprint(mmcv._ext.nms, 'diffmm.operators' in sys.modules)"
    assert run(code) == 'compiled False'


def test_without_diffmm_everything_is_as_before(run):
    code = """
sys.path[:] = [path for path in sys.path if not importlib.util.find_spec('os') or
               not __import__('os').path.isdir(f'{path or "."}/diffmm')]
sys.meta_path[:] = [each for each in sys.meta_path if 'editable' not in repr(each)]
try:
    import mmcv._ext
except ModuleNotFoundError as error:
    print(error)
"""
    assert run(f'import importlib.util\n{code}') == "No module named 'mmcv._ext'"


@pytest.mark.slow
def test_tools_of_mmdetection_that_import_operators_first(packages, run_python):
    """Its tools/test.py, on the real mmcv without its compiled part."""
    mmcv = Path(importlib.util.find_spec('mmcv').origin).parent
    (packages / 'mmcv' / '__init__.py').unlink()
    for path in mmcv.iterdir():
        if not path.name.startswith('_ext'):
            (packages / 'mmcv' / path.name).symlink_to(path)
    host = Path(importlib.util.find_spec('mmdet').origin).parent
    code = f"""
import runpy
sys.argv = ['test.py', '--help']
try:
    runpy.run_path({str(host / '.mim/tools/test.py')!r}, run_name='__main__')
except SystemExit as error:
    print(error.code, 'diffmm' in sys.modules)
import diffmm
from mmcv.ops import nms
print(diffmm.operators.operator_status())
"""
    code = START.format(str(packages)) + code
    result = run_python('-c', code, path=(packages,), cwd=packages, timeout=500)
    assert result.returncode == 0, result.stderr
    assert 'MMDet test (and eval) a model' in result.stdout
    assert '0 False\n' in result.stdout
    assert "mmcv's operators: 16 replaced by DiffMM, 57 missing" in result.stdout
