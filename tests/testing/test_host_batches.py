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


def test_labels_stay_below_the_number_of_classes():
    cfg = shipped('mmdet', 'wider_face/retinanet_r50_fpn_1x_widerface.py')
    for batch in synthetic_batches(cfg, 64):
        for sample in batch['data_samples']:
            assert sample.gt_instances.labels.tolist() == [0, 0, 0]


def test_proposals_where_the_pipeline_loads_some():
    cfg = shipped('mmdet', 'fast_rcnn/fast-rcnn_r50_fpn_1x_coco.py')
    for batch in synthetic_batches(cfg, 64):
        assert [len(each.proposals) for each in batch['data_samples']] == [100, 100]


def test_depth_where_the_pipeline_loads_some():
    cfg = shipped('mmseg', 'vpd/vpd_sd_4xb8-25k_nyu-512x512.py')
    (sample, _) = synthetic_batches(cfg, 64)[0]['data_samples']
    depth = sample.gt_depth_map.data
    assert depth.shape == (1, 64, 64) and 1 <= depth.min() and depth.max() <= 10


def test_other_hosts_are_named():
    with pytest.raises(ValueError, match=r"mmdet.*mmpose.*mmseg.*, got 'mmocr'"):
        synthetic_batches(Config(dict(default_scope='mmocr')))
