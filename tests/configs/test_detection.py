"""What is special about the detection configs."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmengine.dataset import pseudo_collate
from mmengine.hub import get_config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, METRICS, MODELS
from mmengine.structures import InstanceData

from tests import tiny
from tests.configs import shipped
from tests.configs.networks import initialized, untouched_parameters
from tests.differing_keys import differing_keys

FULL = 'faster-rcnn_sd15_fpn_8xb2-12e_coco'
MINI = 'faster-rcnn_mini_fpn_1xb8-1e_mini-coco-128x128'
HOST = 'mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'


def load(name: str, data: Path | None = None) -> Config:
    """Reads a config; with ``data``, its data sets are there."""
    cfg = shipped.load(name)
    if data is not None:
        cfg.train_dataloader.dataset.data_root = str(data)
        cfg.test_dataloader.dataset.data_root = str(data)
        cfg.test_evaluator.ann_file = f'{data}/annotations/instances_val2017.json'
    return cfg


def shrink(cfg: Config) -> Config:
    """The same network with the mini architecture and random weights."""
    cfg.model.backbone.update(arch='mini', pretrained=None)
    cfg.model.neck.in_channels = [32, 64, 128, 128]
    return cfg


def test_only_the_backbone_of_the_hosts_detector_is_another():
    ours, theirs = load(FULL).model, get_config(HOST).model
    assert sorted(differing_keys(ours.to_dict(), theirs.to_dict())) == sorted(
        [f'backbone.{key}' for key in {*ours.backbone, *theirs.backbone}]
        + [f'data_preprocessor.{key}' for key in ('mean', 'std', 'pad_size_divisor')]
        + ['neck.in_channels']
        + [f'rpn_head.anchor_generator.{key}' for key in ('scales', 'strides')]
        + [
            f'roi_head.bbox_roi_extractor.{key}'
            for key in ('featmap_strides', 'finest_scale')
        ]
    )
    anchors, expected = (
        [
            scale * stride
            for model in (cfg.rpn_head.anchor_generator,)
            for scale in model.scales
            for stride in model.strides
        ]
        for cfg in (ours, theirs)
    )
    assert anchors == expected


@pytest.mark.parametrize('name', [FULL, MINI])
def test_channels_and_strides_are_those_of_the_backbone(name):
    model = load(name).model
    with torch.device('meta'):
        info = MODELS.build(model.backbone).feature_info
    strides = [level.stride for level in info]
    assert model.neck.in_channels == [level.channels for level in info]
    assert model.roi_head.bbox_roi_extractor.featmap_strides == strides
    assert model.rpn_head.anchor_generator.strides == [*strides, 2 * strides[-1]]


@pytest.mark.parametrize('name', [FULL, MINI])
def test_a_few_steps_learn_and_reach_every_parameter(name, mini_coco):
    """As in training: the full size in bfloat16 with gradient checkpointing."""
    cfg = shrink(load(name, mini_coco))
    cfg.train_dataloader.dataset.pipeline = pipeline = load(MINI).train_pipeline
    if name == FULL:  # bfloat16 is slow on a CPU
        pipeline[2].scale = (64, 64)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    batch = pseudo_collate([dataset[0], dataset[1]])
    model = initialized(cfg).train()
    cfg.optim_wrapper.optimizer.lr = 1e-3
    with tiny.quiet():
        wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    assert model.backbone.autocast == (name == FULL)
    losses = [model.train_step(batch, wrapper)['loss'].item() for _ in range(6)]
    assert losses[-1] < 0.7 * losses[0]
    assert not untouched_parameters(model, wrapper.optimizer)


def test_perfect_boxes_get_a_perfect_score(mini_coco):
    """Classes, their numbers and COCO's category ids belong together."""
    cfg = load(MINI, mini_coco)
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    metric = METRICS.build(cfg.test_evaluator)
    metric.dataset_meta = dataset.metainfo
    seen = set()
    for index in range(len(dataset)):
        sample = dataset[index]['data_samples']
        instances = dataset.get_data_info(index)['instances']
        boxes = torch.tensor([item['bbox'] for item in instances]).reshape(-1, 4)
        labels = torch.tensor([item['bbox_label'] for item in instances]).long()
        seen.update(dataset.metainfo['classes'][label] for label in labels)
        sample.pred_instances = InstanceData(
            bboxes=boxes, scores=torch.ones(len(boxes)), labels=labels
        )
        metric.process({}, [sample.to_dict()])
    scores = metric.evaluate(len(dataset))
    assert scores['coco/bbox_mAP'] == scores['coco/bbox_mAP_50'] == 1
    assert len(seen) > 3
    # What the best checkpoint is chosen by.
    assert cfg.default_hooks.checkpoint.save_best in scores


def test_the_pipeline_of_tests_reads_no_annotation():
    for name in (FULL, MINI):
        kinds = [step.type for step in load(name).test_dataloader.dataset.pipeline]
        assert kinds == ['LoadImageFromFile', 'Resize', 'PackDetInputs']


def test_the_unet_trains_at_a_tenth():
    cfg = shrink(load(FULL))
    with tiny.quiet():
        wrapper = build_optim_wrapper(initialized(cfg), ConfigDict(cfg.optim_wrapper))
    rates = [group['lr'] for group in wrapper.optimizer.param_groups]
    assert rates == pytest.approx([1e-5, 1e-4])
    batch = 8 * cfg.train_dataloader.batch_size
    assert cfg.auto_scale_lr.base_batch_size == batch == 16
