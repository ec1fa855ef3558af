"""Measures what the VAE of a config lets through of masks that are drawn as pictures.

Every true mask of the test set is drawn, encoded, decoded and read, with each way of
drawing and reading.
"""

from __future__ import annotations

import argparse

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, MODELS, TASK_UTILS, init_default_scope
from referring_answers import count, spread
from torch import Tensor
from tqdm import tqdm

from diffmm.diffusion import WeightsError
from diffmm.evaluation.referring_iou_metric import referring_scores
from diffmm.models.perceptors import DiffusionPerceptor
from diffmm.structures import plain_images
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table
from diffmm.utils.tool_config import add_config_options, merge_options

_RED = dict(type='OverlayMaskCodec')
# How masks are drawn, and how each drawing is read.
CODECS = {
    'white on black': {'': dict(type='WhiteMaskCodec')},
    'half red': {
        'beside the reconstruction': dict(_RED, opacity=0.5),
        'beside the input': dict(_RED, opacity=0.5, reference='input'),
        'by its color alone': dict(_RED, opacity=0.5, rule='color'),
    },
    'opaque red': {
        'beside the reconstruction': _RED,
        'beside the input': dict(_RED, reference='input'),
        'by its color alone': dict(_RED, rule='color'),
    },
}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('config', help='config of a perceptor of masks')
    parser.add_argument('--count', type=positive_int, default=300, help='masks')
    parser.add_argument('--batch-size', type=positive_int, default=16)
    add_config_options(parser)
    return parser.parse_args(argv)


def distinct_masks(dataset) -> list[int]:
    """Number of the first sentence of every object."""
    first: dict[int, int] = {}
    for number in range(len(dataset)):
        first.setdefault(dataset.get_data_info(number)['ref_id'], number)
    return list(first.values())


def keep(model: DiffusionPerceptor, pictures: Tensor) -> Tensor:
    """Passes pictures through the VAE of a model, (B, 3, H, W)."""
    latents = model.vae(pictures) * model.vae.config.scaling_factor
    return model.vae.draw(latents)


@torch.no_grad()
def measure(args: argparse.Namespace) -> list[list[str]]:
    """Rows of the table."""
    cfg = Config.fromfile(args.config)
    merge_options(cfg, args.cfg_options)
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model).eval()
    if not isinstance(model, DiffusionPerceptor):
        raise ValueError(f'{args.config} builds no perceptor')
    model.init_weights()
    # The masks have to have the size of the pictures, as in training.
    pipeline = cfg.train_dataloader.dataset.pipeline
    steps = [step for step in pipeline if step['type'] != 'DrawExpression']
    dataset = DATASETS.build(
        dict(cfg.test_dataloader.dataset, pipeline=steps, indices=None)
    )
    numbers = distinct_masks(dataset)
    numbers = [numbers[chosen] for chosen in spread(len(numbers), args.count)]
    codecs = {
        drawing: {how: TASK_UTILS.build(dict(config)) for how, config in rules.items()}
        for drawing, rules in CODECS.items()
    }
    pixels: dict[str, list[tuple[int, int]]] = {}
    for start in tqdm(range(0, len(numbers), args.batch_size)):
        items = [dataset[number] for number in numbers[start : start + args.batch_size]]
        data = model.data_preprocessor(pseudo_collate(items))
        images, samples = plain_images(data['inputs']), data['data_samples']
        truths = [sample.gt_sem_seg.data[0].numpy() == 1 for sample in samples]
        references = dict(input=images, reconstruction=keep(model, images))
        for drawing, rules in codecs.items():
            codec = next(iter(rules.values()))
            kept = keep(model, codec.encode(samples, images).pictures)
            for how, codec in rules.items():
                found = codec.decode(kept, references.get(codec.reference))
                masks = codec.threshold_map(found)[:, 0].numpy() == 1
                name = f'{drawing}, {how}' if how else drawing
                pixels.setdefault(name, []).extend(map(count, masks, truths))
    rows = []
    for name, counts in pixels.items():
        scores = referring_scores(*np.array(counts).T)
        rows.append([name, f'{scores["oIoU"]:.1f}', f'{scores["mIoU"]:.1f}'])
    return rows


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        rows = measure(args)
    except (FileNotFoundError, ValueError, WeightsError) as error:
        raise SystemExit(f'error: {error}') from error
    print(format_table(('mask', 'oIoU', 'mIoU'), rows))


if __name__ == '__main__':
    run_main(main)
