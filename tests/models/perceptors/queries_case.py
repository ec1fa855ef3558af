"""Queries of every task, and a target of each, for the tests of a generalist."""

from __future__ import annotations

import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, InstanceData, PixelData

import diffmm  # noqa: F401  registers the codecs
from diffmm.models.perceptors.queries import Answer

CLASSES = ('background', 'sky', 'car')
GRAY = torch.zeros(1, 3, 64, 64)
DEPTH = dict(type='DepthQueries', codec=dict(type='MetricDepthCodec'))
MASKS = dict(
    type='SegmentationQueries', classes=CLASSES, codec=dict(type='WhiteMaskCodec')
)
BOXES = dict(
    type='DetectionQueries',
    classes=CLASSES[1:],
    codec=dict(type='BoxOutlineCodec', width=2, run=8),
)
COLORS = dict(
    type='ClassificationQueries',
    classes=CLASSES[1:],
    codec=dict(type='AnswerColorCodec'),
)


def build(config, **more):
    return TASK_UTILS.build(dict(config, **more))


def answer(label, prediction):
    return Answer(label, prediction, prediction)


def samples(size=64):
    """A target of each task."""
    mask = torch.zeros(1, size, size, dtype=torch.long)
    mask[:, 8:24] = 1
    instances = InstanceData(bboxes=torch.tensor([[8.0, 8.0, 40.0, 30.0]]))
    depth = PixelData(data=torch.full((1, size, size), 5.0))
    return [
        BaseDataElement(gt_depth_map=depth, metainfo=dict(task='depth')),
        BaseDataElement(
            gt_sem_seg=PixelData(data=mask), metainfo=dict(task='segmentation')
        ),
        BaseDataElement(gt_instances=instances, metainfo=dict(task='detection')),
        BaseDataElement(metainfo=dict(task='classification', answer='green')),
    ]
