import numpy as np
import pytest
from mmengine.registry import init_default_scope

from diffmm.apis.picture_pipeline import PicturePipeline

LOAD, PACK = dict(type='LoadImageFromFile'), dict(type='PackSegInputs')


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmseg')


def test_annotations_are_not_looked_for():
    labels = dict(type='LoadAnnotations', reduce_zero_label=True)
    steps = PicturePipeline([LOAD, labels, PACK]).transforms
    names = [type(step).__name__ for step in steps]
    assert names == ['LoadImageFromNDArray', 'PackSegInputs']


def test_a_picture_and_its_text():
    pack = PACK | dict(meta_keys=('ori_shape', 'scene'))
    picture = np.zeros((64, 96, 3), np.uint8)
    item = PicturePipeline([LOAD, pack]).prepare(picture, scene='kitchen')
    assert item['pixels'] is picture and item['inputs'].shape == (3, 64, 96)
    assert item['data_samples'].ori_shape == (64, 96)
    assert item['data_samples'].scene == 'kitchen'


@pytest.mark.parametrize(
    ('shape', 'step', 'message'),
    [
        ((1, 5000), PACK, '1x5000 pixels .*1x5000, already in the file'),
        (
            (100, 850),
            dict(type='Resize', scale=(256, 64), keep_ratio=True),
            '100x850 pixels .*30x256, by this.*Resize',
        ),
        (
            (850, 100),
            dict(type='ResizeShortestEdge', scale=64, max_size=256),
            '850x100 pixels .*255x30, by this step: ResizeShortestEdge',
        ),
        (
            (100, 100),
            dict(type='mmcv.CenterCrop', crop_size=(48, 64)),
            '100x100 pixels .*64x48, by this.*CenterCrop',
        ),
    ],
    ids=['line', 'panorama', 'tower', 'crop'],
)
def test_a_picture_that_becomes_too_small_names_the_step(shape, step, message):
    pipeline = PicturePipeline([LOAD, step, PACK])
    with pytest.raises(ValueError, match=message):
        pipeline.prepare(np.zeros((*shape, 3), np.uint8))
