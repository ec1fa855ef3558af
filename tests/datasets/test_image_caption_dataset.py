from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from mmengine.registry import DATASETS

from diffmm.datasets.image_caption_dataset import square
from diffmm.mini_world import generate


def write(folder, *lines):
    (folder / 'captions.jsonl').write_text('\n'.join(lines))
    config = dict(type='ImageCaptionDataset', data_root=str(folder))
    return config | dict(ann_file='captions.jsonl')


def test_pictures_with_their_captions(tmp_path):
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[..., 2] = 200  # red, as OpenCV orders channels
    cv2.imwrite(str(tmp_path / 'a.png'), picture)
    line = json.dumps(dict(file_name='a.png', captions=['red'], scene_type='x'))
    dataset = DATASETS.build(write(tmp_path, line, ''))
    assert len(dataset) == 1
    item = dataset[0]
    assert item['inputs'].shape == (3, 20, 30)
    assert item['inputs'][:, 0, 0].tolist() == [200, 0, 0]
    assert item['data_samples'].captions == ['red']
    dataset = DATASETS.build(write(tmp_path, line) | dict(size=16))
    assert dataset[0]['inputs'].shape == (3, 16, 16)


def test_it_reads_the_mini_world_s_layout(tmp_path):
    generate(tmp_path, 'image_caption', num_train=3, num_val=1, size=64)
    config = dict(type='ImageCaptionDataset', data_root=str(tmp_path))
    dataset = DATASETS.build(config | dict(ann_file='train_captions.jsonl'))
    assert len(dataset) == 3
    assert dataset[1]['inputs'].shape == (3, 64, 64)
    assert len(dataset[1]['data_samples'].captions) >= 4


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ('{"file_name": "a.png"', 'captions.jsonl:2 is no valid JSON'),
        ('{"file_name": "a.png", "captions": []}', ':2 needs a "file_name"'),
        ('["a.png"]', ':2 needs a "file_name" and at least one of "captions"'),
    ],
)
def test_a_wrong_line_is_quoted(tmp_path, line, message):
    good = json.dumps(dict(file_name='a.png', captions=['red']))
    with pytest.raises(ValueError, match=message):
        DATASETS.build(write(tmp_path, good, line))


def test_missing_files_are_named(tmp_path):
    line = json.dumps(dict(file_name='gone.png', captions=['red']))
    dataset = DATASETS.build(write(tmp_path, line))
    with pytest.raises(OSError, match='gone.png, which .* names, does not exist'):
        dataset[0]
    config = dict(type='ImageCaptionDataset', ann_file=str(tmp_path / 'no.jsonl'))
    with pytest.raises(FileNotFoundError, match='no.jsonl does not exist'):
        DATASETS.build(config)


@pytest.mark.parametrize('shape', [(40, 60), (60, 40), (16, 16), (10, 33)])
def test_squares_come_from_the_middle(shape):
    image = np.zeros((*shape, 3), np.uint8)
    height, width = shape
    image[:, : width // 2, 0] = 255
    image[: height // 2, :, 1] = 255
    result = square(image, 16)
    assert result.shape == (16, 16, 3)
    assert abs(int(result[..., 0].mean()) - 127) < 20
    assert abs(int(result[..., 1].mean()) - 127) < 20
