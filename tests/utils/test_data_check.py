from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from mmengine.dataset import BaseDataset, DefaultSampler, InfiniteSampler
from mmengine.dataset.dataset_wrapper import ConcatDataset, RepeatDataset
from mmengine.registry import DATASETS
from torch.utils.data import DataLoader

from diffmm.utils.data_check import check_data_of, check_dataset, single_datasets


class Photos(BaseDataset):
    """As many pictures as it is told."""

    METAINFO: dict = {}

    def __init__(self, count=1, serialize_data=False, **kwargs):
        self.count = count
        super().__init__(serialize_data=serialize_data, **kwargs)

    def load_data_list(self):
        """That many."""
        return [dict(img_path=str(number)) for number in range(self.count)]


def test_wrapped_data_sets_are_found():
    first, second = Photos(), Photos(2)
    assert single_datasets(ConcatDataset([first, second])) == [first, second]
    assert single_datasets(RepeatDataset(first, 3)) == [first]
    assert single_datasets(first) == [first]


@pytest.mark.parametrize('key', ['img_path', 'img'])
def test_a_missing_folder_of_pictures_is_named(tmp_path, key):
    (tmp_path / 'photos').mkdir()
    (tmp_path / 'list.txt').touch()
    for name in ('photos', ''):
        check_dataset(Photos(data_root=str(tmp_path), data_prefix={key: name}))
    for name, what in (('nope', 'does not exist'), ('list.txt', 'is a file')):
        dataset = Photos(data_root=str(tmp_path), data_prefix={key: name})
        with pytest.raises(FileNotFoundError, match=f'/{name} {what}, where the Photo'):
            check_dataset(dataset)


def test_what_is_not_on_the_disk_is_left_alone(tmp_path):
    check_dataset(Photos(data_prefix=dict(img='s3://bucket/photos')))
    stored = Photos(data_root=str(tmp_path), data_prefix=dict(img='nope'))
    stored.backend_args = dict(backend='petrel')
    check_dataset(stored)
    # Folders of labels may be missing, as those of a test set are.
    labels = dict(seg_map_path='nope')
    check_dataset(Photos(data_root=str(tmp_path), data_prefix=labels))


def build_loader(dataset, sampler=None, **options):
    """Builds and checks a loader as a runner does."""
    runner = SimpleNamespace(
        build_dataloader=lambda data, **kwargs: DataLoader(
            data, 4, sampler=sampler or DefaultSampler(data), **kwargs
        )
    )
    check_data_of(runner)
    return runner.build_dataloader(dataset, **options)


@pytest.mark.parametrize('sampler', [DefaultSampler, InfiniteSampler])
def test_a_runner_refuses_an_empty_data_set(sampler):
    """Before a sampler waits for its first picture."""
    full, empty = Photos(), Photos(0, ann_file='list.txt')
    assert build_loader(full, sampler(full)).dataset is full
    with pytest.raises(ValueError, match="Photos of ann_file='list.txt'.* no pictures"):
        build_loader(empty, sampler(empty))


def test_the_entry_of_an_empty_data_set_is_said():
    """MMEngine packs what a data set lists, and cannot say that it is nothing."""
    DATASETS.register_module('EmptyPhotos', module=Photos)
    config = dict(type='EmptyPhotos', count=0, data_root='photos', serialize_data=True)
    runner = SimpleNamespace(
        build_dataloader=lambda config: DATASETS.build(config['dataset'])
    )
    check_data_of(runner)
    message = "EmptyPhotos of data_root='photos' has no pictures: .* ending"
    for dataset in (config, dict(type='RepeatDataset', times=2, dataset=config)):
        with pytest.raises(ValueError, match=message):
            runner.build_dataloader(dict(dataset=dataset))
    runner = SimpleNamespace(build_dataloader=Mock(side_effect=ValueError('other')))
    check_data_of(runner)
    with pytest.raises(ValueError, match='^other$'):
        runner.build_dataloader(dict(dataset=config))


def test_a_runner_refuses_a_training_without_a_whole_batch():
    few = Photos(3)
    with pytest.raises(ValueError, match='Photos has 3 pictures, .* batch of 4, and'):
        build_loader(few, drop_last=True)
    assert len(build_loader(few)) == 1
    assert len(build_loader(Photos(4), drop_last=True)) == 1
    build_loader(few, InfiniteSampler(few), drop_last=True)
