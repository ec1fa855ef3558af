"""What is special about the pose estimation configs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, METRICS, MODELS
from mmengine.structures import InstanceData

from diffmm.utils.bfloat16 import computes_bfloat16
from tests import tiny
from tests.configs import shipped
from tests.configs.networks import initialized, untouched_parameters

FULL = 'td-hm_sd15_8xb32-210e_coco-256x192'
MINI = 'td-hm_mini_1xb16-2e_mini-coco-128x96'
BOTH = pytest.mark.parametrize('name', [FULL, MINI])


def load(name: str, data: Path | None = None) -> Config:
    """Reads a config; with ``data``, its data sets are there."""
    cfg = shipped.load(name)
    if data is not None:
        for loader in (cfg.train_dataloader, cfg.test_dataloader):
            loader.dataset.data_root = str(data)
        cfg.test_dataloader.dataset.bbox_file = None
        annotations = f'{data}/annotations/person_keypoints_val2017.json'
        cfg.test_evaluator.ann_file = annotations
    return cfg


def build(cfg: Config) -> torch.nn.Module:
    """The network with the mini architecture and random weights."""
    cfg.model.backbone.update(arch='mini', pretrained=None)
    cfg.model.head.in_channels = 32 + 64 + 128 + 128
    return initialized(cfg)


@BOTH
def test_channels_strides_and_heatmap_belong_together(name):
    cfg = load(name)
    with torch.device('meta'):
        info = MODELS.build(cfg.model.backbone).feature_info
    head = cfg.model.head
    assert head.in_channels == sum(level.channels for level in info)
    # Every deconvolution doubles the finest map.
    stride = info[0].stride / 2 ** len(head.deconv_out_channels)
    width, height = head.decoder.input_size
    assert head.decoder.heatmap_size == (width / stride, height / stride)
    encoder = next(s for s in cfg.train_pipeline if s.type == 'GenerateTarget').encoder
    assert encoder == head.decoder == cfg.codec
    for pipeline in (cfg.train_pipeline, cfg.test_pipeline):
        affine = next(step for step in pipeline if step.type == 'TopdownAffine')
        assert affine.use_udp and affine.input_size == head.decoder.input_size


@BOTH
def test_a_few_steps_learn_and_reach_every_parameter(name, mini_coco):
    """As in training: the full size in bfloat16.

    Without instructions for it, that is the first step alone; the steps of
    `test_detection.py` are few enough to learn in bfloat16 everywhere.
    """
    cfg = load(name, mini_coco)
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    batch = pseudo_collate([dataset[0], dataset[1]])
    assert batch['inputs'][0].shape[1:] == cfg.codec.input_size[::-1]
    model = build(cfg).train()
    cfg.optim_wrapper.optimizer.lr = 5e-4
    with tiny.quiet():
        wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    assert model.backbone.autocast == (name == FULL)
    losses = [model.train_step(batch, wrapper)['loss'].item()]
    assert not untouched_parameters(model, wrapper.optimizer)
    model.backbone.autocast &= computes_bfloat16()
    losses += [model.train_step(batch, wrapper)['loss'].item() for _ in range(7)]
    assert losses[-1] < 0.8 * losses[0]


def test_perfect_keypoints_get_a_perfect_score(mini_coco):
    """The persons of the mini world are what the metric reads."""
    cfg = load(MINI, mini_coco)
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    metric = METRICS.build(cfg.test_evaluator)
    metric.dataset_meta = dataset.metainfo
    assert len(dataset) > 0
    for index in range(len(dataset)):
        sample = dataset[index]['data_samples']
        keypoints = dataset.get_data_info(index)['keypoints']
        sample.pred_instances = InstanceData(
            keypoints=keypoints, keypoint_scores=np.ones(keypoints.shape[:2])
        )
        metric.process({}, [sample.to_dict()])
    scores = metric.evaluate(len(dataset))
    assert scores['coco/AP'] == 1
    # What the best checkpoint is chosen by.
    assert cfg.default_hooks.checkpoint.save_best in scores


def test_the_heatmaps_of_the_codec_give_the_keypoints_back(mini_coco):
    """To a pixel of the crop, a quarter of the mini's coarse cells.

    A sigma of 1.5 cells would shift them by more.
    """
    cfg = load(MINI, mini_coco)
    cfg.train_pipeline[-1].update(pack_transformed=True)
    cfg.train_dataloader.dataset.pipeline = cfg.train_pipeline
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    head = build(cfg).head
    errors = []
    for index in range(len(dataset)):
        sample = dataset[index]['data_samples']
        heatmaps = sample.gt_fields.heatmaps
        (decoded,), _ = head.decoder.decode(heatmaps.numpy())
        (truth,) = sample.gt_instances.transformed_keypoints
        seen = sample.gt_instance_labels.keypoint_weights[0].numpy() > 0
        errors.append(np.linalg.norm(decoded - truth, axis=-1)[seen])
    assert np.concatenate(errors).mean() < 1


def test_the_unet_trains_at_a_tenth():
    cfg = load(FULL)
    model = build(cfg)
    with tiny.quiet():
        wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    rates = [group['lr'] for group in wrapper.optimizer.param_groups]
    assert rates == pytest.approx([5e-5, 5e-4])
    batch = 8 * cfg.train_dataloader.batch_size
    assert cfg.auto_scale_lr.base_batch_size == batch == 256
