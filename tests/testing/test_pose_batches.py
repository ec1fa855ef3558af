import importlib
from pathlib import Path

import pytest
from mmengine.config import Config

from diffmm.testing import synthetic_batches


def shipped(path):
    folder = Path(importlib.import_module('mmpose').__file__).parent
    return Config.fromfile(str(folder / '.mim/configs' / path))


def test_pose_targets_are_the_codecs():
    path = 'body_2d_keypoint/topdown_heatmap/coco/'
    cfg = shipped(path + 'td-hm_res50_8xb64-210e_coco-256x192.py')
    train, test = synthetic_batches(cfg)
    assert [each.shape for each in train['inputs']] == [(3, 256, 192)] * 2
    heatmaps = train['data_samples'][0].gt_fields.heatmaps
    assert heatmaps.shape == (17, 64, 48)
    assert 0.9 < heatmaps.max() <= 1, 'a Gaussian is drawn, not noise'
    assert heatmaps.mean() < 0.1
    assert len(test['inputs']) == 2


def test_pose_of_several_persons_one_image_at_a_time():
    path = 'body_2d_keypoint/dekr/coco/dekr_hrnet-w32_8xb10-140e_coco-512x512.py'
    train, test = synthetic_batches(shipped(path))
    assert len(train['data_samples'][0].gt_instances) == 3
    assert len(train['inputs']) == 2 and len(test['inputs']) == 1


@pytest.mark.parametrize(
    'path, count, pair',
    [
        (
            'face_2d_keypoint/topdown_heatmap/300w/'
            'td-hm_hrnetv2-w18_8xb64-60e_300w-256x256.py',
            68,
            (0, 16),
        ),
        (
            'hand_2d_keypoint/topdown_heatmap/onehand10k/'
            'td-hm_res50_8xb32-210e_onehand10k-256x256.py',
            21,
            None,
        ),
        # A data set whose keypoints depend on its arguments.
        (
            'fashion_2d_keypoint/topdown_heatmap/deepfashion/'
            'td-hm_hrnet-w32_8xb64-210e_deepfashion_full-256x192.py',
            8,
            (0, 1),
        ),
        # A combined data set, whose own keypoints count.
        (
            'wholebody_2d_keypoint/rtmpose/cocktail14/'
            'rtmw-m_8xb1024-270e_cocktail14-256x192.py',
            133,
            (1, 2),
        ),
    ],
)
def test_keypoints_and_flip_pairs_are_those_of_the_data_set(path, count, pair):
    for batch in synthetic_batches(shipped(path)):
        for sample in batch['data_samples']:
            assert sample.gt_instances.keypoints.shape[1] == count
            indices = sample.metainfo['flip_indices']
            assert len(indices) == count
            assert pair is None or (indices[pair[0]], indices[pair[1]]) == pair[::-1]
