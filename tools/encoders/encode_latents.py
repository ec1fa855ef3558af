"""Encodes captioned images with a trained VAE, for text-to-image training.

Writes latents and captions to OUT/train and OUT/val. Writes the VAE to OUT/vae as
diffusers reads it, with latents of Stable Diffusion's scale. After an interruption, the
same command continues.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import numpy as np
import torch
from diffusers import AutoencoderKL
from mmengine.config import Config
from mmengine.registry import DATASETS, MODELS, init_default_scope
from torch.utils.data import DataLoader, Dataset, Subset
from tqdm import tqdm

from diffmm.apis.checkpoint import read_checkpoint
from diffmm.datasets.latent_caption_dataset import CAPTIONS, LATENTS
from diffmm.models.generators.latent_autoencoder import rescale_latents
from diffmm.utils.atomic import write_atomically
from diffmm.utils.command_line import non_negative_int, run_main
from diffmm.utils.tool_config import add_config_options, merge_options

CHUNK = 1000
BATCH = 32


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config of the VAE (LatentAutoencoder)')
    parser.add_argument('checkpoint', help='its trained checkpoint')
    parser.add_argument('out', type=Path, help='folder to write')
    parser.add_argument('--device', default='cpu', help='"cpu" (default) or "cuda:0"')
    parser.add_argument(
        '--workers', type=non_negative_int, default=2, help='data set processes'
    )
    add_config_options(parser)
    return parser.parse_args(argv)


def load_vae(cfg: Config, checkpoint: str) -> AutoencoderKL:
    """Builds the VAE of a config with trained weights."""
    model = MODELS.build(cfg.model)
    model.load_state_dict(read_checkpoint(checkpoint)['state_dict'])
    return model.vae.requires_grad_(False).eval()


def loader(dataset: Dataset, first: int, last: int, workers: int) -> DataLoader:
    """Batches of a part of a data set, as lists."""
    part = Subset(dataset, range(first, min(last, len(dataset))))
    return DataLoader(part, BATCH, num_workers=workers, collate_fn=list)


@torch.no_grad()
def encode(vae: AutoencoderKL, batch: list[dict]) -> torch.Tensor:
    """Encodes a batch to the posterior's mean, unscaled, on the CPU."""
    images = torch.stack([item['inputs'] for item in batch]).to(vae.device)
    latents = vae.encode(images.float() / 127.5 - 1.0).latent_dist.mode()
    return latents.cpu()


def prepare_vae(args: argparse.Namespace, cfg: Config, dataset: Dataset) -> None:
    """Writes the VAE with rescaled latents, unless it is there."""
    folder = args.out / 'vae'
    if folder.is_dir():
        return
    vae = load_vae(cfg, args.checkpoint).to(args.device)
    batches = loader(dataset, 0, CHUNK, args.workers)
    latents = torch.cat([encode(vae, batch) for batch in tqdm(batches, 'scale')])
    std = latents.std().item()
    rescale_latents(vae, std)
    print(f'latents had a standard deviation of {std:.4f}, mean {latents.mean():.4f}')
    temporary = args.out / '.vae.incomplete'
    vae.save_pretrained(temporary)
    temporary.rename(folder)


def encode_split(
    args: argparse.Namespace, vae: AutoencoderKL, dataset: Dataset, split: str
) -> int:
    """Writes the missing latents and captions of a split.

    Returns:
        Number of images that were encoded.
    """
    folder = args.out / split
    folder.mkdir(exist_ok=True)
    done = 0
    for number, first in enumerate(tqdm(range(0, len(dataset), CHUNK), split)):
        path = folder / LATENTS.format(number)
        if path.exists():
            continue
        latents, lines = [], []
        for batch in loader(dataset, first, first + CHUNK, args.workers):
            latents.append(encode(vae, batch) * vae.config.scaling_factor)
            lines += [json.dumps(item['data_samples'].captions) for item in batch]
        buffer = io.BytesIO()
        np.save(buffer, torch.cat(latents).numpy().astype(np.float16))
        # Captions first, so that latents that are there have captions.
        text = '\n'.join([*lines, ''])
        write_atomically(folder / CAPTIONS.format(number), text.encode())
        write_atomically(path, buffer.getvalue())
        done += len(lines)
    return done


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    cfg = Config.fromfile(args.config)
    merge_options(cfg, args.cfg_options)
    init_default_scope(cfg.default_scope)
    datasets = {
        'train': DATASETS.build(cfg.train_dataloader.dataset),
        'val': DATASETS.build(cfg.val_dataloader.dataset),
    }
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        prepare_vae(args, cfg, datasets['train'])
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    vae = AutoencoderKL.from_pretrained(args.out / 'vae').to(args.device).eval()
    for split, dataset in datasets.items():
        done = encode_split(args, vae, dataset, split)
        print(f'{args.out / split}: {len(dataset)} images, {done} encoded now')


if __name__ == '__main__':
    run_main(main)
