import numpy as np
import pytest
from mmdet.datasets import ADE20KPanopticDataset
from mmengine.registry import DATASETS, DefaultScope, init_default_scope
from mmseg.datasets import ADE20KDataset

from diffmm.datasets import ADE20KFullDataset
from diffmm.utils.class_names import (
    check_repeats,
    read_class_file,
    resolve_class_names,
    split_synonyms,
)

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


def read(folder, *lines, **options):
    path = folder / 'names.txt'
    path.write_text('\n'.join(lines))
    return read_class_file(path, **options)


def test_a_class_file_with_and_without_labels(tmp_path):
    assert read(tmp_path, 'hot dog 0', 'cat 1') == ('hot dog', 'cat')
    assert read(tmp_path, 'hot dog\t0', 'cat\t1') == ('hot dog', 'cat')
    assert read(tmp_path, '0 hot dog', '1 cat') == ('hot dog', 'cat')
    assert read(tmp_path, 'building, edifice', 'cat') == ('building, edifice', 'cat')
    # A car of 2012 is no label.
    cars = ('BMW M3 Coupe 2012', 'AM General Hummer SUV 2000')
    assert read(tmp_path, *cars) == cars
    with pytest.raises(ValueError, match='has 2 classes, not 3; it belongs to another'):
        read(tmp_path, 'cat', 'dog', num_classes=3)


@pytest.mark.parametrize(
    ('lines', 'message'),
    [
        (('cat 1', 'dog 0'), "line 1, 'cat 1', must have the label 0"),
        (('cat 0', 'dog 2', 'owl 1'), "line 2, 'dog 2', must have the label 1"),
        (('cat 1', 'dog 2'), "line 1, 'cat 1', must have the label 0"),
        (('cat 0', 'dog 1', 'owl 1'), "line 3, 'owl 1', must have the label 2"),
        (('cat 0', 'dog 2', 'owl 3'), "line 2, 'dog 2', must have the label 1"),
        (('1 cat', '0 dog'), "line 1, '1 cat', must have the label 0"),
    ],
)
def test_labels_in_another_order_are_refused(tmp_path, lines, message):
    with pytest.raises(ValueError, match=f'names.txt: {message}: labels count from 0'):
        read(tmp_path, *lines)


def test_a_split_file_is_a_class_file(tmp_path):
    path = tmp_path / 'split_zhou_Cats.json'
    path.write_text('{"train": [["a.jpg", 0, "cat"]], "val": [], "test": []}')
    assert read_class_file(path, 1) == ('cat',)


def test_repeated_names_are_found():
    check_repeats(['cat', 'cat, kitten'], 'the list')
    with pytest.raises(ValueError, match="repeats a name.*'house, building'"):
        check_repeats(['building, house', 'house, building'], 'the list')
    with pytest.raises(ValueError, match="the list repeats a name.*are both 'A_Cat'"):
        check_repeats(['a cat', 'dog', 'A_Cat'], 'the list')


@pytest.mark.parametrize(
    ('dataset', 'one', 'other'),
    [
        (ADE20KPanopticDataset, 'screen', 'blind, screen'),
        (ADE20KFullDataset, 'shanty', 'hovel, hut, hutch, shack, shanty'),
    ],
)
def test_a_class_may_have_the_name_of_a_synonym(dataset, one, other):
    classes = dataset.METAINFO['classes']
    assert {one, other} <= set(classes)
    check_repeats(classes, dataset.__name__)


def test_synonyms():
    assert split_synonyms('building, edifice,') == ['building', 'edifice']
