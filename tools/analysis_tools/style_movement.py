"""Measures whether the word of a style moves a generated picture to that style.

A small classifier learns the styles from pictures of the mini world that went through
the VAE; its accuracy on held-out ones is printed, and how well the VAE keeps each
style. Then the same captions are drawn with the phrase of each style around them,
without one, and with a control phrase that is no style. A phrase works if its pictures
are taken for its style, and those of the control are not.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from torch import Tensor
from tqdm import tqdm

from diffmm.diffusion import WeightsError
from diffmm.diffusion.pipeline_folder import personalize, read_pipeline_folder
from diffmm.evaluation.style_classifier import StyleClassifier
from diffmm.mini_world import (
    STYLES,
    Renderer,
    SceneSampler,
    stylize,
    write_plain_caption,
)
from diffmm.mini_world.language.vocabulary import STYLE_PHRASES
from diffmm.utils.command_line import positive_int, run_main
from diffmm.utils.text_table import format_table

# A phrase of the same form that names no style.
CONTROL = 'a large square photo of {}'
BATCH = 16


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        '--pretrained', default='mini', help='"mini" or a diffusers folder'
    )
    parser.add_argument('--device', default='cpu', help='"cpu" or "cuda:0"')
    parser.add_argument(
        '--pictures', type=positive_int, default=48, help='of each phrase'
    )
    parser.add_argument(
        '--scenes',
        type=positive_int,
        default=300,
        help='to learn from, in each style',
    )
    parser.add_argument(
        '--test-scenes',
        type=positive_int,
        default=100,
        help='to test on, in each style',
    )
    parser.add_argument('--seed', type=int, default=6000, help='seed of the scenes')
    parser.add_argument(
        '--size', type=positive_int, default=128, help='pixels of a side'
    )
    parser.add_argument(
        '--steps', type=positive_int, default=20, help='denoising steps'
    )
    parser.add_argument('--guidance', type=float, default=3.0, help='guidance scale')
    parser.add_argument(
        '--learned-words', nargs='+', default=[], help='files of learned words'
    )
    parser.add_argument('--lora', nargs='+', default=[], help='files of adapters')
    parser.add_argument(
        '--phrases',
        nargs='+',
        metavar='PHRASE',
        help='phrases around "{}", such as "a <night> photo of {}", in the place of '
        'those of the styles',
    )
    parser.add_argument('--out', type=Path, help='write the figures as JSON')
    return parser.parse_args(argv)


def load_pipeline(args: argparse.Namespace) -> StableDiffusionPipeline:
    """Opens the model.

    Raises:
        SystemExit: The VAE does not divide the size.
        WeightsError: There is no such model.
    """
    pipeline = read_pipeline_folder(args.pretrained)
    personalize(pipeline, args.learned_words, args.lora)
    if args.size % pipeline.vae_scale_factor:
        raise SystemExit(
            f'error: --size must be a multiple of {pipeline.vae_scale_factor}, got '
            f'{args.size}'
        )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(args.device)


@torch.no_grad()
def styled_pictures(
    pipeline: StableDiffusionPipeline, args: argparse.Namespace, split: str, count: int
) -> tuple[Tensor, Tensor, dict[str, float]]:
    """Draws scenes in every style and passes them through the VAE.

    Returns:
        Reconstructions in [-1, 1], their styles, and the mean PSNR of each style in dB.
    """
    sampler, renderer = SceneSampler(args.seed), Renderer(args.size)
    pictures: list[Tensor] = []
    for index in range(count):
        rendered = renderer.render(sampler.sample(split, index))
        drawn = np.stack([stylize(rendered, style) for style in STYLES])
        pictures.append(torch.from_numpy(drawn).permute(0, 3, 1, 2).float() / 127.5 - 1)
    images = torch.cat(pictures)  # (count * styles, 3, H, W)
    parts = []
    for part in tqdm(images.split(BATCH), desc=f'{split} pictures'):
        latents = pipeline.vae.encode(part.to(pipeline.device)).latent_dist.mode()
        parts.append(pipeline.vae.decode(latents).sample.clamp(-1, 1).cpu())
    decoded = torch.cat(parts)
    errors = ((decoded - images) / 2).square().mean(dim=(1, 2, 3))
    decibels = (-10 * errors.log10()).view(count, len(STYLES)).mean(dim=0)
    labels = torch.arange(len(STYLES)).repeat(count)
    return decoded, labels, dict(zip(STYLES, decibels.tolist(), strict=True))


def generate(
    pipeline: StableDiffusionPipeline, captions: list[str], args: argparse.Namespace
) -> Tensor:
    """Draws a picture for each caption, always from the same noise."""
    images = []
    for first in range(0, len(captions), BATCH):
        images.append(
            pipeline(
                captions[first : first + BATCH],
                height=args.size,
                width=args.size,
                num_inference_steps=args.steps,
                guidance_scale=args.guidance,
                generator=torch.Generator().manual_seed(args.seed + first),
                output_type='pt',
            ).images
        )
    return torch.cat(images).cpu() * 2 - 1


def measure(args: argparse.Namespace) -> dict:
    """Trains the classifier and asks it about generated pictures."""
    pipeline = load_pipeline(args)
    images, labels, _ = styled_pictures(pipeline, args, 'train', args.scenes)
    classifier = StyleClassifier(STYLES)
    classifier.learn(images, labels)
    images, labels, psnr = styled_pictures(pipeline, args, 'val', args.test_scenes)
    right = classifier.predict(images) == labels
    accuracy = {
        style: right[labels == index].float().mean().item()
        for index, style in enumerate(STYLES)
    }
    sampler = SceneSampler(args.seed)
    # Behind the held-out scenes.
    captions = [
        write_plain_caption(sampler.sample('val', args.test_scenes + index))
        for index in range(args.pictures)
    ]
    named = STYLE_PHRASES
    if args.phrases:
        named = {phrase: phrase for phrase in args.phrases}
    phrases = {'no phrase': '{}', 'control': CONTROL, **named}
    shares = {}
    for name, phrase in tqdm(phrases.items(), desc='phrases'):
        texts = [phrase.replace('{}', caption) for caption in captions]
        shares[name] = classifier.shares(generate(pipeline, texts, args))
    return dict(psnr=psnr, accuracy=accuracy, shares=shares)


def format_results(results: dict) -> str:
    """Lays out the two tables."""
    kept = [
        (
            'PSNR of the VAE (dB)',
            *(f'{results["psnr"][style]:.1f}' for style in STYLES),
        ),
        (
            'accuracy, held out',
            *(f'{results["accuracy"][style]:.3f}' for style in STYLES),
        ),
    ]
    moved = [
        (name, *(f'{shares[style]:.2f}' for style in STYLES))
        for name, shares in results['shares'].items()
    ]
    return '\n\n'.join(
        (
            format_table(('drawn pictures', *STYLES), kept),
            format_table(('phrase, taken for', *STYLES), moved),
        )
    )


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    without = [phrase for phrase in args.phrases or () if '{}' not in phrase]
    if without:
        raise SystemExit(f'error: --phrases need "{{}}" for the caption, got {without}')
    torch.manual_seed(0)
    try:
        results = measure(args)
    except WeightsError as error:
        raise SystemExit(f'error: {error}') from error
    print(format_results(results))
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        settings = {k: v for k, v in vars(args).items() if k != 'out'}
        content = dict(settings=settings, **results)
        args.out.write_text(json.dumps(content, indent=2) + '\n')
        print(f'written: {args.out}')


if __name__ == '__main__':
    run_main(main)
