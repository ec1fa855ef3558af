"""Pictures and masks: the data sets and the network of a segmentation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.config import Config

from .captions import caption_steps, pack
from .classes import IGNORED, Classes, read_classes
from .experiment import backbone_channels, base_config, set_data
from .masks import check_masks, convert_masks, hints_of
from .pictures import Picture, count
from .request import Pairs, Request

# Side of the windows.
SIDES = dict(mini=128, sd15=512)
# Vermouth's layers and timestep of retrieval; its segmentation was released in parts.
_VERMOUTH = dict(
    layers='mid+up',
    timestep=200,
    latent_scale=0.18215,
    attention=None,
    trainable='none',
)
_VERMOUTH_WIDTHS = dict(mini=64, sd15=256)


def new_segmentation(request: Request) -> list[str]:
    """Checks pictures and masks, and writes their config.

    Args:
        request: What was asked for.

    Returns:
        Lines that say what was found and written.

    Raises:
        DataError: The data cannot be trained on as they are.
    """
    classes = read_classes(request.classes, request.class_file)
    words = request.words(classes.names)
    parts = request.divide('masks')
    lowered = request.zero_is_unlabeled
    reports = [check_masks(pairs, classes, lowered) for pairs, _ in parts]
    as_they_are = all(report.readable for report in reports)
    lines, datasets, captions = [], [], []
    for (name, images, masks), (pairs, ending), report in zip(
        request.places, parts, reports, strict=True
    ):
        lines += [f'{name}: {count(list(pairs), "picture")}', report.table(classes)]
        lines += [f'note: {name}: {hint}' for hint in hints_of(report, classes)]
        if not as_they_are:
            ending, masks = '.png', request.folder / f'masks_{name}'
            _renumber(pairs, images, masks, classes, lowered)
        stem = request.folder / name
        datasets.append(write_lists(pairs, images, masks, ending, stem))
        paths = [picture.path for picture in pairs]
        captions.append(request.caption(paths, images, name))
    pictures = [picture for pairs, _ in parts for picture in pairs]
    cfg = base_config('masks', request.system, request.prior)
    set_segmentation(
        cfg,
        request.system,
        request.prior,
        classes,
        words,
        *datasets,
        zero_is_unlabeled=lowered and as_they_are,
        longest=max(each.ratio for each in pictures),
        captions=captions,
    )
    shown = next(iter(parts[1][0])).path
    lines += request.word_hints(words)
    return lines + request.finish(cfg, len(parts[0][0]), shown)


def _renumber(
    pairs: Pairs, images: Path, folder: Path, classes: Classes, lowered: bool
) -> None:
    """Writes masks that mmsegmentation reads, named like their pictures."""
    names = {each: each.path.relative_to(images).with_suffix('.png') for each in pairs}
    targets = {mask: folder / names[picture] for picture, mask in pairs.items()}
    convert_masks(targets, classes, lowered)


def write_lists(
    pairs: Mapping[Picture, Path], images: Path, masks: Path, ending: str, stem: Path
) -> list[dict]:
    """Writes lists of pictures, one for each extension, and the data sets of them.

    Args:
        pairs: The mask of each picture.
        images: Folder of the pictures.
        masks: Folder of the masks.
        ending: What a mask has behind the name of its picture.
        stem: Path of the lists, without their extension.

    Returns:
        Configs of mmsegmentation's ``BaseSegDataset``, which takes one extension each.
    """
    by_suffix = defaultdict(list)
    for picture in pairs:
        name = picture.path.relative_to(images)
        by_suffix[name.suffix].append(name.with_suffix('').as_posix())
    datasets = []
    stem.parent.mkdir(parents=True, exist_ok=True)
    for suffix, names in sorted(by_suffix.items()):
        kind = f'_{suffix[1:]}' if len(by_suffix) > 1 else ''
        path = stem.with_name(f'{stem.name}{kind}.txt')
        path.write_text('\n'.join(names) + '\n', encoding='utf-8')
        prefix = dict(img_path=str(images), seg_map_path=str(masks))
        datasets.append(
            dict(
                type='BaseSegDataset',
                ann_file=str(path),
                data_prefix=prefix,
                img_suffix=suffix,
                seg_map_suffix=ending,
            )
        )
    return datasets


def set_segmentation(
    cfg: Config,
    system: str,
    prior: str,
    classes: Classes,
    words: Sequence[str],
    train: Sequence[dict],
    val: Sequence[dict],
    zero_is_unlabeled: bool,
    longest: float,
    captions: Sequence[dict | None],
) -> None:
    """Writes classes, channels, pipelines and data sets into a config.

    Args:
        cfg: A base, changed in place.
        system: The system.
        prior: The prior.
        classes: The classes.
        words: What the prompt calls them.
        train: Data sets of `write_lists` for training.
        val: Those for validation.
        zero_is_unlabeled: As in `check_masks`.
        longest: Largest ratio of a picture's sides.
        captions: Arguments of ``LoadCaption`` for training and validation, for a model
            that is prompted with captions; else None twice.
    """
    _set_network(cfg, system, prior, words)
    side = SIDES[prior]
    # The shorter side gets the window's length, whatever the longer one is.
    scale = (int(side * max(4.0, longest)) + 1, side)
    load = [dict(type='LoadImageFromFile')]
    # Named here and in the data set, as mmsegmentation asks for.
    labels = [dict(type='LoadAnnotations', reduce_zero_label=zero_is_unlabeled)]
    resize = dict(type='Resize', scale=scale, keep_ratio=True)
    if prior != 'mini':
        resize.update(type='RandomResize', ratio_range=(0.5, 2.0))
    last = [[*caption_steps(each), pack('PackSegInputs', each)] for each in captions]
    train_pipeline = [
        *load,
        *labels,
        resize,
        dict(type='RandomCrop', crop_size=(side, side), cat_max_ratio=0.75),
        dict(type='RandomFlip', prob=0.5),
        *([] if prior == 'mini' else [dict(type='PhotoMetricDistortion')]),
        *last[0],
    ]
    test_pipeline = [
        *load,
        dict(type='Resize', scale=scale, keep_ratio=True),
        # After Resize: the ground truth keeps its size.
        *labels,
        *last[1],
    ]
    meta = dict(classes=list(classes.names), palette=classes.palette())
    shared = dict(
        metainfo=meta, reduce_zero_label=zero_is_unlabeled, ignore_index=IGNORED
    )
    parts = (
        _join([dict(each, **shared, pipeline=train_pipeline) for each in train]),
        _join([dict(each, **shared, pipeline=test_pipeline) for each in val]),
    )
    evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
    set_data(cfg, *parts, evaluator, test_pipeline)


def _join(datasets: list[dict]) -> dict:
    if len(datasets) == 1:
        return datasets[0]
    return dict(type='ConcatDataset', datasets=datasets)


def _set_network(cfg: Config, system: str, prior: str, words: Sequence[str]) -> None:
    model = cfg.model
    for name in ('decode_head', 'auxiliary_head'):
        if name in model:
            model[name].num_classes = len(words)
    if system == 'vpd':
        model.backbone.prompt.pop('dataset', None)
        model.backbone.prompt.classes = list(words)
    if system == 'vermouth':
        width = _VERMOUTH_WIDTHS[prior]
        model.backbone.update(_VERMOUTH)
        model.backbone.prompt = dict(type='NullPrompt')
        model.neck = dict(type='UHead', flow='up', widths=[width] * 4)
        model.decode_head.update(in_channels=[width] * 4, channels=width)
        # Its factors are for layers that do not train here.
        cfg.optim_wrapper.pop('constructor')
        cfg.optim_wrapper.pop('paramwise_cfg')
    if system != 'meta_prompts':
        model.neck.in_channels = backbone_channels(cfg)
