"""Regress IoU on what captions name and on the size of things (TADP, Figures S5, S6).

For every picture of the test set of a segmentation model prompted with captions: the
share of its classes that the caption names, beside its mean IoU; and for every class of
every picture, its share of the pixels beside its IoU. The background, of which no
caption speaks, is left out. A word names a class if the model's text encoder gives them
a cosine of at least 0.9. An encoder that does not tell single words apart, such as the
mini's, takes --by name.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from tqdm import tqdm

from diffmm.apis.dataset_predictor import DatasetPredictor
from diffmm.evaluation.class_scores import (
    MATCH,
    NamedClasses,
    Regression,
    class_ious,
    fit_line,
)
from diffmm.utils.class_names import BACKGROUND
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.nouns import MentionedClasses
from diffmm.utils.text_table import format_table
from diffmm.utils.tool_config import add_config_options
from diffmm.visualization.plots import save_regression

Points = list[tuple[float, float]]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('config', help='config of a model prompted with captions')
    parser.add_argument('checkpoint', help='its trained weights')
    parser.add_argument(
        '--names', nargs='+', help='names of the classes in texts, if they are others'
    )
    parser.add_argument(
        '--by',
        choices=('cosine', 'name'),
        default='cosine',
        help='find classes by the cosine of words, or by the names themselves, in the '
        'singular or the plural',
    )
    parser.add_argument('--match', type=float, default=MATCH, help='cosine of a match')
    parser.add_argument('--images', type=positive_int, help='only so many')
    parser.add_argument('--device', default='cpu', help='"cpu" or "cuda:0"')
    parser.add_argument(
        '--out-dir',
        type=Path,
        default=Path('caption_regressions'),
        help='for the plots',
    )
    add_config_options(parser)
    return parser.parse_args(argv)


def measure(args: argparse.Namespace) -> tuple[Points, Points]:
    """Recall and mean IoU of pictures; relative size and IoU of classes in them."""
    predictor = DatasetPredictor(
        args.config, args.checkpoint, args.device, args.cfg_options
    )
    key = predictor.text_key
    if key is None:
        raise ValueError(f'{args.config} has no text for each picture')
    names = predictor.names_in_texts(args.names)
    encoder = predictor.model.backbone.prompt.text_encoder
    named: MentionedClasses | NamedClasses = MentionedClasses(names)
    if args.by == 'cosine':
        named = NamedClasses(names, lambda texts: encoder(texts).pooled, args.match)
    recalls, sizes = [], []
    for index in tqdm(predictor.first(args.images)):
        item = predictor.load(index)
        found = predictor.predict(item)
        labels = found.gt_sem_seg.data.squeeze(0).cpu()
        prediction = found.pred_sem_seg.data.squeeze(0).cpu()
        ious = {
            label: iou
            for label, iou in class_ious(prediction, labels, len(names)).items()
            if predictor.classes[label] != BACKGROUND
        }
        if not ious:
            continue
        mentioned = named.find(found.metainfo[key])
        recall = len(mentioned & ious.keys()) / len(ious)
        recalls.append((recall, sum(ious.values()) / len(ious)))
        for label, iou in ious.items():
            sizes.append(((labels == label).float().mean().item(), iou))
    if not recalls:
        raise ValueError(f'no picture of the test of {args.config} shows a class')
    return recalls, sizes


def report(
    name: str, points: Points, labels: tuple[str, str], out_dir: Path
) -> tuple[str, ...]:
    """Fit and draw a line; returns a row of the table."""
    line: Regression = fit_line(points)
    path = out_dir / f'{name}.png'
    title = f'r = {line.r:.2f}, {line.count} points'
    save_regression(path, points, (line.slope, line.intercept), labels, title)
    print(f'written: {path}')
    return name, f'{line.r:.3f}', f'{line.slope:.3f}', f'{line.p:.1e}', str(line.count)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        recalls, sizes = measure(args)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    rows, failures = [], []
    for name, points, labels in (
        ('size', sizes, ('share of the pixels', 'IoU')),
        ('recall', recalls, ('recall', 'mean IoU')),
    ):
        try:
            rows.append(report(name, points, labels, args.out_dir))
        except ValueError as error:
            failures.append(f'{name}: {error}')
    print(format_table(('IoU on', 'r', 'slope', 'p', 'points'), rows))
    if failures:
        hint = ''
        if args.by == 'cosine':
            hint = '; if the text encoder does not tell words apart, give --by name'
        raise SystemExit(f'error: {"; ".join(failures)}{hint}')


if __name__ == '__main__':
    run_main(main)
