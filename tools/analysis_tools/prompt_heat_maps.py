"""Draw what single prompts of a trained Meta Prompts model respond to.

For images of the config's test data set, the rearranged features of some prompts are
laid over the network's input (Meta Prompts, figures 3 to 6). Works for segmentation,
depth estimation and pose estimation: the host's own data set and pipeline make the
input, and the image is passed through backbone and neck as a whole.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import cv2
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import DATASETS, MODELS, DefaultScope
from torch import Tensor, nn
from tqdm import tqdm

from diffmm.apis.checkpoint import read_checkpoint
from diffmm.models.necks import PromptRearrangement
from diffmm.utils.atomic import write_atomically
from diffmm.utils.command_line import non_negative_int, positive_int, run_main
from diffmm.utils.picture_numbers import add_images_option, check_images
from diffmm.utils.tool_config import add_config_options, merge_options
from diffmm.visualization import restore_image
from diffmm.visualization.prompt_heat_maps import (
    check_prompts,
    draw_prompt_heat_maps,
    most_selective,
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('config', help='config that the model was trained with')
    parser.add_argument('checkpoint', help='the trained weights')
    parser.add_argument(
        '--prompts',
        type=non_negative_int,
        nargs='+',
        help='numbers of the prompts, from 0 on (default: those that vary most)',
    )
    parser.add_argument(
        '--top-k', type=positive_int, default=5, help='how many without it'
    )
    add_images_option(parser)
    parser.add_argument(
        '--level',
        type=non_negative_int,
        default=0,
        help='map of the neck, 0 is the finest',
    )
    parser.add_argument('--opacity', type=float, default=0.6, help='of the colors')
    parser.add_argument('--device', default='cpu', help='"cpu" or "cuda:0"')
    parser.add_argument(
        '--out-dir', type=Path, default=Path('prompt_heat_maps'), help='for the PNGs'
    )
    add_config_options(parser)
    return parser.parse_args(argv)


def load_model(cfg: Config, checkpoint: str, device: str) -> nn.Module:
    """Build the model and fill it with trained weights."""
    state = read_checkpoint(checkpoint)['state_dict']
    model = revert_sync_batchnorm(MODELS.build(cfg.model))
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ValueError(
            f'{checkpoint} does not fit {cfg.filename}: {str(error)[:600]}'
        ) from error
    return model.to(device).eval()


def find_rearrangement(model: nn.Module, level: int) -> PromptRearrangement:
    """The module that rearranges a level of the neck."""
    found = [
        module
        for module in model.modules()
        if isinstance(module, PromptRearrangement) and module.rearrange
    ]
    if not found:
        raise ValueError(
            f'the {type(model).__name__} rearranges no features; its neck needs a '
            'PromptRearrangementNeck or FusedPromptRearrangementNeck'
        )
    if level >= len(found):
        raise ValueError(f'--level must be below {len(found)}, got {level}')
    return found[level]


@torch.no_grad()
def rearrange(model: nn.Module, module: PromptRearrangement, inputs: Tensor) -> Tensor:
    """Rearranged features of images, (B, N, h, w)."""
    kept: list[Tensor] = []
    handle = module.register_forward_hook(lambda *arguments: kept.append(arguments[-1]))
    try:
        model.extract_feat(inputs)
    finally:
        handle.remove()
    (features,) = kept
    return features


def draw(args: argparse.Namespace, cfg: Config) -> list[Path]:
    """Draw every image; returns the files."""
    model = load_model(cfg, args.checkpoint, args.device)
    module = find_rearrangement(model, args.level)
    backbone = model.backbone
    # A depth estimator may resize its input on the way into the backbone.
    resized = module.upsample * getattr(model, 'input_scale', 1.0)
    pixels_per_cell = backbone.feature_info[args.level].stride / resized
    if args.prompts is not None:
        check_prompts(args.prompts, len(backbone.prompt.names))
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    check_images(args.images, len(dataset))
    args.out_dir.mkdir(parents=True, exist_ok=True)
    files = []
    for index in tqdm(args.images, desc='images'):
        batch = pseudo_collate([dataset[index]])
        inputs = model.data_preprocessor(batch, False)['inputs']
        features = rearrange(model, module, inputs)
        size = tuple(batch['inputs'][0].shape[-2:])
        grid = draw_prompt_heat_maps(
            restore_image(inputs[0], model.data_preprocessor, size),
            features[0],
            args.prompts or most_selective(features, args.top_k),
            pixels_per_cell,
            args.opacity,
        )
        path = args.out_dir / f'prompts_{index:05d}.png'
        _, png = cv2.imencode('.png', grid[..., ::-1])
        write_atomically(path, png.tobytes())
        files.append(path)
    return files


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    try:
        if not Path(args.config).is_file():
            raise FileNotFoundError(f'no config at {args.config}')
        cfg = Config.fromfile(args.config)
        merge_options(cfg, args.cfg_options)
        with DefaultScope.overwrite_default_scope(cfg.default_scope):
            files = draw(args, cfg)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f'error: {error}') from error
    for path in files:
        print(f'written: {path}')


if __name__ == '__main__':
    run_main(main)
