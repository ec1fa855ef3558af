"""Measure whether the word finds the thing: ROC-AUC of cross-attention maps.

On held-out scenes of the mini world, one pass over the clean image: how well does the
map of a present noun separate that noun's pixels from the rest? Beside it stand the map
of another present noun and a UNet with random weights.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
from tqdm import trange

from diffmm.diffusion import WeightsError, load_architecture
from diffmm.evaluation.word_grounding import WordGrounding, score_maps
from diffmm.mini_world import (
    MINI_CLASSES,
    OBJECT_CLASSES,
    Renderer,
    SceneSampler,
    write_captions,
)
from diffmm.mini_world.classes import ADE20K_INDEX
from diffmm.utils.command_line import non_negative_int, positive_int, run_main
from diffmm.utils.text_table import format_table

CONTEXTS = ('captions', 'class names')
UNETS = ('pre-trained', 'random')
MEASURES = ('own noun', 'another noun')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--pretrained', default='mini', help='"mini" or a folder')
    parser.add_argument('--arch', default='mini', help='architecture of these weights')
    parser.add_argument(
        '--scenes', type=positive_int, default=500, help='number of scenes'
    )
    parser.add_argument('--split', default='val', help='split of the scenes')
    parser.add_argument('--seed', type=int, default=2000, help='seed of the scenes')
    parser.add_argument(
        '--size', type=positive_int, default=128, help='pixels of a side'
    )
    parser.add_argument('--timestep', type=int, default=50, help='noise level told')
    parser.add_argument(
        '--min-pixels',
        type=non_negative_int,
        default=80,
        help='of a noun that is examined',
    )
    parser.add_argument('--out', type=Path, help='write the results as JSON')
    return parser.parse_args(argv)


def visible_masks(rendered, min_pixels: int) -> dict[str, np.ndarray]:
    """Pixels of every class of a scene that shows enough of them."""
    masks = {}
    for name in MINI_CLASSES:
        mask = rendered.ade20k_index == ADE20K_INDEX[name]
        if min_pixels <= mask.sum() <= mask.size - min_pixels:
            masks[name] = mask
    return masks


def measure(args: argparse.Namespace) -> dict[tuple, list[tuple]]:
    """Score every noun of every scene.

    Returns:
        Per (UNet, context) the scores of `score_maps`.
    """
    architecture = load_architecture(args.arch)
    models = {
        unet: WordGrounding(
            args.pretrained,
            architecture,
            args.timestep,
            random_unet=None if unet == 'pre-trained' else 0,
        )
        for unet in UNETS
    }
    sampler, renderer = SceneSampler(args.seed), Renderer(args.size)
    scores = defaultdict(list)
    for index in trange(args.scenes, desc='scenes'):
        scene = sampler.sample(args.split, index)
        rendered = renderer.render(scene)
        masks = visible_masks(rendered, args.min_pixels)
        latents = models['pre-trained'].latents(rendered.image)
        for unet, model in models.items():
            maps = model.caption_maps(latents, write_captions(scene)[0], MINI_CLASSES)
            scores[unet, 'captions'] += score_maps(maps, masks)
            maps = model.class_maps(latents, MINI_CLASSES)
            scores[unet, 'class names'] += score_maps(maps, masks)
    return scores


def summarize(scores: list[tuple]) -> dict[str, dict[str, float]]:
    """Mean areas of all nouns, of objects, of stuff and of every class."""
    groups = {
        'all nouns': MINI_CLASSES,
        'objects': tuple(OBJECT_CLASSES),
        'stuff': tuple(set(MINI_CLASSES) - set(OBJECT_CLASSES)),
        **{name: (name,) for name in MINI_CLASSES},
    }
    summary = {}
    for group, names in groups.items():
        own = [score for name, score, _ in scores if name in names]
        other = [score for name, _, score in scores if name in names]
        other = [score for score in other if score is not None]
        if own:
            summary[group] = {
                'own noun': float(np.mean(own)),
                'another noun': float(np.mean(other)) if other else None,
                'count': len(own),
            }
    return summary


def format_results(results: dict[str, dict[str, dict]]) -> str:
    """Lay out the table: a row a group, a column for each UNet, context and measure."""
    columns = [
        (context, unet, measure)
        for context in CONTEXTS
        for unet in UNETS
        for measure in MEASURES
        if (unet, measure) != ('random', 'another noun')
    ]
    header = ('ROC-AUC', 'n', *(', '.join(column) for column in columns))
    rows = []
    for group, entry in results[CONTEXTS[0]][UNETS[0]].items():
        cells = []
        for context, unet, name in columns:
            value = results[context][unet].get(group, {}).get(name)
            cells.append('-' if value is None else f'{value:.3f}')
        rows.append((group, str(entry['count']), *cells))
    return format_table(header, rows)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    torch.manual_seed(0)
    try:
        scores = measure(args)
    except WeightsError as error:
        raise SystemExit(f'error: {error}') from error
    results = {
        context: {unet: summarize(scores[unet, context]) for unet in UNETS}
        for context in CONTEXTS
    }
    print(format_results(results))
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        settings = {k: v for k, v in vars(args).items() if k != 'out'}
        content = dict(settings=settings, results=results)
        args.out.write_text(json.dumps(content, indent=2) + '\n')
        print(f'written: {args.out}')


if __name__ == '__main__':
    run_main(main)
