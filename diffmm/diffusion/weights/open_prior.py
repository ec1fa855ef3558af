"""The weights that a user names after ``pretrained=``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from .adapted_source import AdaptedSource
from .folder_source import SHIPPED, FolderSource, find_weights, shipped_folder
from .prior_source import PriorSource
from .single_file_source import SingleFileSource
from .tensor_file import WeightsError
from .weights_names import PARTS, weights_names

_HUB_ID = re.compile(
    r'(?P<id>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?(:(?P<variant>\w+))?'
)
_VARIANT = re.compile(r'(?P<folder>.+):(?P<variant>\w+)')
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
            first time only). ``owner/name@revision`` is another branch, tag or commit
            of the hub; ``:fp16`` behind a hub id or a folder takes the files of that
            variant, which are also taken where there are no others. A network without
            files of the variant, as all but the UNet of ``:non_ema``, has those without
            one.
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
    if match := _VARIANT.fullmatch(name):
        folder = Path(match['folder']).expanduser()
        if folder.is_dir():
            return FolderSource(folder, match['variant'])
    if match := _HUB_ID.fullmatch(name):
        folder = _download(match['id'], match['revision'], match['variant'])
        return FolderSource(folder, match['variant'])
    raise WeightsError(
        f'pretrained={name!r} is no file, no folder and no hub id (owner/name); give '
        'a diffusers folder, a .ckpt or .safetensors file, or None for random weights'
    )


def _download(hub_id: str, revision: str | None, variant: str | None) -> str:
    try:
        return _fetch_weights(hub_id, revision, variant)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        reason = str(error).strip().split('\n')[0][:200]
        at = f' (revision {revision!r})' if revision else ''
        raise WeightsError(
            f'pretrained={hub_id!r}{at} is not a local path, not in the hub cache, and '
            f'the hub cannot be reached ({reason}). Download the model where there is '
            'a network and give its folder, or one .ckpt / .safetensors file'
        ) from error


def _fetch_weights(hub_id: str, revision: str | None, variant: str | None) -> str:
    """Fetches the weights of every network under the first name that there is.

    Nothing else is fetched: neither a safety checker, nor other precisions. What is in
    the cache is found without a network.
    """
    missing = PARTS
    for each in (None,) if variant is None else (variant, None):
        folder, missing = _fetch_variant(hub_id, revision, each, missing)
        # A variant that no network has is refused where it is read.
        if not missing or missing == PARTS:
            break
    return folder


def _fetch_variant(
    hub_id: str, revision: str | None, variant: str | None, parts: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """Fetches some networks; returns the folder, and those that have no weights."""
    names = {part: list(weights_names(part, variant)) for part in parts}
    while True:
        patterns = [
            f'{part}/{pattern}'
            for part, left in names.items()
            if left
            for pattern in left.pop(0).patterns
        ]
        # The tokenizer names learned words.
        patterns = ['*/config.json', 'tokenizer/*', *patterns]
        folder = snapshot_download(hub_id, revision=revision, allow_patterns=patterns)
        names = {
            part: left
            for part, left in names.items()
            if find_weights(Path(folder) / part, part, variant) is None
        }
        if not any(names.values()):
            return folder, tuple(names)
