"""Trained checkpoints, read without running code from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from torch import nn

from diffmm.diffusion.weights import read_safely

from .compact_checkpoint import read_compact
from .shipped import SHIPPED

_MAX_REASON = 600


def checkpoint_file(path: str | Path) -> Path:
    """Finds the file of a checkpoint.

    Args:
        path: As for `read_checkpoint`.

    Raises:
        FileNotFoundError: If there is no such file.
        WeightsError: If this installation lacks the one that is named.
    """
    path = SHIPPED[str(path)].path if str(path) in SHIPPED else Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'no checkpoint at {path}')
    return path


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Reads a checkpoint that a Runner wrote.

    Args:
        path: The ``.pth`` file; a compact one, which ends in ``.safetensors``; or the
            name of one that comes with the package: ``'mini-referring'``.

    Returns:
        The checkpoint on the CPU, with ``state_dict`` and ``meta``. A bare state dict
        is wrapped into this form.

    Raises:
        FileNotFoundError: If there is no such file.
        WeightsError: If the file is damaged or holds objects that would run code.
        ValueError: If it is no checkpoint.
    """
    path = checkpoint_file(path)
    if path.suffix == '.safetensors':
        return dict(state_dict=read_compact(path), meta={})
    checkpoint = read_safely(path)
    if isinstance(checkpoint, dict) and 'state_dict' not in checkpoint:
        checkpoint = {'state_dict': checkpoint}
    if not _is_checkpoint(checkpoint):
        raise ValueError(
            f'{path} holds no state_dict of tensors: give a .pth file that a training '
            'run wrote'
        )
    checkpoint.setdefault('meta', {})
    return checkpoint


def build_trained(
    config: str | Path, checkpoint: str | Path, kind: type[nn.Module]
) -> nn.Module:
    """Builds the model of a config and loads what was trained.

    Args:
        config: The config's file.
        checkpoint: As for `read_checkpoint`.
        kind: Class of the model.

    Returns:
        The model, in eval mode.

    Raises:
        FileNotFoundError: As `read_checkpoint`.
        ValueError: The config builds another model, or as `read_checkpoint` and
            `load_checkpoint_into`.
    """
    cfg = Config.fromfile(config)
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model).eval()
    if not isinstance(model, kind):
        raise ValueError(
            f'{config} builds a {type(model).__name__}, no {kind.__name__}'
        )
    state = read_checkpoint(checkpoint)['state_dict']
    load_checkpoint_into(model, state, checkpoint, config)
    return model


def load_checkpoint_into(
    model: nn.Module,
    state: dict[str, Any],
    checkpoint: str | Path,
    config: str | Path | None,
) -> None:
    """Loads a whole checkpoint into a model.

    Args:
        model: The model.
        state: The checkpoint's ``state_dict``.
        checkpoint: Its file, for the message.
        config: The file of the model's config, for the message.

    Raises:
        ValueError: If a tensor is missing, unknown or of another shape.
    """
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ValueError(
            f'{checkpoint} does not fit {config or "the config"}; give the config that '
            f'it was trained with. {" ".join(str(error).split())[:_MAX_REASON]}'
        ) from error


def _is_checkpoint(checkpoint: Any) -> bool:
    if not isinstance(checkpoint, dict):
        return False
    state = checkpoint['state_dict']
    return (
        isinstance(state, dict)
        and len(state) > 0
        and all(isinstance(value, torch.Tensor) for value in state.values())
    )
