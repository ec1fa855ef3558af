from __future__ import annotations

from types import SimpleNamespace

import pytest
from mmengine.dataset import BaseDataset
from mmengine.dataset.dataset_wrapper import ConcatDataset, RepeatDataset

from diffmm.utils.data_check import check_data_of, check_dataset, single_datasets


class Photos(BaseDataset):
    """As many pictures as it is told."""

    METAINFO: dict = {}

    def __init__(self, count=1, **kwargs):
        self.count = count
        super().__init__(serialize_data=False, **kwargs)

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


def test_a_runner_refuses_an_empty_data_set():
    """Before a sampler waits for its first picture."""
    datasets = {'full': Photos(), 'empty': Photos(0, ann_file='list.txt')}
    runner = SimpleNamespace(
        build_dataloader=lambda name: SimpleNamespace(dataset=datasets[name])
    )
    check_data_of(runner)
    assert runner.build_dataloader('full').dataset is datasets['full']
    with pytest.raises(ValueError, match="Photos of ann_file='list.txt'.* no pictures"):
        runner.build_dataloader('empty')
