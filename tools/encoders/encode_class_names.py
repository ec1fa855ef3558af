"""Encodes the class or scene names of a data set into a file for its prompt.

`ClassNamePrompt` and `SceneNamePrompt` read it by their option `embeddings`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import diffmm  # noqa: F401 - before torch, so that it decides how threads wait

# isort: split
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from safetensors.torch import save_file

from diffmm.diffusion import load_architecture, open_prior
from diffmm.models.prompts import ClassNamePrompt
from diffmm.utils.command_line import run_main
from diffmm.utils.tool_config import add_config_options, merge_options

SUFFIXES = ('.pth', '.safetensors')
WORDS = ('type', 'dataset', 'classes', 'template')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', type=Path, help='file to write, .pth or .safetensors')
    parser.add_argument(
        '--config', help='take prior, architecture and prompt from this config'
    )
    parser.add_argument('--pretrained', help='hub id, folder or file of the prior')
    parser.add_argument('--arch', help='architecture of the prior (default sd15)')
    parser.add_argument('--dataset', help="data set class, such as 'ADE20KDataset'")
    parser.add_argument('--classes', nargs='+', help='class names instead')
    parser.add_argument('--template', help='template set or a sentence with {}')
    add_config_options(parser)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    if args.out.suffix not in SUFFIXES:
        raise SystemExit(f'{args.out} must end in one of {SUFFIXES}')
    backbone = dict(arch='sd15', pretrained=None)
    prompt: dict = dict(type='ClassNamePrompt')
    if args.config:
        cfg = Config.fromfile(args.config)
        merge_options(cfg, args.cfg_options)
        init_default_scope(cfg.get('default_scope', 'mmseg'))
        backbone.update(cfg.model.backbone)
        prompt.update(cfg.model.backbone.prompt)
    else:
        init_default_scope('mmseg')
    for key in ('pretrained', 'arch'):
        if getattr(args, key):
            backbone[key] = getattr(args, key)
    for key in ('dataset', 'classes', 'template'):
        if getattr(args, key):
            prompt[key] = getattr(args, key)
    if backbone['pretrained'] is None:
        raise SystemExit('no prior to encode with: give --pretrained or a --config')

    architecture = load_architecture(backbone['arch'])
    words = {k: prompt[k] for k in WORDS if k in prompt}
    module = MODELS.build(dict(words, width=architecture.context_width))
    if not isinstance(module, ClassNamePrompt):
        raise SystemExit(
            f'a {prompt["type"]} has no names to encode; give a config with a '
            'ClassNamePrompt or SceneNamePrompt, or --dataset'
        )
    prior = open_prior(backbone['pretrained'], backbone.get('use_ema', True))
    features = module.encode_text(prior.text_encoder(architecture))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    if args.out.suffix == '.pth':
        torch.save(features, args.out)
    else:
        save_file({'class_embeddings': features}, args.out)
    norms = features.norm(dim=1)
    print(
        f'{args.out}: {len(module.classes)} names x {features.shape[1]}, '
        f'{len(module.templates)} template(s), norms {norms.min():.2f} to '
        f'{norms.max():.2f}; first {module.classes[0]!r}, last {module.classes[-1]!r}'
    )


if __name__ == '__main__':
    run_main(main)
