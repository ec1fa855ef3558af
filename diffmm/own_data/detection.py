"""Pictures and boxes: the data sets and the network of a detection."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config

from diffmm.utils.atomic import write_atomically

from .boxes import BoxFile, read_boxes
from .captions import caption_steps, pack
from .experiment import backbone_channels, base_config, set_data
from .pictures import DataError, count, split
from .request import Request

# Largest sides that pictures are resized to.
SCALES = dict(mini=(128, 128), sd15=(1333, 800))


def new_detection(request: Request) -> list[str]:
    """Checks pictures and boxes, and writes their config.

    Args:
        request: What was asked for.

    Returns:
        Lines that say what was found and written.

    Raises:
        DataError: The data cannot be trained on as they are.
    """
    boxes = read_boxes(request.labels, request.images)
    words = request.words(boxes.names)
    if request.val_labels is None:
        parts, sources = split(boxes.images, request.val_share), (boxes, boxes)
    else:
        other = read_boxes(request.val_labels, request.val_images)
        if other.names != boxes.names:
            raise DataError(
                f'{request.val_labels} has the categories {list(other.names)}, '
                f'{request.labels} {list(boxes.names)}: they must be the same, in the '
                'same order'
            )
        parts, sources = (boxes.images, other.images), (boxes, other)
    files = _write_parts(sources, parts, request)
    captions = []
    for (name, folder, _), part in zip(files, parts, strict=True):
        paths = [folder / image['file_name'] for image in part]
        captions.append(request.caption(paths, folder, name))
    cfg = base_config('coco', request.system, request.prior)
    train, val = (place[1:] for place in files)
    set_detection(
        cfg,
        request.system,
        request.prior,
        boxes.names,
        words,
        train,
        val,
        captions=captions,
    )
    return [
        f'train: {count(parts[0], "picture")}, val: {count(parts[1], "picture")}',
        boxes.table(),
        *request.word_hints(words),
        *request.finish(
            cfg, len(parts[0]), val[0] / parts[1][0]['file_name'], boxes=True
        ),
    ]


def _write_parts(
    sources: Sequence[BoxFile], parts: Sequence[Sequence[dict]], request: Request
) -> tuple[tuple[str, Path, Path], ...]:
    """Writes a COCO file for training and one for validation."""
    request.folder.mkdir(parents=True, exist_ok=True)
    places = []
    for (name, folder, _), boxes, images in zip(
        request.places, sources, parts, strict=True
    ):
        file = request.folder / f'{name}.json'
        content = json.dumps(boxes.part(images), ensure_ascii=False)
        write_atomically(file, content.encode())
        places.append((name, folder, file))
    return tuple(places)


def set_detection(
    cfg: Config,
    system: str,
    prior: str,
    names: Sequence[str],
    words: Sequence[str],
    train: tuple[Path, Path],
    val: tuple[Path, Path],
    captions: Sequence[dict | None],
) -> None:
    """Writes classes, channels, pipelines and data sets into a config.

    Args:
        cfg: A base, changed in place.
        system: The system.
        prior: The prior.
        names: The classes, in the order of the file's categories.
        words: What the prompt calls them.
        train: Folder of the pictures and COCO file for training.
        val: Those for validation.
        captions: Arguments of ``LoadCaption`` for training and validation, for a model
            that is prompted with captions; else None twice.
    """
    model = cfg.model
    model.roi_head.bbox_head.num_classes = len(names)
    if system == 'vpd':
        model.backbone.prompt.pop('dataset', None)
        model.backbone.prompt.classes = list(words)
    model.neck.in_channels = backbone_channels(cfg)
    last = [[*caption_steps(each), pack('PackDetInputs', each)] for each in captions]
    resize = dict(type='Resize', scale=SCALES[prior], keep_ratio=True)
    train_pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadAnnotations', with_bbox=True),
        resize,
        dict(type='RandomFlip', prob=0.5),
        *last[0],
    ]
    # Boxes are scored against the annotation file.
    test_pipeline = [dict(type='LoadImageFromFile'), resize, *last[1]]
    parts = [
        dict(
            type='CocoDataset',
            ann_file=str(file),
            data_prefix=dict(img=str(folder)),
            metainfo=dict(classes=list(names)),
        )
        for folder, file in (train, val)
    ]
    # Pictures without boxes teach nothing here.
    parts[0].update(filter_cfg=dict(filter_empty_gt=True), pipeline=train_pipeline)
    parts[1].update(test_mode=True, pipeline=test_pipeline)
    evaluator = dict(type='CocoMetric', ann_file=str(val[1]), metric='bbox')
    set_data(cfg, *parts, evaluator, test_pipeline)
    cfg.default_hooks.checkpoint.update(save_best='coco/bbox_mAP', rule='greater')
