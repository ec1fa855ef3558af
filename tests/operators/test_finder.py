from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

import diffmm.operators
from diffmm.operators import StandInFinder, install

EXTENSION = 'mmcv._ext'
# Without torch and the hosts, diffmm.operators alone can still be imported.
ALONE = f"""
import importlib, sys, types
sys.path[:] = [path for path in sys.path if 'site-packages' not in path]
# An installed DiffMM has a finder of its own.
sys.meta_path[:] = [
    each for each in sys.meta_path if type(each).__name__ != 'StartupFinder'
]
sys.modules['diffmm'] = types.ModuleType('diffmm')
sys.modules['diffmm'].__path__ = [{str(Path(diffmm.operators.__file__).parents[1])!r}]
from diffmm.operators import install, operator_status
"""


@pytest.fixture
def bare_mmcv(tmp_path):
    """A folder with an mmcv without operators."""
    package = tmp_path / 'mmcv'
    package.mkdir()
    (package / '__init__.py').touch()
    return package


def run(run_python, folder, code):
    code = ALONE + textwrap.dedent(code)
    result = run_python('-c', code, path=(folder,), cwd=folder)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_it_finds_one_module_and_no_other():
    spec = StandInFinder().find_spec(EXTENSION, None)
    assert spec.name == EXTENSION and spec.origin == 'DiffMM'
    assert StandInFinder().find_spec('mmcv.ops', None) is None
    assert StandInFinder().find_spec('_ext', None) is None


def test_it_stands_last_and_once():
    install()
    install()
    finders = [isinstance(finder, StandInFinder) for finder in sys.meta_path]
    assert finders.count(True) == 1


def test_without_operators_the_stand_in_is_found(run_python, bare_mmcv):
    code = """
        print(importlib.util.find_spec('mmcv._ext'))
        install()
        print(importlib.util.find_spec('mmcv._ext').origin)
    """
    assert run(run_python, bare_mmcv.parent, code) == 'None\nDiffMM'


def test_compiled_operators_are_left_alone(run_python, bare_mmcv):
    (bare_mmcv / '_ext.py').write_text('nms = "compiled"\n')
    code = """
        install()
        import mmcv._ext
        print(mmcv._ext.nms, operator_status())
    """
    expected = "compiled mmcv's operators: compiled"
    assert run(run_python, bare_mmcv.parent, code) == expected


def test_operators_that_do_not_load_are_not_covered_up(run_python, bare_mmcv):
    (bare_mmcv / '_ext.py').write_text('raise ImportError("undefined symbol")\n')
    code = """
        install()
        try:
            import mmcv._ext
        except ImportError as error:
            print(error)
    """
    assert run(run_python, bare_mmcv.parent, code) == 'undefined symbol'


def test_an_import_that_failed_works_once_the_stand_in_is_there(run_python, bare_mmcv):
    code = """
        try:
            import mmcv._ext
        except ModuleNotFoundError as error:
            print(error.name)
        install()
        print(importlib.util.find_spec('mmcv._ext').origin)
    """
    assert run(run_python, bare_mmcv.parent, code) == 'mmcv._ext\nDiffMM'


def test_mmcv_cnn_imported_first_gets_what_it_lacks(run_python, bare_mmcv):
    for folder in ('cnn', 'cnn/bricks', 'ops'):
        (bare_mmcv / folder).mkdir()
        (bare_mmcv / folder / '__init__.py').touch()
    (bare_mmcv / 'cnn/bricks/transformer.py').touch()
    attention = bare_mmcv / 'ops/multi_scale_deform_attn.py'
    attention.write_text('MultiScaleDeformableAttention = "from mmcv.ops"\n')
    code = """
        from mmcv.cnn.bricks import transformer
        install()
        print(transformer.MultiScaleDeformableAttention)
    """
    assert run(run_python, bare_mmcv.parent, code) == 'from mmcv.ops'


def test_without_mmcv_nothing_is_found(run_python, tmp_path):
    code = """
        install()
        print(operator_status().kind)
        try:
            import mmcv._ext
        except ModuleNotFoundError as error:
            print(error.name)
    """
    assert run(run_python, tmp_path, code) == 'absent\nmmcv'
