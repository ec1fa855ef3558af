import numpy as np
import pytest
from mmengine.registry import DATASETS, DefaultScope, init_default_scope
from mmseg.datasets import ADE20KDataset

from diffmm.utils.class_names import resolve_class_names

ADE20K = ADE20KDataset.METAINFO['classes']


@pytest.fixture
def dataset():
    """Registers a data set class for the time of a test."""
    registered = []

    def register(name, **attributes):
        DATASETS.register_module(name, module=type(name, (), attributes))
        registered.append(name)
        return name

    yield register
    for name in registered:
        del DATASETS.module_dict[name]


def test_given_names_win():
    assert resolve_class_names('ADE20KDataset', ['cat', 'dog']) == ('cat', 'dog')


def test_names_of_a_registered_data_set(dataset):
    name = dataset('TwoClasses', METAINFO=dict(classes=('b', 'a')))
    assert resolve_class_names(name, None) == ('b', 'a')


def test_the_default_scope_is_searched():
    with DefaultScope.overwrite_default_scope('mmseg'):
        names = resolve_class_names('ADE20KDataset', None)
    assert len(names) == 150
    assert names == tuple(ADE20K)


def test_the_default_scope_of_a_runner():
    with DefaultScope.overwrite_default_scope('mmdet'):
        init_default_scope('mmseg')
        assert resolve_class_names('ADE20KDataset', None) == tuple(ADE20K)


def test_a_scope_may_be_written_out():
    assert resolve_class_names('mmseg.ADE20KDataset', None) == tuple(ADE20K)
    with DefaultScope.overwrite_default_scope('mmdet'):
        assert resolve_class_names('mmseg.ADE20KDataset', None) == tuple(ADE20K)


@pytest.mark.parametrize('name', ['NoSuchDataset', 'mmseg.NoSuchDataset', 'no.Dataset'])
def test_unknown_data_set_is_quoted(name):
    with pytest.raises(ValueError, match=f"dataset='{name}' is not registered"):
        resolve_class_names(name, None)


def test_nothing_given():
    with pytest.raises(ValueError, match='`dataset`.*or `classes`'):
        resolve_class_names(None, None)


@pytest.mark.parametrize('classes', [[], (), 'cat', {'cat'}])
def test_bad_lists_are_quoted(classes):
    with pytest.raises(ValueError, match='non-empty list of names, got') as error:
        resolve_class_names(None, classes)
    assert repr(classes) in str(error.value)


@pytest.mark.parametrize('name', [1, None, '', ' '])
def test_what_is_no_name_is_quoted(name):
    with pytest.raises(ValueError, match=f'must be names .*, got {name!r}'):
        resolve_class_names(None, ['cat', name])


def test_names_may_be_an_array():
    assert resolve_class_names(None, np.array(['cat', 'dog'])) == ('cat', 'dog')


@pytest.mark.parametrize(
    'attributes',
    [{}, dict(METAINFO={}), dict(METAINFO=dict(classes=None))],
    ids=str,
)
def test_a_data_set_without_classes(dataset, attributes):
    name = dataset('Nameless', **attributes)
    with pytest.raises(ValueError, match=r'Nameless has no METAINFO\["classes"\]'):
        resolve_class_names(name, None)
