"""Measures a referring perceptor on an object's own expressions and on those of another
object of the picture, by kind of expression.

A perceptor that reads finds next to nothing of an object under another one's
expression. Kinds (class, attribute, position, relation) are those of the mini world.
"""

from __future__ import annotations

import argparse

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
from referring_answers import add_arguments, answer, count, open_model, spread, truth

from diffmm.evaluation.referring_iou_metric import referring_scores
from diffmm.mini_world.language.expressions import expression_kind
from diffmm.utils.command_line import run_main
from diffmm.utils.text_table import format_table

COLUMNS = ('oIoU', 'mIoU', 'P@0.5')
ALL, OWN, OTHERS_NAME = 'all', 'own', 'another'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_arguments(parser)
    return parser.parse_args(argv)


def measure(args: argparse.Namespace) -> list[list[str]]:
    """Rows of the table: kind, sentences, three scores, and oIoU under another's."""
    predictor = open_model(args.config, args.checkpoint, args.device, args.cfg_options)
    groups: dict[str, dict[str, list[tuple[int, int]]]] = {}
    kinds: list[str] = []
    for name, exchange in ((OWN, False), (OTHERS_NAME, True)):
        dataset = predictor.build_dataset(
            type='ExchangedExpressionsDataset', indices=None, exchange=exchange
        )
        items = [dataset[number] for number in spread(len(dataset), args.count)]
        texts = [item['data_samples'].metainfo['expression'] for item in items]
        if not kinds:
            kinds = [expression_kind(text) for text in texts]
        found = answer(predictor, items, texts, args.batch_size, title=name)
        for kind, item, mask in zip(kinds, items, found, strict=True):
            pixels = count(mask, truth(item))
            for group in (ALL, kind):
                groups.setdefault(group, {}).setdefault(name, []).append(pixels)
    rows = []
    for kind in sorted(groups, key=lambda kind: (kind != ALL, kind)):
        counts = {name: np.array(pixels) for name, pixels in groups[kind].items()}
        scores = {name: referring_scores(*pixels.T) for name, pixels in counts.items()}
        rows.append(
            [
                kind,
                str(len(counts[OWN])),
                *(f'{scores[OWN][column]:.1f}' for column in COLUMNS),
                f'{scores[OTHERS_NAME]["oIoU"]:.1f}',
            ]
        )
    return rows


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        rows = measure(args)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    header = ('expression', 'sentences', *COLUMNS, "oIoU under another's")
    print(format_table(header, rows))


if __name__ == '__main__':
    run_main(main)
