"""Pictures and depth maps: the data sets and the network of a depth estimation."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.config import Config

from .captions import caption_steps, pack
from .depth import check_depth
from .experiment import base_config, set_data
from .pictures import DataError, Picture, count
from .request import Request

# Length of the shorter side, and side of the windows.
SIDES = dict(mini=(128, 96), sd15=(480, 480))
# Longer side of Marigold's pictures, in training and test.
_MARIGOLD_SIDES = dict(mini=(128, 128), sd15=(640, 768))
_DENOISED_FROM = 1e-5


def new_depth_estimation(request: Request) -> list[str]:
    """Checks pictures and depth maps, and writes their config.

    Args:
        request: What was asked for.

    Returns:
        Lines that say what was found and written.

    Raises:
        DataError: The data cannot be trained on as they are.
    """
    parts = request.divide('depth maps')
    units = request.units_per_meter
    reports = [check_depth(pairs, units, request.max_depth) for pairs, _ in parts]
    farthest = max(report.farthest for report in reports)
    max_depth = request.max_depth or float(math.ceil(farthest))
    lines, datasets, captions = [], [], []
    for (name, images, _), (pairs, _), report in zip(
        request.places, parts, reports, strict=True
    ):
        lines.append(
            f'{name}: {count(list(pairs), "picture")}, {report.nearest:.2f} to '
            f'{report.farthest:.2f} m, depth of {report.known:.1%} of the pixels'
        )
        datasets.append(write_depth_list(pairs, request.folder / f'{name}.txt'))
        paths = [picture.path for picture in pairs]
        captions.append(request.caption(paths, images, name))
    cfg = base_config('depth', request.system, request.prior)
    pictures = [picture for pairs, _ in parts for picture in pairs]
    set_depth(
        cfg,
        request.system,
        request.prior,
        *datasets,
        sizes=[(picture.width, picture.height) for picture in pictures],
        units_per_meter=units,
        max_depth=max_depth,
        scene=request.scene,
        captions=captions,
    )
    shown = next(iter(parts[1][0])).path
    lines.append(f'largest depth of the model: {max_depth:g} m')
    return lines + request.finish(cfg, len(parts[0][0]), shown)


def write_depth_list(pairs: Mapping[Picture, Path], path: Path) -> dict:
    """Writes a list of pictures and depth maps, and the data set of it.

    Args:
        pairs: The depth map of each picture.
        path: The list.

    Returns:
        Config of `DepthListDataset`.

    Raises:
        DataError: A name has a tab, a line break or a blank at an end.
    """
    files = [(picture.path, depth) for picture, depth in pairs.items()]
    if any(each.is_absolute() for pair in files for each in pair):
        files = [(image.absolute(), depth.absolute()) for image, depth in files]
    root = os.path.commonpath([each.parent for pair in files for each in pair])
    rows = ['\t'.join(os.path.relpath(each, root) for each in pair) for pair in files]
    # As `DepthListDataset` reads them.
    wrong = [
        row
        for row in rows
        if row.count('\t') != 1 or row.splitlines() != [row] or row.strip() != row
    ]
    if wrong:
        raise DataError(
            'file names must have no tabs, line breaks or blanks at the ends, '
            f'but {wrong[0]!r} has'
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n'.join(rows) + '\n', encoding='utf-8')
    # Without a common folder, the paths start where the training is started.
    return dict(
        type='DepthListDataset',
        ann_file=str(path),
        data_prefix=dict(img_path=root or '.'),
    )


def set_depth(
    cfg: Config,
    system: str,
    prior: str,
    train: dict,
    val: dict,
    sizes: Sequence[tuple[int, int]],
    units_per_meter: float,
    max_depth: float,
    scene: str,
    captions: Sequence[dict | None],
) -> None:
    """Writes range, prompt, pipelines and data sets into a config.

    Args:
        cfg: A base, changed in place.
        system: The system.
        prior: The prior.
        train: Data set of `write_depth_list` for training.
        val: That for validation.
        sizes: Widths and heights of the pictures.
        units_per_meter: Unit of the depth maps.
        max_depth: Largest depth to predict, in meters.
        scene: VPD's prompt, the same for every picture.
        captions: Arguments of ``LoadCaption`` for training and validation, for a model
            that is prompted with captions; else None twice.
    """
    load = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadMetricDepth', depth_rescale_factor=1 / units_per_meter),
    ]
    flip = dict(type='RandomFlip', prob=0.5)
    if system == 'marigold':
        kept = ('sample_idx', 'depth_range', 'depth_quantiles')
        last = [[pack('PackSegInputs', None, *kept)]] * 2
        longer, tested = _MARIGOLD_SIDES[prior]
        train_pipeline = [
            *load,
            flip,
            dict(type='DepthQuantiles', depth_range=(_DENOISED_FROM, max_depth)),
            dict(type='NearestExactResize', scale=_shared_size(sizes, longer)),
            *last[0],
        ]
        resize = dict(
            type='Resize', scale=(tested, tested), keep_ratio=True, backend='pillow'
        )
        # That of two data sets.
        cfg.train_dataloader.pop('batch_sampler')
    else:
        last = [[*caption_steps(c), pack('PackSegInputs', c)] for c in captions]
        shorter, window = SIDES[prior]
        longest = max(max(size) / min(size) for size in sizes)
        scale = (int(shorter * max(4.0, longest)) + 1, shorter)
        resize = dict(type='Resize', scale=scale, keep_ratio=True)
        train_pipeline = [
            *load,
            resize,
            dict(type='VerticalCutDepth', prob=0.25, width_ratio=0.75),
            flip,
            dict(type='RandomCrop', crop_size=(window, window)),
            dict(type='PhotometricJitter'),
            *last[0],
        ]
        cfg.model.decode_head.max_depth = max_depth
        if system == 'vpd':
            _set_scene(cfg, scene)
    # Behind Resize the depth keeps its size.
    test_pipeline = [load[0], resize, load[1], *last[1]]
    kind = 'AlignedDepthMetric' if system == 'marigold' else 'PerImageDepthMetric'
    evaluator = dict(type=kind, min_depth_eval=1e-3, max_depth_eval=max_depth)
    set_data(
        cfg,
        dict(train, pipeline=train_pipeline),
        dict(val, pipeline=test_pipeline, test_mode=True),
        evaluator,
        test_pipeline,
    )


def _shared_size(sizes: Sequence[tuple[int, int]], longer: int) -> tuple[int, int]:
    """Width and height for all pictures of a batch: the median ratio, by eights."""
    ratios = sorted(width / height for width, height in sizes)
    ratio = ratios[len(ratios) // 2]
    shorter = max(64, round(longer / max(ratio, 1 / ratio) / 8) * 8)
    return (longer, shorter) if ratio >= 1 else (shorter, longer)


def _set_scene(cfg: Config, scene: str) -> None:
    """Lets one word prompt all pictures, instead of a scene for each."""
    prompt = cfg.model.backbone.prompt
    cfg.model.backbone.prompt = dict(
        type='ClassNamePrompt',
        classes=[scene],
        template=prompt.template,
        adapter=prompt.adapter,
    )
    cfg.model.data_preprocessor.type = 'SegDataPreProcessor'
    cfg.model.data_preprocessor.pop('text_key')
