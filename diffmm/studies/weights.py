"""Pre-trained weights that the runs of a study start from."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import try_to_load_from_cache

from ..diffusion.weights import SHIPPED, named_folder
from .launcher import RunFailedError
from .random_unet import write_random_unet
from .run import Run
from .study import Study

_HUB_ID = re.compile(r'[\w.-]+/[\w.-]+')


def pretraining_command(study: Study, scripts: Path) -> list[str]:
    """Command that pre-trains `mini` for the rows of a study.

    Args:
        study: The study.
        scripts: Folder of the tools.

    Returns:
        The command; empty if there is nothing to make.
    """
    lengths = {
        length: folder
        for folder, length in study.file.weights.items()
        if folder in _named(study.runs) and not is_complete(Path(folder))
    }
    if not lengths:
        return []
    snapshots = [f'{length}={lengths[length]}' for length in sorted(lengths)]
    return [
        *(sys.executable, str(scripts / 'pretrain_mini.py')),
        *('--work-dir', str(study.options.work_dir.resolve() / 'pretrain_mini')),
        *('--snapshots', *snapshots),
    ]


def make_weights(study: Study, scripts: Path) -> None:
    """Makes the declared weights that are missing.

    Args:
        study: The study.
        scripts: Folder of the tools.

    Raises:
        RunFailedError: The pre-training failed.
        WeightsError: The weights that come with the package are missing.
    """
    if study.random_weights in _named(study.runs):
        base = named_folder(study.base_weights)
        write_random_unet(Path(study.random_weights), base, 'mini')
    command = pretraining_command(study, scripts)
    if command and subprocess.run(command, check=False).returncode:
        raise RunFailedError(f'failed: {" ".join(command)}')


def missing_weights(study: Study) -> list[str]:
    """Says which weights are not on this machine and `make_weights` does not make.

    Args:
        study: The study.

    Returns:
        A line for each.
    """
    missing = []
    wanted = _named(study.runs) | {study.base_weights}
    made = {*study.file.weights, study.random_weights} if study.options.mini else set()
    for name in sorted(wanted - made):
        if name in SHIPPED or Path(name).expanduser().exists():
            continue
        if _HUB_ID.fullmatch(name):
            found = try_to_load_from_cache(name, 'unet/config.json')
            if isinstance(found, str):
                continue
            missing.append(
                f"weights: {name} is neither a folder nor in the hub's cache; run "
                f'`hf download {name}`, or name a folder or file with --weights'
            )
        else:
            missing.append(f'weights: {name} does not exist')
    for name in sorted(_words(study.runs)):
        if not Path(name).expanduser().exists():
            missing.append(
                f'learned words: {name} does not exist; a config of '
                'configs/personalization writes it'
            )
    return missing


def is_complete(folder: Path) -> bool:
    """Tells whether a folder of weights is there."""
    return (folder / 'model_index.json').is_file()


def _words(runs: Sequence[Run]) -> set[str]:
    """Files of learned words that configs name."""
    backbones = (run.settings.get('model', {}).get('backbone', {}) for run in runs)
    return {str(name) for one in backbones for name in one.get('learned_words', ())}


def _named(runs: Sequence[Run]) -> set[str]:
    """Weights that configs name."""
    backbones = (run.settings.get('model', {}).get('backbone', {}) for run in runs)
    # Models of timm say True, and download their own.
    names = (one.get('pretrained') for one in backbones)
    return {str(name) for name in names if name and name is not True}
