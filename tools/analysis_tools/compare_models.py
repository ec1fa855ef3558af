"""Draw what several models say of the same pictures (TADP, Figures S11 to S20).

A row has a picture, its annotation, and the prediction of every model, for
segmentation, depth estimation and detection. A red box marks where the last model is
right and another is wrong (segmentation), or nearer to the truth by a tenth of it
(depth). --best and --worst choose the pictures in which the last model gains or loses
most against the first.

    compare_models.py --model VPD=vpd.py,vpd.pth --model TADP=tadp.py,tadp.pth --best 4
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import cv2
import numpy as np
from mmengine.structures import BaseDataElement
from tqdm import tqdm

from diffmm.apis.dataset_predictor import DatasetPredictor
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.named_models import add_models_option, read_named_models
from diffmm.utils.picture_file import write_picture
from diffmm.utils.picture_numbers import add_images_option, check_images
from diffmm.utils.tool_config import add_config_options
from diffmm.visualization import draw_image_grid
from diffmm.visualization.predictions import (
    draw_boxes,
    draw_depth,
    draw_labels,
    mark_largest,
)

# Share of the true depth by which an estimate has to be nearer, to be marked.
MARGIN = 0.1


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_models_option(parser, '; all have one test set')
    chosen = parser.add_mutually_exclusive_group()
    add_images_option(chosen)
    chosen.add_argument(
        '--best', type=positive_int, help='so many with the largest gains'
    )
    chosen.add_argument(
        '--worst', type=positive_int, help='so many with the largest losses'
    )
    parser.add_argument(
        '--among',
        type=positive_int,
        help='choose among the first so many (default: all)',
    )
    parser.add_argument(
        '--score-thr', type=float, default=0.5, help='of boxes that are drawn'
    )
    parser.add_argument('--out-file', type=Path, default=Path('compare_models.png'))
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    add_config_options(parser)
    return parser.parse_args(argv)


def load_models(args: argparse.Namespace) -> dict[str, DatasetPredictor]:
    """Build every model by its name."""
    models = {
        name: DatasetPredictor(*files, args.device, args.cfg_options)
        for name, files in read_named_models(args.model).items()
    }
    if len({len(model) for model in models.values()}) != 1:
        sizes = {name: len(model) for name, model in models.items()}
        raise ValueError(f'the models have different test sets: {sizes}')
    return models


def faults(sample: BaseDataElement) -> np.ndarray | None:
    """Error of every pixel: 1 or 0, or the share of the depth; NaN is unknown."""
    if 'pred_sem_seg' in sample:
        truth = sample.gt_sem_seg.data.squeeze(0).cpu().numpy()
        wrong = (sample.pred_sem_seg.data.squeeze(0).cpu().numpy() != truth) * 1.0
        wrong[truth == 255] = np.nan
        return wrong
    if 'pred_depth_map' in sample:
        truth = sample.gt_depth_map.data.squeeze().cpu().numpy()
        estimate = sample.pred_depth_map.data.squeeze().cpu().numpy()
        with np.errstate(divide='ignore', invalid='ignore'):
            return np.where(truth > 0, abs(estimate - truth) / truth, np.nan)
    return None


def gain(models: dict[str, DatasetPredictor], index: int) -> float:
    """Mean error of the first model less that of the last."""
    first, *_, last = models.values()
    errors = [faults(model.predict(model.load(index))) for model in (first, last)]
    if errors[0] is None:
        raise ValueError('--best and --worst are for segmentation and depth')
    return float(np.nanmean(errors[0]) - np.nanmean(errors[1]))


def choose(args: argparse.Namespace, models: dict[str, DatasetPredictor]) -> list[int]:
    """Numbers of the pictures."""
    count = len(next(iter(models.values())))
    wanted = args.best or args.worst
    if wanted is None:
        check_images(args.images, count)
        return args.images
    if len(models) < 2:
        raise ValueError('--best and --worst compare two models, got one')
    among = range(min(args.among or count, count))
    gains = {index: gain(models, index) for index in tqdm(among, desc='gains')}
    return sorted(gains, key=gains.get, reverse=args.best is not None)[:wanted]


def draw_row(
    models: dict[str, DatasetPredictor], index: int, score_thr: float
) -> list[tuple[str, np.ndarray]]:
    """The picture, its annotation and the predictions."""
    samples = {name: m.predict(m.load(index)) for name, m in models.items()}
    *_, last = samples.values()
    model = next(iter(models.values()))
    image = cv2.imread(last.img_path)[..., ::-1].copy()
    errors = {name: faults(sample) for name, sample in samples.items()}
    if errors[next(iter(errors))] is not None:
        # A model may be scored at another size than the picture's.
        height, width = errors[next(iter(errors))].shape
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    tiles = [(f'picture {index}', image)]
    if 'pred_sem_seg' in last:
        palette = model.dataset.metainfo['palette']
        maps = {'annotation': last.gt_sem_seg}
        maps |= {name: sample.pred_sem_seg for name, sample in samples.items()}
        drawn = {
            name: draw_labels(image, each.data.squeeze(0).cpu().numpy(), palette)
            for name, each in maps.items()
        }
    elif 'pred_depth_map' in last:
        truth = last.gt_depth_map.data.squeeze().cpu().numpy()
        limits = float(truth[truth > 0].min()), float(truth.max())
        maps = {'annotation': truth}
        for name, sample in samples.items():
            maps[name] = sample.pred_depth_map.data.squeeze().cpu().numpy()
        drawn = {name: draw_depth(each, *limits) for name, each in maps.items()}
    else:
        drawn = {'annotation': draw_boxes(image, last.gt_instances, model.classes)}
        for name, sample in samples.items():
            found = sample.pred_instances
            kept = found[found.scores >= score_thr]
            drawn[name] = draw_boxes(image, kept, model.classes)
    final = list(samples)[-1]
    for name, error in errors.items():
        if error is not None and name != final:
            better = np.nan_to_num(error - errors[final]) > MARGIN
            drawn[name] = mark_largest(drawn[name], better)
    return tiles + list(drawn.items())


def draw_grid(args: argparse.Namespace) -> np.ndarray:
    """One row for each picture."""
    models = load_models(args)
    rows = [draw_row(models, index, args.score_thr) for index in choose(args, models)]
    height, width = rows[0][0][1].shape[:2]
    tiles = [
        cv2.resize(tile, (width, height), interpolation=cv2.INTER_NEAREST)
        for row in rows
        for _, tile in row
    ]
    captions = [name for row in rows for name, _ in row]
    return draw_image_grid(tiles, captions, len(rows[0]))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        write_picture(args.out_file, draw_grid(args)[..., ::-1])
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    print(f'written: {args.out_file}')


if __name__ == '__main__':
    run_main(main)
