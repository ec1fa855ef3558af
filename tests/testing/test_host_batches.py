import importlib
from pathlib import Path

import pytest
from mmengine.config import Config

from diffmm.testing import synthetic_batches


def shipped(host, path):
    folder = Path(importlib.import_module(host).__file__).parent
    return Config.fromfile(str(folder / '.mim/configs' / path))


def test_segmentation():
    cfg = shipped('mmseg', 'sem_fpn/fpn_r50_4xb4-160k_ade20k-512x512.py')
    for batch in synthetic_batches(cfg, 64):
        assert [each.shape for each in batch['inputs']] == [(3, 64, 64)] * 2
        for sample in batch['data_samples']:
            labels = sample.gt_sem_seg.data
            assert labels.shape == (1, 64, 64)
            assert 0 <= labels.min() and 1 < labels.max() < 150


def test_detection_has_what_the_pipeline_loads():
    cfg = shipped('mmdet', 'faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py')
    (sample, _) = synthetic_batches(cfg, 64)[0]['data_samples']
    assert len(sample.gt_instances) == 3 and 'masks' not in sample.gt_instances
    cfg = shipped('mmdet', 'htc/htc_r50_fpn_1x_coco.py')
    (sample, _) = synthetic_batches(cfg, 64)[0]['data_samples']
    assert 'masks' in sample.gt_instances
    assert sample.gt_sem_seg.sem_seg.shape == (1, 8, 8)


def test_pose_targets_are_the_codecs():
    path = 'body_2d_keypoint/topdown_heatmap/coco/'
    cfg = shipped('mmpose', path + 'td-hm_res50_8xb64-210e_coco-256x192.py')
    train, test = synthetic_batches(cfg)
    assert [each.shape for each in train['inputs']] == [(3, 256, 192)] * 2
    heatmaps = train['data_samples'][0].gt_fields.heatmaps
    assert heatmaps.shape == (17, 64, 48)
    assert 0.9 < heatmaps.max() <= 1, 'a Gaussian is drawn, not noise'
    assert heatmaps.mean() < 0.1
    assert len(test['inputs']) == 2


def test_pose_of_several_persons_one_image_at_a_time():
    path = 'body_2d_keypoint/dekr/coco/dekr_hrnet-w32_8xb10-140e_coco-512x512.py'
    train, test = synthetic_batches(shipped('mmpose', path))
    assert len(train['data_samples'][0].gt_instances) == 3
    assert len(train['inputs']) == 2 and len(test['inputs']) == 1


def test_other_hosts_are_named():
    with pytest.raises(ValueError, match=r"mmdet.*mmpose.*mmseg.*, got 'mmocr'"):
        synthetic_batches(Config(dict(default_scope='mmocr')))
