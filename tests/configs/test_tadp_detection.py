"""TADP's detectors: torchvision's Faster R-CNN in mmdetection's parts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, METRICS
from mmengine.structures import InstanceData

from diffmm.mini_world import generate
from tests import tiny
from tests.configs.networks import feature_info, initialized, untouched_parameters
from tests.configs.shipped import is_mini, load, names

ALL = [name for name in names('tadp', 'faster-rcnn') if '-to-' not in name]
MINIS = [name for name in ALL if is_mini(name)]
FULL = 'tadp_sd15_faster-rcnn_1xb2-100e_voc0712-512x512'
MINI = 'tadp_mini_faster-rcnn_1xb8-2e_mini-voc0712-128x128'


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp('voc')
    generate(folder, 'voc', num_train=4, num_val=4, size=128, seed=0)
    return folder


def on(name: str, world: Path) -> Config:
    """A mini config that reads a small world, and its captions."""
    cfg = load(name)
    train, test = cfg.train_dataloader.dataset, cfg.test_dataloader.dataset
    for dataset, indices in zip([*train.datasets, test], (2, -2, None), strict=True):
        dataset.update(data_root=str(world), indices=indices)
        for step in dataset.pipeline:
            if step.type == 'LoadCaption':
                step.ann_file = str(world / 'captions' / 'pascal_captions.json')
    return cfg


@pytest.mark.parametrize('name', ALL)
def test_sizes_fit(name):
    model = load(name).model
    info = feature_info(load(name))
    strides = [level.stride for level in info]
    assert model.neck.in_channels == [level.channels for level in info]
    assert model.neck.num_outs == len(strides) == 4
    assert model.roi_head.bbox_roi_extractor.featmap_strides == strides
    anchors = model.rpn_head.anchor_generator
    assert anchors.strides == strides
    # 32 to 256 in 512 pixels; the mini world's things are larger in their pictures.
    sizes = [scale * stride for scale in anchors.scales for stride in strides]
    assert sizes == ([16, 32, 64, 128] if is_mini(name) else [32, 64, 128, 256])


def test_counts_of_the_classes_and_rules():
    for name in ALL:
        cfg = load(name)
        classes = cfg.train_dataloader.dataset.datasets[0].get('metainfo')
        wanted = len(classes.classes) if classes else 20
        assert cfg.model.roi_head.bbox_head.num_classes == wanted
        rules = [(m.prefix, m.eval_mode) for m in cfg.test_evaluator]
        assert rules == [('voc12', 'area'), ('voc07', '11points')]
        assert cfg.test_evaluator[0].iou_thrs == cfg.test_evaluator[1].iou_thrs


@pytest.mark.parametrize(
    'name',
    [
        each if each == MINI else pytest.param(each, marks=pytest.mark.slow)
        for each in MINIS
    ],
)
def test_a_few_steps_learn_and_reach_every_parameter(name, world):
    cfg = on(name, world)
    cfg.model.backbone.pretrained = None
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    assert len(dataset) == 4
    batch = pseudo_collate([dataset[0], dataset[2]])
    model = initialized(cfg).train()
    with tiny.quiet():
        wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    losses = [model.train_step(batch, wrapper)['loss'].item() for _ in range(6)]
    assert losses[-1] < 0.8 * losses[0]
    assert not untouched_parameters(model, wrapper.optimizer)


def test_perfect_boxes_get_a_perfect_score_by_both_rules(world):
    cfg = on(MINI, world)
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    metrics = [METRICS.build(each) for each in cfg.test_evaluator]
    for index in range(len(dataset)):
        sample = dataset[index]['data_samples']
        assert sample.caption
        # `VOCMetric` takes the pixels of the file, as the annotation has them.
        sample.pred_instances = InstanceData(
            bboxes=sample.gt_instances.bboxes.tensor,
            labels=sample.gt_instances.labels,
            scores=torch.ones(len(sample.gt_instances)),
        )
        sample.gt_instances.bboxes = sample.gt_instances.bboxes.tensor
        sample.ignored_instances.bboxes = sample.ignored_instances.bboxes.tensor
        for metric in metrics:
            metric.dataset_meta = dataset.metainfo
            metric.process({}, [sample.to_dict()])
    scores = {k: v for m in metrics for k, v in m.evaluate(len(dataset)).items()}
    for rule in ('voc12', 'voc07'):
        for key in ('mAP', 'AP50', 'AP75'):
            assert scores[f'{rule}/{key}'] == pytest.approx(1)
    assert load(FULL).default_hooks.checkpoint.save_best in scores


def test_the_oracle_names_the_boxes(world):
    cfg = on(f'{MINI}_oracle', world)
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    words = load(f'{MINI}_oracle').mini_voc_names[1:]
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        labels = sorted({box['bbox_label'] for box in info['instances']})
        expected = ' '.join(words[label] for label in labels) or 'background'
        assert dataset[index]['data_samples'].oracle_caption == expected


@pytest.mark.parametrize('name', ALL)
def test_captions_are_looked_up_by_the_names_of_the_released_files(name):
    cfg = load(name)
    datasets = [*cfg.train_dataloader.dataset.datasets, cfg.test_dataloader.dataset]
    key = cfg.model.data_preprocessor.get('text_key')
    for dataset in datasets:
        types = [step.type for step in dataset.pipeline]
        assert ('LoadCaption' in types) == (key == 'caption')
        assert ('OracleCaption' in types) == (key == 'oracle_caption')
        assert key is None or key in dataset.pipeline[-1].meta_keys
        if key == 'caption':
            assert dataset.pipeline[-2].extension is False
