"""Errors of the data sets about lists and pictures that are wrong."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from mmengine.registry import DATASETS

import diffmm  # noqa: F401

SPLIT = [['a.png', 0, 'owl']]
# A list with Windows line ends whose entries begin with a slash, by the data set.
LISTS = {
    'DepthListDataset': '/a.png /d.png\r\n',
    'NYUDepthListDataset': '/bedroom/a.png /bedroom/d.png\r\n',
    'KITTIDepthListDataset': '/a.png /d.png\r\n',
    'HypersimDataset': '/a.png /d.png\r\n',
    'DIODEDataset': '/a.png /d.npy /m.npy\r\n',
    'ClassificationSplitDataset': json.dumps(
        dict(train=[['/a.png', 0, 'owl']], val=SPLIT, test=SPLIT)
    ),
}
EMPTY = {
    **dict.fromkeys(LISTS, '\r\n'),
    'ClassificationSplitDataset': json.dumps(dict(train=[], val=SPLIT, test=SPLIT)),
    'ImageCaptionDataset': '\n',
}


def build(root, kind, text, folder=''):
    (root / 'list.txt').write_text(text, newline='')
    options = dict(part='train') if kind == 'ClassificationSplitDataset' else {}
    return DATASETS.build(
        dict(
            type=kind,
            data_root=str(root),
            ann_file='list.txt',
            data_prefix=dict(img_path=folder),
            serialize_data=False,
            **options,
        )
    )


@pytest.mark.parametrize('kind', LISTS)
def test_a_folder_that_is_not_there_is_named_with_its_entry(tmp_path, kind):
    dataset = build(tmp_path, kind, LISTS[kind], 'nope')
    folder = tmp_path / 'nope'
    message = rf"/a.png .* nor does the folder {folder} of data_prefix\['img_path'\]"
    with pytest.raises(FileNotFoundError, match=f'{message}, but .*list.txt'):
        dataset[0]


@pytest.mark.parametrize('kind', LISTS)
def test_a_picture_that_is_a_folder_is_named(tmp_path, kind):
    dataset = build(tmp_path, kind, LISTS[kind])
    path = dataset.get_data_info(0)['img_path']
    # The slash in front of the entry does not lead out of the folder.
    assert path.startswith(str(tmp_path)) and path.endswith('/a.png')
    with pytest.raises(FileNotFoundError, match='a.png does not exist, but .*list.txt'):
        dataset[0]
    (tmp_path / path).mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match='a.png is a folder, but .*list.txt'):
        dataset[0]


@pytest.mark.parametrize('kind', EMPTY)
def test_an_empty_list_is_refused(tmp_path, kind):
    with pytest.raises(ValueError, match='list.txt (is empty|names no picture in its)'):
        build(tmp_path, kind, EMPTY[kind])


@pytest.mark.parametrize('kind', EMPTY)
def test_a_list_that_is_a_folder_is_refused(tmp_path, kind):
    (tmp_path / 'list.txt').mkdir()
    options = dict(part='train') if kind == 'ClassificationSplitDataset' else {}
    config = dict(type=kind, ann_file='list.txt', data_root=str(tmp_path), **options)
    with pytest.raises(FileNotFoundError, match='list.txt is a folder'):
        DATASETS.build(config)


def test_a_captioned_picture_names_its_line(tmp_path):
    line = json.dumps(dict(file_name='a.png', captions=['red']))
    dataset = build(tmp_path, 'ImageCaptionDataset', f'\r\n{line}\r\n')
    with pytest.raises(OSError, match='a.png, which .*list.txt:2 names, does not exis'):
        dataset[0]
    (tmp_path / 'a.png').write_text('no picture')
    with pytest.raises(OSError, match='a.png, .* is no picture'):
        dataset[0]
    cv2.imwrite(str(tmp_path / 'a.png'), np.zeros((8, 8, 3), np.uint8))
    assert dataset[0]['inputs'].shape == (3, 8, 8)
