"""Measures correctional guidance where a referring perceptor errs (ADDP, 3.3).

Where the first answer is wrong, the object that it painted most is named as a
correction: how many answers get right, beside a correction that names another object
of the picture by chance, and beside another seed without a correction. Where the first
answer is right, a correction that names another object by chance: how many get wrong.
An answer is right from an IoU of 0.5 on.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import cv2
import numpy as np
from referring_answers import (
    add_arguments,
    answer,
    count,
    iou,
    open_model,
    spread,
    truth,
)

from diffmm.evaluation.referring_iou_metric import referring_scores
from diffmm.utils.command_line import run_main
from diffmm.utils.picture_file import write_picture
from diffmm.utils.text_table import format_table
from diffmm.visualization.image_grid import draw_image_grid

RIGHT = 0.5
SHOWN = 6


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


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument(
        '--strengths', type=float, nargs='+', default=[0.5, 1.0, 2.0], help='to try'
    )
    parser.add_argument(
        '--out-dir', type=Path, default=Path('correctional_guidance'), help='for files'
    )
    return parser.parse_args(argv)


def read_questions(dataset, limit: int) -> list[Question]:
    """Sentences whose picture has other referred objects."""
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
        others = [pair for pair in others if pair[1] != info['expression']]
        if others:
            questions.append(Question(item, info['expression'], others))
    return questions


class Study:
    """Answers of a model to all questions, and what corrections make of them."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.predictor = open_model(
            args.config, args.checkpoint, args.device, args.cfg_options
        )
        dataset = self.predictor.build_dataset(indices=None)
        self.questions = read_questions(dataset, args.count)
        self.batch_size = args.batch_size
        self.first = self.ask(self.questions, 'first answers')
        self.right = [self.score(*pair) >= RIGHT for pair in self.pairs(self.first)]

    def ask(self, questions, title, corrections=(), **options) -> list[np.ndarray]:
        return list(
            answer(
                self.predictor,
                [question.item for question in questions],
                [question.text for question in questions],
                self.batch_size,
                [[text] for text in corrections],
                title,
                **options,
            )
        )

    def pairs(self, masks):
        return zip(masks, self.questions, strict=True)

    @staticmethod
    def score(mask: np.ndarray, question: Question) -> float:
        return iou(mask, truth(question.item))

    def painted(self, mask: np.ndarray, question: Question) -> str:
        """Text of the other object that a wrong answer painted most."""
        return max(question.others, key=lambda pair: (pair[0] & mask).sum())[1]

    def run(self, strengths: list[float]) -> tuple[list[list[str]], list[dict]]:
        """Rows of the table, and every mended or broken answer."""
        rng = np.random.default_rng(0)
        chance = [q.others[rng.integers(len(q.others))][1] for q in self.questions]
        named = [self.painted(*pair) for pair in self.pairs(self.first)]
        rows = [self.row('first answer', self.first)]
        seeded = self.ask(
            self.questions, 'another seed', seed=self.predictor.model.seed + 1
        )
        rows.append(self.row('another seed', seeded))
        cases = []
        for strength in strengths:
            guidance = self.guidance(strength)
            for title, texts in (('named', named), ('by chance', chance)):
                masks = self.ask(
                    self.questions, f'{title}, {strength}', texts, guidance=guidance
                )
                rows.append(self.row(f'correction {strength:g}, {title}', masks))
                if title == 'named':
                    cases += self.cases(strength, texts, masks)
        return rows, cases

    def guidance(self, strength: float):
        """Figure 2's shorthand: away from the correction, as far towards the text."""
        own = self.predictor.model.guidance
        return replace(own, text=own.text + strength, correction=strength)

    def row(self, name: str, masks: list[np.ndarray]) -> list[str]:
        after = [self.score(*pair) >= RIGHT for pair in self.pairs(masks)]
        wrong = [
            now for now, before in zip(after, self.right, strict=True) if not before
        ]
        right = [now for now, before in zip(after, self.right, strict=True) if before]
        counts = [count(mask, truth(q.item)) for mask, q in self.pairs(masks)]
        scores = referring_scores(*np.array(counts).T)
        return [
            name,
            f'{scores["oIoU"]:.1f}',
            f'{scores["P@0.5"]:.1f}',
            f'{100 * np.mean(wrong):.1f}' if wrong else '-',
            f'{100 * (1 - np.mean(right)):.1f}' if right else '-',
        ]

    def cases(self, strength, texts, masks) -> list[dict]:
        return [
            dict(
                number=number,
                strength=strength,
                text=question.text,
                correction=text,
                before=self.score(self.first[number], question),
                after=self.score(mask, question),
                mask=mask,
            )
            for number, (mask, question, text) in enumerate(
                zip(masks, self.questions, texts, strict=True)
            )
        ]

    def draw(self, cases: list[dict]) -> np.ndarray | None:
        """The most mended answers: picture, first answer, corrected one, truth."""
        best = sorted(cases, key=lambda case: case['before'] - case['after'])
        best = list({case['number']: case for case in best}.values())
        best = [case for case in best if case['before'] < RIGHT <= case['after']]
        tiles, titles = [], []
        for case in best[:SHOWN]:
            question = self.questions[case['number']]
            pixels = cv2.imread(question.item['data_samples'].metainfo['img_path'])
            image = np.ascontiguousarray(pixels[..., ::-1])
            masks = (self.first[case['number']], case['mask'], truth(question.item))
            tiles += [image, *(paint(image, mask) for mask in masks)]
            titles += [
                question.text,
                f'first: {100 * case["before"]:.0f} % IoU',
                f'not {case["correction"]}: {100 * case["after"]:.0f} %',
                'truth',
            ]
        return draw_image_grid(tiles, titles, columns=4) if tiles else None


def paint(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Tints a mask red."""
    painted = image.copy()
    painted[mask] = 0.6 * np.array((230, 30, 30)) + 0.4 * painted[mask]
    return painted


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        study = Study(args)
        rows, cases = study.run(args.strengths)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    print(
        f'{len(study.questions)} sentences, {sum(study.right)} answers right at first'
    )
    header = ('', 'oIoU', 'P@0.5', 'mended (% of wrong)', 'broken (% of right)')
    print(format_table(header, rows))
    grid = study.draw(cases)
    if grid is not None:
        write_picture(args.out_dir / 'mended.png', grid[..., ::-1])
    args.out_dir.mkdir(parents=True, exist_ok=True)
    plain = [{k: v for k, v in case.items() if k != 'mask'} for case in cases]
    (args.out_dir / 'answers.json').write_text(json.dumps(plain, indent=1) + '\n')
    print(f'written: {args.out_dir}')


if __name__ == '__main__':
    run_main(main)
