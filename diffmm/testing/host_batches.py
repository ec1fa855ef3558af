"""Batches of noise with annotations, as the hosts' data loaders would give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.structures import PixelData

from ..utils.nested import walk
from .pose_batches import pose_batches

Batch = dict[str, Any]
SIZE = 2  # batch norm over a globally pooled map needs two values


def synthetic_batches(cfg: Config, side: int = 128) -> tuple[Batch, Batch]:
    """Makes a batch to train on and one to predict.

    They hold what the config's own pipeline loads: masks, semantic maps, depth,
    proposals, keypoints.

    Args:
        cfg: Config of mmseg, mmdet or mmpose.
        side: Height and width in pixels; a pose config's pipelines have their own.

    Returns:
        Two batches of two images, as the hosts' preprocessors take them. The second has
        one image if the config's own test batch has one and it is a pose config.

    Raises:
        ValueError: If ``default_scope`` is none of the three hosts.
    """
    makers = dict(
        mmseg=_segmentation_batches,
        mmdet=_detection_batches,
        mmpose=lambda cfg, side: pose_batches(cfg, SIZE),
    )
    if cfg.default_scope not in makers:
        raise ValueError(
            f'default_scope must be one of {sorted(makers)}, got {cfg.default_scope!r}'
        )
    with DefaultScope.overwrite_default_scope(cfg.default_scope):
        return makers[cfg.default_scope](cfg, side)


def _segmentation_batches(cfg: Config, side: int) -> tuple[Batch, Batch]:
    from mmseg.structures import SegDataSample

    classes = max(_fewest_classes(cfg), 2)
    has_depth = 'LoadDepthAnnotation' in _loaders(cfg)
    generator = torch.Generator().manual_seed(0)
    inputs, samples = [], []
    for _ in range(SIZE):
        image = torch.randint(256, (3, side, side), generator=generator)
        inputs.append(image.to(torch.uint8))
        meta = dict(img_shape=(side, side), ori_shape=(side, side), scale_factor=1.0)
        sample = SegDataSample(metainfo=meta | dict(flip=False))
        # Blocks of 8 pixels, so that losses that sample regions find some.
        coarse = torch.randint(classes, (1, side // 8, side // 8))
        labels = coarse.repeat_interleave(8, 1).repeat_interleave(8, 2)
        sample.gt_sem_seg = PixelData(data=labels)
        if has_depth:  # in meters
            sample.gt_depth_map = PixelData(data=1 + 9 * torch.rand(1, side, side))
        samples.append(sample)
    batch = dict(inputs=inputs, data_samples=samples)
    return batch, dict(inputs=list(inputs), data_samples=[s.clone() for s in samples])


def _detection_batches(cfg: Config, side: int) -> tuple[Batch, Batch]:
    from mmdet.testing import demo_mm_inputs, demo_mm_proposals

    loaders, classes = _loaders(cfg), _fewest_classes(cfg)
    shapes = [(3, side, side)] * SIZE

    def make() -> Batch:
        batch = demo_mm_inputs(
            SIZE,
            shapes,
            num_items=[3] * SIZE,
            with_mask=_loads(cfg, 'with_mask') or 'LoadPanopticAnnotations' in loaders,
            with_semantic=_loads(cfg, 'with_seg')
            or 'LoadPanopticAnnotations' in loaders,
            sem_seg_output_strides=_semantic_stride(cfg),
        )
        for sample in batch['data_samples']:
            sample.set_metainfo(dict(scale_factor=(1.0, 1.0)))
            sample.gt_instances.labels %= classes
        if 'LoadProposals' in loaders:
            proposals = demo_mm_proposals(shapes, num_proposals=100)
            for sample, found in zip(batch['data_samples'], proposals, strict=True):
                sample.proposals = found
        return batch

    return make(), make()


def _fewest_classes(cfg: Config) -> int:
    """Returns the number of classes; the smallest if parts of the model differ."""
    return min(_values(cfg.model, 'num_classes'), default=2)


def _loaders(cfg: Config) -> set[str]:
    """Returns the types of everything in the training data, transforms included."""
    return set(_values(cfg.get('train_dataloader'), 'type', str))


def _loads(cfg: Config, name: str) -> bool:
    return any(_values(cfg.train_dataloader, name))


def _semantic_stride(cfg: Config) -> int:
    """Returns the stride of semantic labels: HTC compares its map of stride 8."""
    roi_head = cfg.model.get('roi_head') or {}
    return 8 if 'semantic_head' in roi_head else 1


def _values(node: Any, name: str, kind: type = int) -> Iterator[Any]:
    """Yields every value of a key in a nested config."""
    for each in walk(node):
        if isinstance(each, dict) and isinstance(each.get(name), kind):
            yield each[name]
