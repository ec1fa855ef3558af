"""Compare an oracle's scores with and without names of absent classes (Figure S4).

TADP, supplement A. A segmentation model whose text names the classes of the picture is
run twice on each picture of its test set: with that text, and with the names of all
classes. Two matrices show the mean score of every class on the pixels of each.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
from tqdm import tqdm

from diffmm.apis.dataset_predictor import DatasetPredictor
from diffmm.evaluation.class_scores import ClassScores
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table
from diffmm.utils.tool_config import add_config_options
from diffmm.visualization.plots import save_matrices

TEXTS = ('present classes', 'all classes')
SHOWN = 8


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('config', help='config of an oracle')
    parser.add_argument('checkpoint', help='its trained weights')
    parser.add_argument(
        '--names', nargs='+', help='names of the classes in texts, if they are others'
    )
    parser.add_argument('--images', type=positive_int, help='only so many')
    parser.add_argument('--device', default='cpu', help='"cpu" or "cuda:0"')
    parser.add_argument(
        '--out-dir', type=Path, default=Path('off_target_classes'), help='for the files'
    )
    add_config_options(parser)
    return parser.parse_args(argv)


def measure(args: argparse.Namespace) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Run both texts on every picture; returns the matrices and the class names."""
    predictor = DatasetPredictor(
        args.config, args.checkpoint, args.device, args.cfg_options
    )
    if predictor.text_key != 'oracle_caption':
        raise ValueError(
            f'{args.config} is no oracle: its texts are {predictor.text_key!r}, not '
            "'oracle_caption'"
        )
    names = predictor.names_in_texts(args.names)
    everything = ' '.join(names)
    scores = {text: ClassScores(len(names)) for text in TEXTS}
    for index in tqdm(predictor.first(args.images)):
        item = predictor.load(index)
        for text, replaced in zip(TEXTS, (None, everything), strict=True):
            found = predictor.predict(item, replaced)
            scores[text].add(
                found.seg_logits.data.cpu(), found.gt_sem_seg.data.squeeze(0).cpu()
            )
    return {text: each.matrix() for text, each in scores.items()}, names


def largest_gains(
    matrices: dict[str, np.ndarray], names: tuple[str, ...]
) -> list[tuple[str, str, str, str]]:
    """Pairs of classes that names of absent classes bring closest together."""
    before, after = (matrices[text] for text in TEXTS)
    gains = np.nan_to_num(after - before, nan=-np.inf)  # classes without pixels
    np.fill_diagonal(gains, -np.inf)
    order = np.argsort(-gains, axis=None)[: min(SHOWN, np.isfinite(gains).sum())]
    rows, columns = np.unravel_index(order, gains.shape)
    return [
        (names[i], names[j], f'{before[i, j]:.4f}', f'{after[i, j]:.4f}')
        for i, j in zip(rows, columns, strict=True)
    ]


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        matrices, names = measure(args)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    for text, matrix in matrices.items():
        print(f'{text}: mean score of the true class {np.nanmean(np.diag(matrix)):.4f}')
    header = ('pixels of', 'score of', *TEXTS)
    print(format_table(header, largest_gains(matrices, names)))
    save_matrices(args.out_dir / 'matrices.png', matrices, names)
    content = {
        # JSON knows no NaN.
        text: np.where(np.isnan(matrix), None, matrix).tolist()
        for text, matrix in matrices.items()
    }
    (args.out_dir / 'matrices.json').write_text(
        json.dumps(dict(classes=names, **content), indent=2) + '\n'
    )
    print(f'written: {args.out_dir}/matrices.png, {args.out_dir}/matrices.json')


if __name__ == '__main__':
    run_main(main)
