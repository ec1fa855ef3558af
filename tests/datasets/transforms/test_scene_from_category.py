import pytest
from mmengine.registry import DATASETS, TRANSFORMS

from diffmm.mini_world import generate


def build(**options):
    return TRANSFORMS.build(dict(type='SceneFromCategory', **options))


def test_number_to_name():
    assert build()(dict(category_id=0))['scene'] == 'printer_room'
    assert build()(dict(category_id=26))['scene'] == 'bookstore'
    assert build(scenes=['a', 'b'])(dict(category_id=1))['scene'] == 'b'


def test_an_unknown_scene_is_an_error_or_has_a_name():
    assert build(unknown_scene='unknown')(dict(category_id=-1))['scene'] == 'unknown'
    with pytest.raises(ValueError, match='x.jpg has category_id=-1.*unknown_scene'):
        build()(dict(category_id=-1, img_path='x.jpg'))
    with pytest.raises(ValueError, match='category_id=27'):
        build(unknown_scene='unknown')(dict(category_id=27))


def test_the_hosts_samples_get_their_scene(tmp_path):
    generate(tmp_path, 'nyu', 4, 1, size=64, seed=0)
    dataset = DATASETS.build(
        dict(
            type='mmseg.NYUDataset',
            data_root=str(tmp_path),
            data_prefix=dict(
                img_path='images/train', depth_map_path='annotations/train'
            ),
            pipeline=[
                dict(type='LoadImageFromFile'),
                dict(type='LoadMetricDepth'),
                dict(type='SceneFromCategory'),
                dict(type='mmseg.PackSegInputs', meta_keys=('img_path', 'scene')),
            ],
        )
    )
    for item in dataset:
        sample = item['data_samples']
        assert f'/{sample.scene}_0' in sample.img_path


def test_repr():
    assert repr(build()) == 'SceneFromCategory(unknown_scene=None)'
