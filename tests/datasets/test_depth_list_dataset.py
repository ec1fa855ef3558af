from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import DATASETS, METRICS
from mmengine.structures import PixelData

from diffmm.datasets import DepthListDataset
from diffmm.mini_world import generate


class Forest(DepthListDataset):
    preparation = 'plant a tree'
    example = '/a.jpg /a.png'

    def describe(self, image, where):
        return dict(tree=Path(image).stem)


def build(root, text, **options):
    (root / 'list.txt').write_text(text)
    return Forest('list.txt', data_root=str(root), **options)


def test_a_line_becomes_a_sample(tmp_path):
    dataset = build(
        tmp_path,
        # Editors of some systems put a byte order mark in front.
        '\ufeff/oak.jpg /oak.png\n\nelm.jpg elm.png 518.8\n',
        data_prefix=dict(img_path='wood'),
    )
    first, second = (dataset.get_data_info(index) for index in range(2))
    assert len(dataset) == 2
    assert first['img_path'] == str(tmp_path / 'wood/oak.jpg')
    assert second['depth_map_path'] == str(tmp_path / 'wood/elm.png')
    assert (first['tree'], second['tree']) == ('oak', 'elm')
    assert second['line'].endswith('list.txt:3') and second['seg_fields'] == []


def test_errors_say_how_to_prepare(tmp_path):
    with pytest.raises(FileNotFoundError, match='no.txt does not exist; plant a tree'):
        Forest('no.txt', data_root=str(tmp_path))
    with pytest.raises(ValueError, match='is empty; plant a tree'):
        build(tmp_path, '\n')
    with pytest.raises(ValueError, match=r"list.txt:1 must read .*, got 'oak.jpg'"):
        build(tmp_path, 'oak.jpg\n')
    dataset = build(tmp_path, 'oak.jpg oak.png\n')
    with pytest.raises(
        FileNotFoundError, match=r'oak.jpg .*list.txt:1 names it; plant'
    ):
        dataset[0]


def test_names_with_blanks_stand_between_tabs(tmp_path):
    dataset = build(tmp_path, 'old oak.jpg\told oak.png\nelm.jpg elm.png\n')
    paths = [Path(dataset.get_data_info(i)['depth_map_path']).name for i in range(2)]
    assert paths == ['old oak.png', 'elm.png']


@pytest.mark.parametrize('text', ['oak.jpg\n', 'oak.jpg oak.png\n'])
def test_a_test_predicts_pictures_without_depth(tmp_path, text):
    """The list names no depth map, or one that is not there."""
    cv2.imwrite(str(tmp_path / 'oak.jpg'), np.zeros((64, 64, 3), np.uint8))
    keys = ('img_path', 'depth_map_path')
    pipeline = [*PIPELINE[:2], dict(type='mmseg.PackSegInputs', meta_keys=keys)]
    dataset = build(tmp_path, text, pipeline=pipeline, test_mode=True)
    sample = dataset[0]['data_samples']
    sample.set_data(dict(pred_depth_map=PixelData(data=torch.ones(1, 64, 64))))
    metric = dict(type='PerImageDepthMetric', output_dir=str(tmp_path / 'out'))
    why = 'names none' if text == 'oak.jpg\n' else 'oak.png is not there'
    with pytest.raises(ValueError, match=rf'oak.jpg has no .*{why}.*format_only=True'):
        METRICS.build(metric).process({}, [sample.to_dict()])
    METRICS.build(dict(metric, format_only=True)).process({}, [sample.to_dict()])
    assert len(list((tmp_path / 'out').iterdir())) == 1


def test_the_length_is_compared(tmp_path):
    with pytest.warns(UserWarning, match='has 1 lines, the known split has 2'):
        build(tmp_path, 'a b\n', expected_lines=2)


PIPELINE = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadMetricDepth', depth_rescale_factor=1 / 256),
    dict(type='KBCrop', crop_size=(48, 56)),
    dict(type='mmseg.PackSegInputs', meta_keys=('img_path', 'ori_shape')),
]


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    """Three training and two test pictures of 64 pixels a side."""
    root = tmp_path_factory.mktemp('kitti')
    generate(root, 'kitti', 3, 2, size=64, seed=0)
    return root


def build_kitti(root, split='train', **options):
    config = dict(
        type='KITTIDepthListDataset',
        data_root=str(root),
        ann_file=f'filenames/eigen_benchmark/{split}_list.txt',
        pipeline=PIPELINE,
    )
    return DATASETS.build({**config, **options})


@pytest.mark.parametrize(('split', 'count'), [('train', 3), ('test', 2)])
def test_pictures_and_depth_in_meters_of_the_crop(world, split, count):
    dataset = build_kitti(world, split, expected_lines=count)
    assert len(dataset) == count
    for index in range(count):
        info, item = dataset.get_data_info(index), dataset[index]
        assert '/raw_data/2011_09_26/2011_09_26_drive_' in info['img_path']
        picture = cv2.imread(info['img_path'])
        units = cv2.imread(info['depth_map_path'], cv2.IMREAD_UNCHANGED)
        # The lowest 48 of 64 rows, the middle 56 of 64 columns.
        region = (slice(16, 64), slice(4, 60))
        sample = item['data_samples']
        assert np.array_equal(item['inputs'].permute(1, 2, 0), picture[region])
        depth = sample.gt_depth_map.data
        assert depth.shape == (1, 48, 56) and depth.dtype == torch.float32
        assert depth[0].numpy() == pytest.approx(units[region] / 256)
        assert sample.ori_shape == (48, 56)


def test_a_list_of_another_length_is_refused_for_kitti(world):
    with pytest.raises(ValueError, match=r'3 lines, the known split has 23,158.*kitti'):
        build_kitti(world, expected_lines=23158)
    assert len(build_kitti(world, expected_lines=None)) == 3


@pytest.mark.parametrize('key', ['img_path', 'depth_map_path'])
def test_a_file_that_is_missing_names_its_line(tmp_path, world, key):
    (tmp_path / 'filenames').symlink_to(world / 'filenames')
    for name in ('raw_data', 'data_depth_annotated'):
        for path in (world / name).rglob('*.png'):
            copy = tmp_path / path.relative_to(world)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(path)
    dataset = build_kitti(tmp_path)
    Path(dataset.get_data_info(1)[key]).unlink()
    assert dataset[0]['data_samples'].gt_depth_map.data.max() > 1
    message = r'does not exist, but .*train_list.txt:2 names it; docs/kitti'
    with pytest.raises(FileNotFoundError, match=message):
        dataset[1]


def test_a_missing_list_of_kitti_says_how_to_prepare(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r'_list.txt does not exist; docs/kitti'
    ):
        build_kitti(tmp_path)
