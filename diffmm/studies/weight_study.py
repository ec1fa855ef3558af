"""What the pre-trained weights of a config are worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..diffusion.weights import shipped_folder
from .random_unet import write_random_unet
from .study_run import StudyRun
from .train_runs import train_runs

ARMS = ('pre-trained', 'random')
_CONFIG = """\
_base_ = {base!r}
randomness = dict(seed={seed})
model = dict(backbone=dict(pretrained={pretrained!r}))
{more}"""


def train_from_both_weights(
    base: Path,
    work_dir: Path,
    key: str,
    scripts: Path,
    seeds: Sequence[int] = (0, 1, 2),
    processes: int = 1,
    more: str = '',
) -> dict[str, list[float]]:
    """Trains a mini config from the shipped weights and from a random UNet.

    Image encoder, text encoder and everything else are shared.

    Args:
        base: The config.
        work_dir: Folder of the study, with a folder for each run.
        key: Figure of the last validation, such as ``'rmse'``.
        scripts: Folder of ``train.py``.
        seeds: The seeds.
        processes: How many runs share the cores.
        more: Lines to end the configs of all runs with.

    Returns:
        The figures of ``'pre-trained'`` and ``'random'``, in the order of the seeds.

    Raises:
        SystemExit: A run failed, or the folder holds a study of other settings.
    """
    shipped = shipped_folder('mini')
    folders = (shipped, write_random_unet(work_dir / 'random', shipped, 'mini'))
    runs = {}
    for seed in seeds:
        for arm, folder in zip(ARMS, folders, strict=True):
            config = _CONFIG.format(
                base=str(base.resolve()),
                seed=seed,
                pretrained=str(folder.resolve()),
                more=more,
            )
            name = f'{arm}_seed{seed}'
            runs[arm, seed] = StudyRun(work_dir / name, config, (key,), scripts)
    train_runs(list(runs.values()), processes)
    return {arm: [runs[arm, seed].result[key] for seed in seeds] for arm in ARMS}
