"""Everything that DiffMM ships, by name: backbones, configs and their models."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config
from mmengine.fileio import load
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import MODELS, init_default_scope
from torch import nn

from diffmm.diffusion import WeightsError
from diffmm.models.backbones import StableDiffusionBackbone
from diffmm.utils.init_report import without_init_report

from .checkpoint import load_checkpoint_into, read_checkpoint

# Name: architecture and weights. `None`: no place is known that still has them.
BACKBONES: dict[str, tuple[str, str | None]] = {
    'mini': ('mini', 'mini'),
    'sd11': ('sd15', 'CompVis/stable-diffusion-v1-1'),
    'sd12': ('sd15', 'CompVis/stable-diffusion-v1-2'),
    'sd13': ('sd15', 'CompVis/stable-diffusion-v1-3'),
    'sd14': ('sd15', 'CompVis/stable-diffusion-v1-4'),
    'sd15': ('sd15', 'stable-diffusion-v1-5/stable-diffusion-v1-5'),
    'sd21': ('sd21', None),
}
# The first of these parts in a config's name says what the config is for.
TASKS = {
    'fpn': 'semantic segmentation',
    'upernet': 'semantic segmentation',
    'text-fpn': 'open-vocabulary segmentation',
    'lavt': 'referring segmentation',
    'ris': 'referring segmentation',
    'depth': 'depth estimation',
    'mmseg-depth': 'depth estimation',
    'faster-rcnn': 'object detection',
    'generalist': 'several tasks',
    'semseg': 'semantic segmentation',
    'det': 'object detection',
    'td-hm': 'pose estimation',
    'retrieval': 'sketch retrieval',
    'few-shot': 'image classification',
    'linear-probe': 'image classification',
    'mini-expert': 'image classification',
    'vae': 'image generation',
    't2i': 'image generation',
    'textual-inversion': 'image generation',
    'dreambooth': 'image generation',
    'mini-captioner': 'image captioning',
}


class ShippedConfig(NamedTuple):
    """A config that DiffMM ships.

    Attributes:
        name: File name without ``.py``.
        system: Its folder: ``'vpd'``, ``'meta_prompts'`` ...
        task: Its task, such as ``'depth estimation'``.
        path: The file.
    """

    name: str
    system: str
    task: str
    path: Path


def list_backbones() -> list[str]:
    """Lists the names that `get_backbone` knows."""
    return list(BACKBONES)


def get_backbone(
    name: str = 'mini',
    classes: Sequence[str] | str | None = None,
    pretrained: bool | str | Path = True,
    **options: Any,
) -> StableDiffusionBackbone:
    """Builds a backbone with its weights, ready for inference.

    Args:
        name: One of `list_backbones`. ``'mini'`` comes with DiffMM; the others are
            downloaded once.
        classes: Class names, each of which gets an attention map, or the registered
            name of a data set (``'mmseg.ADE20KDataset'``). None prompts with the empty
            string and captures no attention.
        pretrained: True takes the weights of that name, False random ones. A hub id, a
            diffusers folder or a ``.ckpt`` / ``.safetensors`` file takes these.
        **options: Further options of ``StableDiffusionBackbone``, such as
            ``trainable='none'``, ``prompt=dict(...)`` or ``attention=None``.

    Returns:
        The backbone in eval mode.

    Raises:
        ValueError: If the name is unknown, or its weights have to be named.
        WeightsError: If the weights cannot be read.
    """
    if not isinstance(name, str) or name not in BACKBONES:
        raise unknown_name('backbone', name, BACKBONES)
    arch, weights = BACKBONES[name]
    if pretrained is not True:
        weights = pretrained or None
    elif weights is None:
        raise ValueError(
            f'no place is known that has the weights of {name!r}: give '
            'pretrained=... (a hub id, a diffusers folder, or a .ckpt or .safetensors '
            'file), or pretrained=False for random weights'
        )
    if classes is None:
        options.setdefault('prompt', dict(type='NullPrompt'))
    else:
        kind = 'dataset' if isinstance(classes, str) else 'classes'
        prompt = dict(type='ClassNamePrompt', **{kind: classes})
        attention = dict(stages=('down', 'up'), max_size=32)
        options = dict(prompt=prompt, attention=attention) | options
    backbone = StableDiffusionBackbone(arch=arch, pretrained=weights, **options)
    try:
        with without_init_report():
            backbone.init_weights()
    except WeightsError as error:
        raise WeightsError(f'backbone {name!r}: {error}') from error
    return backbone.eval()


def list_systems() -> list[str]:
    """Lists the folders of shipped configs: one per published system, and others."""
    return sorted({config.system for config in _shipped_configs().values()})


def list_tasks() -> list[str]:
    """Lists the tasks of the shipped configs."""
    return sorted({config.task for config in _shipped_configs().values()})


def list_configs(
    pattern: str = '*', system: str | None = None, task: str | None = None
) -> list[str]:
    """Lists shipped configs by name.

    Args:
        pattern: The name, with ``*`` for any characters: ``'*mini*'``.
        system: Only configs of this one of `list_systems`, such as ``'vpd'``.
        task: Only configs for this one of `list_tasks`, such as ``'pose estimation'``.

    Returns:
        The names, sorted; `get_config` and `get_model` take them.

    Raises:
        ValueError: If the system or the task is unknown.
    """
    if system is not None and system not in list_systems():
        raise unknown_name('system', system, list_systems())
    if task is not None and task not in list_tasks():
        raise unknown_name('task', task, list_tasks())
    return sorted(
        config.name
        for config in _shipped_configs().values()
        if fnmatch(config.name, pattern)
        and system in (None, config.system)
        and task in (None, config.task)
    )


def get_config(config: str | Path) -> Config:
    """Reads a config.

    Args:
        config: The name of a shipped config, or a file.

    Raises:
        FileNotFoundError: If it looks like a file and there is none.
        TypeError: If it is neither a string nor a path.
        ValueError: If it is neither a file nor the name of a shipped config.
    """
    if not isinstance(config, (str, Path)):
        raise TypeError(f'a config is a name or a file, got {config!r}')
    path = Path(config)
    if path.is_file():
        return Config.fromfile(path)
    if path.suffix == '.py' or len(path.parts) > 1:
        raise FileNotFoundError(f'no config at {path}')
    shipped = _shipped_configs()
    if str(config) not in shipped:
        raise unknown_name('shipped config', str(config), shipped)
    return Config.fromfile(shipped[str(config)].path)


def get_model(
    config: str | Path | Config,
    checkpoint: str | Path | None = None,
    device: str = 'cpu',
) -> nn.Module:
    """Builds the model of a config, ready for inference.

    Args:
        config: The name of a shipped config, a config file, or a config.
        checkpoint: Trained weights. None starts where a training would: the backbone
            has the pre-trained weights of its config, neck and head random ones.
        device: Where to put it, for example ``'cuda:0'``.

    Returns:
        The model in eval mode.

    Raises:
        FileNotFoundError: If config or checkpoint do not exist.
        ValueError: If the name is unknown, or the checkpoint does not fit.
        WeightsError: If the pre-trained weights cannot be read.
    """
    cfg = config if isinstance(config, Config) else get_config(config)
    init_default_scope(cfg.get('default_scope', 'mmengine'))
    model = MODELS.build(cfg.model)
    if checkpoint is None:
        with without_init_report():
            model.init_weights()
    else:
        state = read_checkpoint(checkpoint)['state_dict']
        load_checkpoint_into(model, state, checkpoint, cfg.filename)
    # Synchronized batch norm runs in one process only after this.
    return revert_sync_batchnorm(model).to(device).eval()


def unknown_name(kind: str, name: Any, known: Iterable[str]) -> ValueError:
    """Makes the error for a name that is not among the known ones, and lists these."""
    names = list(known)
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    hint = f'Did you mean {" or ".join(map(repr, close))}? ' if close else ''
    return ValueError(
        f'there is no {kind} {name!r}. {hint}There are: {", ".join(names)}'
    )


@cache
def _shipped_configs() -> Mapping[str, ShippedConfig]:
    """Reads the metafiles, which name every shipped config."""
    root = Path(__file__).parents[1] / '.mim'
    found = {}
    for metafile in load(str(root / 'model-index.yml'))['Import']:
        for model in load(str(root / metafile))['Models']:
            path = root / model['Config']
            found[path.stem] = ShippedConfig(
                path.stem, path.parent.name, _task_of(path.stem), path
            )
    return found


def _task_of(name: str) -> str:
    for part in name.split('_'):
        if part in TASKS:
            return TASKS[part]
    raise ValueError(
        f'no part of the config name {name!r} names its task; known parts: '
        f'{", ".join(TASKS)} (diffmm/apis/catalog.py)'
    )
