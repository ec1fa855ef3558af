"""The weights that a user names after ``pretrained=``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from .adapted_source import AdaptedSource
from .folder_source import SHIPPED, FolderSource, shipped_folder
from .prior_source import PriorSource
from .single_file_source import SingleFileSource
from .tensor_file import WeightsError

_HUB_ID = re.compile(r'[\w.-]+/[\w.-]+')
_HUB_PARTS = ('unet', 'vae', 'text_encoder')
_FILE_SUFFIXES = ('.ckpt', '.safetensors')


def open_prior(
    pretrained: str | Path,
    use_ema: bool = True,
    lora: Sequence[str | Path] = (),
    learned_words: Sequence[str | Path] = (),
) -> PriorSource:
    """Finds the weights of a diffusion prior.

    Args:
        pretrained: ``'mini'``, the small model that comes with the package (a folder
            of that name is ``./mini``), a diffusers folder, an original ``.ckpt`` or
            ``.safetensors`` file, or a hub id such as
            ``stable-diffusion-v1-5/stable-diffusion-v1-5`` (needs the network the
            first time only).
        use_ema: Take the moving average of an original file that holds both.
        lora: Files of low-rank weights that change it, as diffusers' scripts write
            them.
        learned_words: Files or folders of words that textual inversion learned.

    Returns:
        The source of weights.

    Raises:
        WeightsError: If there is no such file or folder, or the hub cannot be reached.
    """
    source = _find(pretrained, use_ema)
    if lora or learned_words:
        return AdaptedSource(source, lora, learned_words)
    return source


def _find(pretrained: str | Path, use_ema: bool) -> PriorSource:
    name = str(pretrained)
    if name in SHIPPED:
        return FolderSource(shipped_folder(name))
    path = Path(pretrained).expanduser()
    # An empty name would be the current folder.
    if name and path.is_dir():
        return FolderSource(path)
    if path.is_file() or path.suffix in _FILE_SUFFIXES:
        return SingleFileSource(path, use_ema)
    if _HUB_ID.fullmatch(name):
        return FolderSource(_download(name))
    raise WeightsError(
        f'pretrained={name!r} is no file, no folder and no hub id (owner/name); give '
        'a diffusers folder, a .ckpt or .safetensors file, or None for random weights'
    )


def _download(hub_id: str) -> str:
    try:
        folder = _snapshot(hub_id, 'safetensors')
        if not any(Path(folder).glob('unet/*.safetensors')):
            folder = _snapshot(hub_id, 'bin')
        return folder
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        reason = str(error).strip().split('\n')[0][:200]
        raise WeightsError(
            f'pretrained={hub_id!r} is not a local path, not in the hub cache, and '
            f'the hub cannot be reached ({reason}). Download the model where there is '
            'a network and give its folder, or one .ckpt / .safetensors file'
        ) from error


def _snapshot(hub_id: str, ending: str) -> str:
    """Fetches full-precision weights of one kind, or finds them in the cache."""
    weights = [f'{part}/*model.{ending}' for part in _HUB_PARTS]
    return snapshot_download(hub_id, allow_patterns=['*/config.json', *weights])
