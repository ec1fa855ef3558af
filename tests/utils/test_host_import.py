import sys

import pytest
from mmengine.registry import Registry

from diffmm.utils.host_import import import_with_host, require_host


def test_an_importable_class_is_returned():
    found = import_with_host('Registry', 'mmengine.registry', '', 'mmseg', None)
    assert found is Registry


def test_a_missing_host_is_named_when_the_class_is_built(tmp_path, monkeypatch):
    (tmp_path / 'needy_thing.py').write_text('import no_such_host.models')
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry('thing')
    import_with_host('Thing', 'needy_thing', '', 'mmdet', registry)
    with pytest.raises(ImportError, match=r'Thing needs mmdet.*"diffmm\[det\]"'):
        registry.build(dict(type='Thing', size=3))


def test_a_mistake_of_our_own_is_not_blamed_on_the_host():
    with pytest.raises(ModuleNotFoundError, match='no_such_module'):
        import_with_host('Thing', '.no_such_module', 'diffmm.utils', 'mmdet', None)


def test_a_required_host_is_there_or_named(monkeypatch):
    require_host('mmdet')
    monkeypatch.setitem(sys.modules, 'mmpose.models', None)
    message = (
        r'^mmpose, which cannot be imported .*: pip install "diffmm\[pose\]" && '
        'pip install --no-deps "mmpose>=1.3.2,<2"$'
    )
    with pytest.raises(ImportError, match=message):
        require_host('mmpose')
