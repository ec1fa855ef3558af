from __future__ import annotations

import sys
import warnings
from pathlib import Path

import mmengine.registry
import pytest
from mmengine.registry import Registry

import diffmm
from diffmm.environment.import_failure import postpone, registered_names

# A broken package of the environment below every host: diffusers does not import.
WITHOUT_DIFFUSERS = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    import diffmm
assert 'broken diffusers' in str(caught[0].message), caught
assert 'python -m diffmm.doctor' in str(caught[0].message)
from mmengine.registry import HOOKS, MODELS
assert HOOKS.get('AttentionMapHook') is not None
MODELS.build(dict(type='StableDiffusionBackbone', arch='mini'))
"""


def test_a_broken_package_is_said_at_once_and_again_at_build_time(tmp_path, run_python):
    package = tmp_path / 'diffusers'
    package.mkdir()
    (package / '__init__.py').write_text("raise RuntimeError('broken diffusers')\n")
    result = run_python('-c', WITHOUT_DIFFUSERS, path=(tmp_path,), cwd=tmp_path)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith('ImportError: ') and 'StableDiffusionBackbone' in last
    assert 'RuntimeError: broken diffusers' in last


# Of a broken and of a missing host; the third works.
WITHOUT_TWO_HOSTS = """
import sys
sys.modules['mmdet'] = None
import diffmm
from mmengine.registry import MODELS
assert MODELS.get('TextSegDataPreProcessor').__module__.startswith('diffmm')
for kind in ('TextPoseDataPreprocessor', 'TextDetDataPreprocessor'):
    try:
        MODELS.build(dict(type=kind, text_key='caption'))
    except ImportError as error:
        print(error)
"""


def test_a_broken_and_a_missing_host_leave_the_other_working(tmp_path, run_python):
    package = tmp_path / 'mmpose'
    package.mkdir()
    (package / '__init__.py').write_text("raise AssertionError('MMCV is too new')\n")
    result = run_python('-c', WITHOUT_TWO_HOSTS, path=(tmp_path,), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    broken, missing = result.stdout.splitlines()[-2:]
    assert 'TextPoseDataPreprocessor needs mmpose' in broken
    assert 'MMCV is too new' in broken
    assert 'pip install "diffmm[pose]"' in broken
    assert 'TextDetDataPreprocessor needs mmdet' in missing
    assert 'pip install "diffmm[det]"' in missing


@pytest.mark.parametrize('error', [ImportError('no', name='diffmm.models.gone')])
def test_a_missing_module_of_our_own_is_raised(error):
    with pytest.raises(ImportError) as raised:
        postpone(error)
    assert raised.value is error


def test_a_mistake_in_our_own_code_is_raised():
    # As if the line stood in a module of DiffMM.
    code = compile('None.gone', str(Path(diffmm.__file__)), 'exec')
    with pytest.raises(AttributeError, match='gone') as caught:
        exec(code)
    with warnings.catch_warnings(), pytest.raises(AttributeError, match='gone'):
        warnings.simplefilter('error')
        postpone(caught.value)


def test_registering_again_raises_what_is_broken(monkeypatch):
    monkeypatch.setitem(sys.modules, 'diffmm.models', None)
    with pytest.raises(ImportError, match='diffmm.models'):
        diffmm.register_all_modules()


def test_everything_registered_is_found_in_the_source():
    found = set(registered_names(Path(diffmm.__file__).parent))
    for name, registry in vars(mmengine.registry).items():
        if isinstance(registry, Registry):
            for key, builder in registry.module_dict.items():
                if builder.__module__.startswith('diffmm.'):
                    assert (name, key) in found
