"""Measures a referring perceptor on an object's own expressions and on those of another
object of the picture, by kind of expression.

A perceptor that reads finds next to nothing of an object under another one's
expression. Kinds (class, attribute, position, relation) are those of the mini world.

With --timesteps, how well the object's mask is predicted in one step under each of the
two, which shows reading long before masks do.
"""

from __future__ import annotations

import argparse

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
from mmengine.structures import PixelData
from referring_answers import (
    add_arguments,
    answer,
    count,
    load_batches,
    open_model,
    spread,
    truth,
)
from torch import Tensor

from diffmm.apis.dataset_predictor import DatasetPredictor
from diffmm.evaluation.referring_iou_metric import referring_scores, resize_nearest
from diffmm.mini_world.language.expressions import expression_kind
from diffmm.models.perceptors import InstructPerceptor
from diffmm.utils.command_line import run_main
from diffmm.utils.text_table import format_table

COLUMNS = ('oIoU', 'mIoU', 'P@0.5')
ALL, OWN, OTHERS_NAME = 'all', 'own', 'another'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument(
        '--timesteps',
        type=int,
        nargs='+',
        help='errors of clean latents that are predicted in one step from these '
        'timesteps, instead of masks',
    )
    return parser.parse_args(argv)


def read_items(
    predictor: DatasetPredictor, exchange: bool, number: int
) -> tuple[list[dict], list[str]]:
    """Reads items from all over the test set, and their texts."""
    dataset = predictor.build_dataset(
        type='ExchangedExpressionsDataset', indices=None, exchange=exchange
    )
    items = [dataset[index] for index in spread(len(dataset), number)]
    return items, [item['data_samples'].metainfo['expression'] for item in items]


@torch.no_grad()
def encode_batch(model: InstructPerceptor, data: dict) -> tuple[Tensor, Tensor]:
    """Encodes pictures and the masks of their objects, (B, 4, h, w) each."""
    pictures = data['inputs'].plain()
    # Masks of a test have the size of their picture, not that of the input.
    for sample in data['data_samples']:
        mask = resize_nearest(sample.gt_sem_seg.data, pictures.shape[-2:])
        sample.gt_sem_seg = PixelData(data=mask)
    targets = model.codec.encode(data['data_samples'], pictures).pictures
    return model.encode_pictures(pictures, targets)


@torch.no_grad()
def measure_errors(
    predictor: DatasetPredictor, args: argparse.Namespace
) -> list[list[str]]:
    """Rows of the table: timestep, error under the own text, and under another's.

    Errors are squares, the mean over clean latents as the network sees them. Each batch
    has the same noise at every timestep and under both texts.

    Raises:
        ValueError: A timestep is none of the schedule.
    """
    model = predictor.model
    last = model.objective.num_timesteps - 1
    if not all(0 <= timestep <= last for timestep in args.timesteps):
        raise ValueError(f'--timesteps: from 0 to {last}, got {args.timesteps}')
    items, own = read_items(predictor, False, args.count)
    _, others = read_items(predictor, True, args.count)
    errors = torch.zeros(len(args.timesteps), 2, dtype=torch.float64)
    for rows, data in load_batches(model, items, args.batch_size):
        image, clean = encode_batch(model, data)
        generator = torch.Generator().manual_seed(rows.start)
        noise = torch.randn(clean.shape, generator=generator).to(clean)
        for i, timestep in enumerate(args.timesteps):
            times = torch.full((len(clean),), timestep, device=clean.device)
            noisy = model.objective.schedule.add_noise(clean, noise, times)
            for j, texts in enumerate((own, others)):
                told = model.tell(image, texts[rows])
                predicted = model.denoise(told, noisy, times)
                found = model.objective.recover_clean(predicted, noisy, times)
                each = (found - clean).square().mean(dim=(1, 2, 3))
                errors[i, j] += each.sum().item()
    means = (errors / len(items)).tolist()
    return [
        [str(timestep), f'{mine:.3f}', f'{theirs:.3f}']
        for timestep, (mine, theirs) in zip(args.timesteps, means, strict=True)
    ]


def measure(predictor: DatasetPredictor, args: argparse.Namespace) -> list[list[str]]:
    """Rows of the table: kind, sentences, three scores, and oIoU under another's."""
    groups: dict[str, dict[str, list[tuple[int, int]]]] = {}
    kinds: list[str] = []
    for name, exchange in ((OWN, False), (OTHERS_NAME, True)):
        items, texts = read_items(predictor, exchange, args.count)
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
    header = ('expression', 'sentences', *COLUMNS, "oIoU under another's")
    run = measure
    if args.timesteps is not None:
        header = ('timestep', 'error', "error under another's")
        run = measure_errors
    try:
        predictor = open_model(
            args.config, args.checkpoint, args.device, args.cfg_options
        )
        rows = run(predictor, args)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    print(format_table(header, rows))


if __name__ == '__main__':
    run_main(main)
