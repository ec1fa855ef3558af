from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DATASETS

from diffmm.datasets.kitti_eigen_split import NUM_PICTURES
from diffmm.mini_world import generate

CONFIG = Path(__file__).parents[2] / 'configs/_base_/datasets/kitti.py'
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


def build(root, split='train', **options):
    config = dict(
        type='KITTIDepthListDataset',
        data_root=str(root),
        ann_file=f'filenames/eigen_benchmark/{split}_list.txt',
        pipeline=PIPELINE,
    )
    return DATASETS.build({**config, **options})


@pytest.mark.parametrize(('split', 'count'), [('train', 3), ('test', 2)])
def test_pictures_and_depth_in_metres_of_the_crop(world, split, count):
    dataset = build(world, split, expected_lines=count)
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


def test_a_list_of_another_length_is_refused(world):
    with pytest.raises(ValueError, match=r'3 lines, the known split has 23,158.*kitti'):
        build(world, expected_lines=23158)
    assert len(build(world, expected_lines=None)) == 3


@pytest.mark.parametrize('key', ['img_path', 'depth_map_path'])
def test_a_file_that_is_missing_names_its_line(tmp_path, world, key):
    (tmp_path / 'filenames').symlink_to(world / 'filenames')
    for name in ('raw_data', 'data_depth_annotated'):
        for path in (world / name).rglob('*.png'):
            copy = tmp_path / path.relative_to(world)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(path)
    dataset = build(tmp_path)
    Path(dataset.get_data_info(1)[key]).unlink()
    assert dataset[0]['data_samples'].gt_depth_map.data.max() > 1
    message = r'does not exist, but .*train_list.txt:2 names it; docs/kitti'
    with pytest.raises(FileNotFoundError, match=message):
        dataset[1]


def test_a_missing_list_says_how_to_prepare(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r'_list.txt does not exist; docs/kitti'
    ):
        build(tmp_path)


def test_the_config_knows_the_counts():
    cfg = Config.fromfile(CONFIG)
    loaders = dict(train=cfg.train_dataloader, test=cfg.test_dataloader)
    found = {split: each.dataset.expected_lines for split, each in loaders.items()}
    assert found == NUM_PICTURES
