import json

import cv2
import numpy as np
import pytest
from mmengine.registry import DATASETS

import diffmm.datasets  # noqa: F401
from diffmm.mini_world import write_captions
from diffmm.mini_world.layouts.captions import caption_file, caption_record
from tests.mini_world.jpeg_round_trip import jpeg_round_trip


@pytest.mark.parametrize(('split', 'count'), [('train', 24), ('val', 12)])
def test_every_line_leads_to_a_picture_with_its_captions(worlds, render, split, count):
    root = worlds / 'image_caption'
    rows = (root / f'{split}_captions.jsonl').read_text().splitlines()
    assert len(rows) == count
    for index, line in enumerate(rows):
        row, truth = json.loads(line), render('image_caption', split, index)
        assert set(row) == {'file_name', 'captions', 'scene_type'}
        assert row['captions'] == write_captions(truth.scene)
        assert row['scene_type'] == truth.scene.scene_type
        image = cv2.imread(str(root / row['file_name']))[..., ::-1]
        assert np.array_equal(image, jpeg_round_trip(truth.image))


def test_there_are_no_masks(worlds):
    suffixes = {path.suffix for path in (worlds / 'image_caption').rglob('*.*')}
    assert suffixes == {'.jpg', '.json', '.jsonl'}


def test_image_caption_dataset_reads_it(worlds, render):
    data = DATASETS.build(
        dict(
            type='ImageCaptionDataset',
            data_root=str(worlds / 'image_caption'),
            ann_file='val_captions.jsonl',
        )
    )
    assert len(data) == 12
    for index in range(12):
        truth, sample = render('image_caption', 'val', index), data[index]
        image = sample['inputs'].permute(1, 2, 0).numpy()
        assert np.array_equal(image, jpeg_round_trip(truth.image))
        assert sample['data_samples'].captions == write_captions(truth.scene)


def test_the_form_of_the_file(render):
    rendered = render('ade20k', 'train', 0)
    record = caption_record(rendered, 'a.jpg')
    other = dict(caption_key='b', captions=['x'], class_label=7, files=['y'])
    content = json.loads(caption_file(dict(train=[record], val=[other])))
    assert content == {
        'a.jpg': {'captions': write_captions(rendered.scene)},
        'b': {'captions': ['x'], 'class_label': 7},
    }
    assert list(content) == ['a.jpg', 'b']
