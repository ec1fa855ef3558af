"""Batches of noise with annotations, as the hosts' data loaders would give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import TRANSFORMS, DefaultScope
from mmengine.structures import PixelData

Batch = dict[str, Any]
SIZE = 2  # batch normalization of a globally pooled map needs two
_SKIPPED = (
    # Reads a file, needs other images of a data set, or a further package; none of
    # them changes what the model gets.
    'LoadImage',
    'Mosaic',
    'YOLOXMixUp',
    'Albumentation',
    'YOLOXHSVRandomAug',
    'PhotometricDistortion',
    'FilterAnnotations',
)


def synthetic_batches(cfg: Config, side: int = 128) -> tuple[Batch, Batch]:
    """Makes a batch to train on and one to predict.

    mmdet has a maker of its own; mmpose has makers of annotated images, which go
    through the config's own pipelines, so that the targets are what its codec draws;
    mmseg has none.

    Args:
        cfg: Config of mmseg, mmdet or mmpose.
        side: Height and width in pixels; a pose config's pipelines have their own.

    Returns:
        Two batches, as the hosts' preprocessors take them; of two images, but one where
        a pose config predicts one at a time.

    Raises:
        ValueError: If ``default_scope`` is none of the three hosts.
    """
    makers = dict(
        mmseg=_segmentation_batches,
        mmdet=_detection_batches,
        mmpose=_pose_batches,
    )
    if cfg.default_scope not in makers:
        raise ValueError(
            f'default_scope must be one of {sorted(makers)}, got {cfg.default_scope!r}'
        )
    return makers[cfg.default_scope](cfg, side)


def _segmentation_batches(cfg: Config, side: int) -> tuple[Batch, Batch]:
    from mmseg.structures import SegDataSample

    classes = min(_values(cfg.model, 'num_classes'), default=2)
    generator = torch.Generator().manual_seed(0)
    inputs, samples = [], []
    for _ in range(SIZE):
        image = torch.randint(256, (3, side, side), generator=generator)
        inputs.append(image.to(torch.uint8))
        meta = dict(img_shape=(side, side), ori_shape=(side, side), scale_factor=1.0)
        sample = SegDataSample(metainfo=meta | dict(flip=False))
        # Blocks of 8 pixels: losses that sample regions find some.
        coarse = torch.randint(max(classes, 2), (1, side // 8, side // 8))
        labels = coarse.repeat_interleave(8, 1).repeat_interleave(8, 2)
        sample.gt_sem_seg = PixelData(data=labels)
        samples.append(sample)
    batch = dict(inputs=inputs, data_samples=samples)
    return batch, dict(inputs=list(inputs), data_samples=[s.clone() for s in samples])


def _detection_batches(cfg: Config, side: int) -> tuple[Batch, Batch]:
    from mmdet.testing import demo_mm_inputs

    def make() -> Batch:
        batch = demo_mm_inputs(
            SIZE,
            [(3, side, side)] * SIZE,
            num_items=[3] * SIZE,
            with_mask=_loads(cfg, 'with_mask'),
            with_semantic=_loads(cfg, 'with_seg'),
            sem_seg_output_strides=_semantic_stride(cfg),
        )
        for sample in batch['data_samples']:
            sample.set_metainfo(dict(scale_factor=(1.0, 1.0)))
        return batch

    return make(), make()


def _loads(cfg: Config, name: str) -> bool:
    """Whether the config's pipeline loads masks or semantic maps."""
    data = cfg.train_dataloader
    kinds = set(_values(data, 'type', str))
    return any(_values(data, name)) or 'LoadPanopticAnnotations' in kinds


def _semantic_stride(cfg: Config) -> int:
    """HTC compares its semantic map, of stride 8, with labels of that size."""
    roi_head = cfg.model.get('roi_head') or {}
    return 8 if 'semantic_head' in roi_head else 1


def _pose_batches(cfg: Config, side: int) -> tuple[Batch, Batch]:
    train, test = cfg.train_dataloader, cfg.test_dataloader
    # DEKR and CID can only predict one image at a time.
    count = min(SIZE, test.batch_size)
    return (
        _run_pipeline(cfg, train.dataset.pipeline, SIZE),
        _run_pipeline(cfg, test.dataset.pipeline, count),
    )


def _run_pipeline(cfg: Config, pipeline: list[dict], size: int) -> Batch:
    from mmpose.testing import get_coco_sample

    with DefaultScope.overwrite_default_scope('mmpose'):
        with TRANSFORMS.switch_scope_and_registry('mmpose') as registry:
            steps = [
                registry.build(each)
                for each in pipeline
                if each['type'] not in _SKIPPED
            ]
    topdown = cfg.model.type.endswith('TopdownPoseEstimator')
    packed = []
    for index in range(size):
        # Drawn with a fixed seed by mmpose; an image has one person, or several.
        results = get_coco_sample(
            (256, 256), num_instances=1 if topdown else 3, with_bbox_cs=topdown
        )
        width, height = (results['bbox'][:, 2:] - results['bbox'][:, :2]).T
        count = len(width)
        results.update(
            id=index,
            img_id=index,
            img_path='noise.jpg',
            area=(width * height).astype(np.float32),
            category_id=np.ones(count, dtype=int),
            bbox_score=np.ones(count, dtype=np.float32),
        )
        for step in steps:
            results = step(results)
        packed.append(results)
    return pseudo_collate(packed)


def _values(node: Any, name: str, kind: type = int) -> Iterator[Any]:
    """Yields every value of a key in a nested config."""
    if isinstance(node, dict):
        if isinstance(node.get(name), kind):
            yield node[name]
        for value in node.values():
            yield from _values(value, name, kind)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _values(value, name, kind)
