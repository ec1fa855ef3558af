"""Measures correctional guidance where a referring perceptor errs (ADDP, 3.3).

The first answer, another seed, and two kinds of corrections: one that names the other
object that the first answer painted most, and one that names another object of the
picture by chance. If an answer painted no other object, both name the one by chance. Of
the wrong first answers some are mended, of the right ones some are broken. An answer is
right from an IoU of 0.5 on. After an interruption, the same command continues.

    correctional_guidance.py CONFIG CHECKPOINT --count 300 --strengths 1
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import cv2
import numpy as np
from referring_answers import (
    Answers,
    add_arguments,
    count,
    iou,
    open_model,
    spread,
    truth,
)

from diffmm.evaluation.referring_iou_metric import referring_scores
from diffmm.utils.atomic import write_atomically
from diffmm.utils.command_line import run_main
from diffmm.utils.picture_file import write_picture
from diffmm.utils.progress_folder import ProgressFolder, settings_of
from diffmm.utils.text_table import format_table
from diffmm.utils.words import says_same
from diffmm.visualization.image_grid import draw_image_grid
from diffmm.visualization.predictions import paint_mask

RIGHT = 0.5
SHOWN = 6
# What does not change an answer, or what an answer is kept under.
NO_SETTINGS = ('out_dir', 'device', 'batch_size', 'strengths')


class Question(NamedTuple):
    """A sentence of the test set, and the other objects of its picture.

    Attributes:
        item: What the test pipeline makes of it.
        text: The sentence.
        others: Mask and shortest sentence of every other referred object.
    """

    item: dict
    text: str
    others: list[tuple[np.ndarray, str]]

    def painted(self, mask: np.ndarray) -> str | None:
        """Text of the other object that an answer painted most; None for no object."""
        other, text = max(self.others, key=lambda pair: (pair[0] & mask).sum())
        return text if (other & mask).any() else None

    def score(self, mask: np.ndarray) -> float:
        """IoU of an answer."""
        return iou(mask, truth(self.item))


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument(
        '--strengths',
        type=float,
        nargs='+',
        default=[0.5, 1.0, 2.0],
        help='of the correction, to try (default: 0.5 1 2)',
    )
    parser.add_argument(
        '--out-dir',
        type=Path,
        default=Path('correctional_guidance'),
        help='folder for answers.json and mended.png (default: %(default)s)',
    )
    args = parser.parse_args(argv)
    for strength in args.strengths:
        if not 0 < strength < math.inf:
            parser.error(f'--strengths must be positive numbers, got {strength:g}')
    return args


def read_questions(dataset, limit: int) -> list[Question]:
    """Sentences whose picture has other referred objects.

    Raises:
        ValueError: There is none.
    """
    pictures = defaultdict(lambda: defaultdict(list))
    infos = [dataset.get_data_info(number) for number in range(len(dataset))]
    for number, info in enumerate(infos):
        pictures[info['img_path']][info['ref_id']].append(number)
    numbers = [n for n, info in enumerate(infos) if len(pictures[info['img_path']]) > 1]
    questions = []
    for chosen in spread(len(numbers), limit):
        info = infos[numbers[chosen]]
        others = []
        for ref_id, own in pictures[info['img_path']].items():
            if ref_id != info['ref_id']:
                texts = [infos[number]['expression'] for number in own]
                others.append((truth(dataset[own[0]]), min(texts, key=len)))
        item = dataset[numbers[chosen]]
        # A sentence of another object that says the same is no correction.
        others = [pair for pair in others if not says_same(pair[1], info['expression'])]
        if others:
            questions.append(Question(item, info['expression'], others))
    if not questions:
        raise ValueError('no picture of the test set has a second object to name')
    return questions


class Study:
    """A comparison of the answers of a model before and after corrections.

    Args:
        questions: What it is asked.
        first: Its first answers, masks (H, W), bool.
    """

    def __init__(
        self, questions: Sequence[Question], first: Sequence[np.ndarray]
    ) -> None:
        self.questions = questions
        self.first = first
        self.right = [score >= RIGHT for score in self.scores(first)]
        rng = np.random.default_rng(0)
        self.chance = [q.others[rng.integers(len(q.others))][1] for q in questions]
        painted = [q.painted(mask) for mask, q in self.pairs(first)]
        self.named = [
            name or other for name, other in zip(painted, self.chance, strict=True)
        ]
        self.num_named = sum(
            not right and name is not None
            for right, name in zip(self.right, painted, strict=True)
        )

    def pairs(
        self, masks: Sequence[np.ndarray]
    ) -> Iterable[tuple[np.ndarray, Question]]:
        return zip(masks, self.questions, strict=True)

    def scores(self, masks: Sequence[np.ndarray]) -> list[float]:
        return [question.score(mask) for mask, question in self.pairs(masks)]

    def row(self, name: str, masks: Sequence[np.ndarray]) -> list[str]:
        """A row of the table."""
        after = np.array([score >= RIGHT for score in self.scores(masks)])
        right = np.array(self.right)
        counts = [count(mask, truth(q.item)) for mask, q in self.pairs(masks)]
        scores = referring_scores(*np.array(counts).T)
        return [
            name,
            f'{scores["oIoU"]:.1f}',
            f'{scores["P@0.5"]:.1f}',
            f'{100 * np.mean(after[~right]):.1f}' if not right.all() else '-',
            f'{100 * np.mean(~after[right]):.1f}' if right.any() else '-',
        ]

    def cases(
        self, strength: float, texts: Sequence[str], masks: Sequence[np.ndarray]
    ) -> list[dict]:
        """Every answer before and after a correction."""
        scores = zip(self.scores(self.first), self.scores(masks), strict=True)
        return [
            dict(
                number=number,
                strength=strength,
                text=self.questions[number].text,
                correction=texts[number],
                before=before,
                after=after,
                mask=masks[number],
            )
            for number, (before, after) in enumerate(scores)
        ]

    def draw(self, cases: list[dict]) -> np.ndarray | None:
        """The most mended answers: picture, first answer, corrected one, truth."""
        best: dict[int, dict] = {}
        for case in sorted(cases, key=_gain):  # the strength that mends most stays
            best[case['number']] = case
        mended = [c for c in best.values() if c['before'] < RIGHT <= c['after']]
        tiles, titles = [], []
        for case in sorted(mended, key=_gain, reverse=True)[:SHOWN]:
            question = self.questions[case['number']]
            pixels = cv2.imread(question.item['data_samples'].metainfo['img_path'])
            image = np.ascontiguousarray(pixels[..., ::-1])
            masks = (self.first[case['number']], case['mask'], truth(question.item))
            tiles += [image, *(paint_mask(image, mask) for mask in masks)]
            titles += [
                question.text,
                f'first: {100 * case["before"]:.0f} % IoU',
                f'not {case["correction"]}: {100 * case["after"]:.0f} %',
                'truth',
            ]
        return draw_image_grid(tiles, titles, columns=4) if tiles else None


def _gain(case: dict) -> float:
    return case['after'] - case['before']


def run(args: argparse.Namespace) -> None:
    """Asks, prints the table, and writes the files."""
    predictor = open_model(args.config, args.checkpoint, args.device, args.cfg_options)
    questions = read_questions(predictor.build_dataset(indices=None), args.count)
    out = args.out_dir / 'answers.json'
    progress = ProgressFolder(out, settings_of(args, NO_SETTINGS), 'answers')
    ask = Answers(
        predictor,
        [question.item for question in questions],
        [question.text for question in questions],
        args.batch_size,
        progress,
    )
    study = Study(questions, ask('first answers'))
    rows = [study.row('first answer', study.first)]
    seed = predictor.model.seed + 1
    rows.append(study.row('another seed', ask('another seed', seed=seed)))
    cases = []
    for strength in args.strengths:
        for title, texts in (('named', study.named), ('by chance', study.chance)):
            name = f'correction {strength:g}, {title}'
            masks = ask(name, texts, strength)
            rows.append(study.row(name, masks))
            if title == 'named':
                cases += study.cases(strength, texts, masks)
    right = sum(study.right)
    print(
        f'{len(questions)} sentences: {right} first answers are right, '
        f'{len(questions) - right} wrong, of which {study.num_named} painted another '
        'referred object'
    )
    header = ('', 'oIoU', 'P@0.5', 'mended (% of wrong)', 'broken (% of right)')
    print(format_table(header, rows))
    grid = study.draw(cases)
    if grid is not None:
        write_picture(args.out_dir / 'mended.png', grid[..., ::-1])
    plain = [{k: v for k, v in case.items() if k != 'mask'} for case in cases]
    write_atomically(out, (json.dumps(plain, indent=1) + '\n').encode())
    progress.remove()
    print(f'written: {args.out_dir}')


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        run(args)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error


if __name__ == '__main__':
    run_main(main)
