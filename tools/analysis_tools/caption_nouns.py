"""Measures whether captions name what pictures show: precision and recall of nouns.

A captioner describes held-out scenes of the mini world in every style. Its object nouns
are compared with the objects of the scene. Beside it stand blind lists: the commonest
objects of the right place, outdoors or indoors, without a look at the picture.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
from PIL import Image
from tqdm import tqdm

from diffmm.datasets.captioning import Captioner, CaptionerError
from diffmm.evaluation.caption_nouns import CaptionNouns, blind_list, score
from diffmm.mini_world import (
    OBJECT_CLASSES,
    STYLES,
    RenderedScene,
    Renderer,
    SceneSampler,
    stylize,
)
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table

PLACES = ('outdoor', 'indoor')
BLIND = (2, 3, 4, 5)
BATCH = 50
COLUMNS = ('precision', 'recall', 'F1', 'all and no other')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--model', default='mini-captioner', help='as of Captioner')
    parser.add_argument('--device', default='cpu', help='"cpu" or "cuda:0"')
    parser.add_argument(
        '--scenes', type=positive_int, default=500, help='scenes of each style'
    )
    parser.add_argument('--split', default='val', help='split of the scenes')
    parser.add_argument('--seed', type=int, default=5000, help='seed of the scenes')
    parser.add_argument(
        '--size', type=positive_int, default=128, help='pixels of a side'
    )
    parser.add_argument(
        '--styles', nargs='+', choices=STYLES, default=list(STYLES), help='styles'
    )
    parser.add_argument('--out', type=Path, help='write figures and captions as JSON')
    return parser.parse_args(argv)


def objects(scene: RenderedScene) -> set[str]:
    """The classes of the objects of a scene."""
    return {item.name for item in scene.scene.objects}


def describe(
    captioner: Captioner, scenes: list[RenderedScene], style: str
) -> list[str]:
    """Captions of all scenes in a style."""
    captions = []
    for first in tqdm(range(0, len(scenes), BATCH), desc=style):
        pictures = [
            Image.fromarray(stylize(scene, style))
            for scene in scenes[first : first + BATCH]
        ]
        captions += captioner(pictures)
    return captions


def summarize(pairs: list[tuple[set[str], set[str]]]) -> dict[str, float]:
    """Figures of pairs of present and named nouns."""
    precision, recall = score(pairs)
    total = precision + recall
    exact = sum(present == named for present, named in pairs) / len(pairs)
    values = (precision, recall, 2 * precision * recall / max(total, 1e-9), exact)
    return dict(zip(COLUMNS, values, strict=True))


def blind(scenes: list[RenderedScene], size: int) -> dict[str, float]:
    """Figures of the commonest objects of each place."""
    pairs = []
    for place in PLACES:
        present = [
            objects(scene) for scene in scenes if scene.scene.background.place == place
        ]
        guess = blind_list(present, size)
        pairs += [(nouns, guess) for nouns in present]
    return summarize(pairs)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        captioner = Captioner(args.model, args.device)
        sampler, renderer = SceneSampler(args.seed), Renderer(args.size)
        scenes = [
            renderer.render(sampler.sample(args.split, index))
            for index in range(args.scenes)
        ]
        captions = {style: describe(captioner, scenes, style) for style in args.styles}
    except (CaptionerError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    find = CaptionNouns(tuple(OBJECT_CLASSES)).find
    results = {
        style: summarize(
            [(objects(s), find(text)) for s, text in zip(scenes, texts, strict=True)]
        )
        for style, texts in captions.items()
    }
    for size in BLIND:
        results[f'blind, {size} nouns'] = blind(scenes, size)
    rows = [
        (name, *(f'{values[column]:.3f}' for column in COLUMNS))
        for name, values in results.items()
    ]
    print(format_table((f'{args.scenes} scenes', *COLUMNS), rows))
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        content = dict(model=str(args.model), seed=args.seed, scenes=args.scenes)
        content.update(results=results, captions=captions)
        args.out.write_text(json.dumps(content, indent=2) + '\n')
        print(f'written: {args.out}')


if __name__ == '__main__':
    run_main(main)
