import sys

import pytest
from mmengine.registry import Registry

from diffmm.utils import host_import
from diffmm.utils.host_import import first_line, import_with_host, require_host


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


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        (b'def half(', 'SyntaxError'),
        (b'raise EOFError("marshal data too short")', 'EO'),
    ],
)
def test_a_file_that_was_not_written_whole(tmp_path, monkeypatch, content, reason):
    (tmp_path / 'half_thing.py').write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry('thing')
    import_with_host('Thing', 'half_thing', '', 'mmseg', registry)
    with pytest.raises(ImportError, match=f'Thing needs mmseg.*{reason}'):
        registry.build(dict(type='Thing'))
    sys.modules.pop('half_thing', None)


def test_a_module_of_our_own_that_is_no_python_is_our_mistake():
    error = SyntaxError('invalid', (host_import.__file__, 1, 1, 'def half('))
    assert host_import.is_own_mistake(error)


def test_the_first_line_of_an_error_brings_what_it_announces():
    error = RuntimeError('Failed because of the following error:\nno nms\nat line 3')
    announced = 'RuntimeError: Failed because of the following error: no nms'
    assert first_line(error) == announced
    assert first_line(KeyError()) == 'KeyError: no message'
