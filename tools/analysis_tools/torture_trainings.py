"""Trainings that are killed, starved and crowded; torture.py runs them."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mmengine.config import Config
from PIL import Image
from tqdm import tqdm

from diffmm.mini_world import Renderer, SceneSampler
from diffmm.own_data import Request, new_experiment
from diffmm.utils.scalars import reached_step, read_scalars

ROOT = Path(__file__).resolve().parents[2]
# What each system is trained on.
SYSTEMS = dict(
    vpd='masks', meta_prompts='masks', tadp='masks', vermouth='masks', marigold='depth'
)
ITERATIONS, INTERVAL = 8, 2
_TIMEOUT = 600
# Sums on a CPU depend on how memory happens to be aligned.
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Experiment:
    """A short training.

    Attributes:
        config: Its config.
        losses: The loss of every iteration of a training that nothing disturbed.
        checkpoint_size: Bytes of a checkpoint.
    """

    config: Path
    losses: dict[int, float]
    checkpoint_size: int


def make_photos(folder: Path, number: int = 12) -> None:
    """Draws pictures, masks and depth maps."""
    renderer, sampler = Renderer(128), SceneSampler(5)
    for part in ('images', 'masks', 'depth'):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for index in range(number):
        drawn = renderer.render(sampler.sample('train', index))
        labels = np.where(drawn.ground, 1, 0).astype(np.uint8)
        labels[drawn.instances >= 0] = 2
        units = np.round(drawn.depth * 1000).astype(np.uint16)
        Image.fromarray(drawn.image).save(folder / 'images' / f'{index}.jpg')
        Image.fromarray(labels).save(folder / 'masks' / f'{index}.png')
        Image.fromarray(units).save(folder / 'depth' / f'{index}.png')


def make_experiment(system: str, photos: Path, folder: Path) -> Experiment:
    """Writes a config of a system, and trains with it undisturbed.

    Args:
        system: One of ``SYSTEMS``.
        photos: Folder of `make_photos`.
        folder: An empty folder.

    Raises:
        RuntimeError: It fails.
    """
    kind = SYSTEMS[system]
    config = folder / f'{system}.py'
    classes = ('sky', 'grass', 'ball') if kind == 'masks' else ()
    request = Request(
        config, photos / 'images', photos / kind, system=system, classes=classes
    )
    new_experiment(kind, request)
    cfg = Config.fromfile(config)
    cfg.train_cfg.update(max_iters=ITERATIONS, val_interval=10 * ITERATIONS)
    cfg.train_dataloader.update(batch_size=2, num_workers=1)
    for name in ('val_cfg', 'val_dataloader', 'val_evaluator'):
        cfg[name] = None
    hooks = cfg.default_hooks
    hooks.checkpoint = dict(
        type='CheckpointHook', by_epoch=False, interval=INTERVAL, max_keep_ckpts=2
    )
    hooks.logger.interval = 1
    cfg.log_processor.window_size = 1
    unwanted = ('InitialValidationHook',)
    cfg.custom_hooks = [h for h in cfg.custom_hooks if h.type not in unwanted]
    cfg.dump(config)
    work_dir = folder / 'undisturbed'
    code, output = Training(config, work_dir).finish()
    if code:
        raise RuntimeError(f'{system} does not train:\n{output[-3000:]}')
    losses = read_scalars(work_dir, 'loss')
    size = (work_dir / f'iter_{ITERATIONS}.pth').stat().st_size
    return Experiment(config, losses, size)


class Training:
    """A training in a process group of its own.

    Args:
        config: The config.
        work_dir: Its work dir.
        *options: Further arguments of ``tools/train.py``.
        prepare: Runs in the new process, before the training.
    """

    def __init__(
        self,
        config: Path,
        work_dir: Path,
        *options: str,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        script = ROOT / 'tools' / 'train.py'
        command = [sys.executable, script, config, '--work-dir', work_dir, *options]
        self.work_dir = work_dir
        # A pipe that nobody reads would stop it.
        self._output = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(
            [*map(str, command)],
            env=dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=str(ROOT)),
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=prepare,
        )

    def finish(self) -> tuple[int, str]:
        """Waits for it; returns its exit code and what it printed."""
        code = self.process.wait(_TIMEOUT)
        self._output.seek(0)
        return code, self._output.read()

    def reach(self, iteration: int) -> bool:
        """Waits until it has logged an iteration; False if it ended before."""
        deadline = time.monotonic() + _TIMEOUT
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                if max(read_scalars(self.work_dir, 'loss'), default=0) >= iteration:
                    return True
            except FileNotFoundError:
                pass
            time.sleep(0.02)
        return False

    def kill(self) -> None:
        """Kills it and its workers at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def deviation(experiment: Experiment, work_dir: Path) -> float:
    """Largest relative difference to the undisturbed losses; infinite if some lack."""
    found = read_scalars(work_dir, 'loss')
    if set(found) != set(experiment.losses):
        return float('inf')
    return max(
        abs(found[step] - value) / abs(value)
        for step, value in experiment.losses.items()
    )


def kill_and_resume(
    experiment: Experiment, kills: int, rng: random.Random, folder: Path
) -> tuple[int, float]:
    """Kills trainings at any moment, and lets them go on.

    Args:
        experiment: The training.
        kills: How often.
        rng: Chooses the moments.
        folder: An empty folder.

    Returns:
        Number of trainings that these took, and the largest deviation.
    """
    left, trainings, worst = kills, 0, 0.0
    with tqdm(total=kills, desc=experiment.config.stem, disable=None) as bar:
        while left:
            work_dir = folder / f'killed_{trainings}'
            trainings += 1
            while left:
                reached = reached_step(work_dir) or 0
                if reached >= ITERATIONS:
                    break
                training = Training(experiment.config, work_dir, '--resume')
                if not training.reach(rng.randint(reached + 1, ITERATIONS)):
                    training.finish()
                    break
                time.sleep(rng.uniform(0, 0.5))
                training.kill()
                left -= 1
                bar.update()
            Training(experiment.config, work_dir, '--resume').finish()
            worst = max(worst, deviation(experiment, work_dir))
    return trainings, worst


def fill_disk(experiment: Experiment, folder: Path) -> tuple[str, float]:
    """Lets the disk be full in the middle of a checkpoint, then goes on.

    Returns:
        The last line of the failing training, and the deviation after the resume.
    """
    work_dir = folder / 'full'
    training = Training(experiment.config, work_dir)
    training.reach(2 * INTERVAL + 1)
    training.kill()
    limit = experiment.checkpoint_size // 2

    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    training = Training(experiment.config, work_dir, '--resume', prepare=limit_files)
    line = _last_line(*training.finish())
    Training(experiment.config, work_dir, '--resume').finish()
    return line, deviation(experiment, work_dir)


def crowd(experiment: Experiment, folder: Path) -> tuple[str, float]:
    """Starts a second training in the work dir of one that is running.

    Returns:
        The last line of the second, and the deviation of the first.
    """
    work_dir = folder / 'crowded'
    first = Training(experiment.config, work_dir)
    first.reach(1)
    # In the middle of an iteration: the second must find it still running.
    first.process.send_signal(signal.SIGSTOP)
    line = _last_line(*Training(experiment.config, work_dir).finish())
    first.process.send_signal(signal.SIGCONT)
    first.finish()
    return line, deviation(experiment, work_dir)


def kill_worker(experiment: Experiment, folder: Path) -> tuple[str, float]:
    """Kills a process that loads data, then goes on.

    Returns:
        The last line of the training, and the deviation after the resume.
    """
    work_dir = folder / 'worker'
    training = Training(experiment.config, work_dir)
    training.reach(INTERVAL + 1)
    for child in _children(training.process.pid):
        os.kill(child, signal.SIGKILL)
    line = _last_line(*training.finish())
    Training(experiment.config, work_dir, '--resume').finish()
    return line, deviation(experiment, work_dir)


def _children(pid: int) -> list[int]:
    names = Path(f'/proc/{pid}/task').glob('*/children')
    return [int(child) for name in names for child in name.read_text().split()]


def _last_line(code: int, output: str) -> str:
    last = (output.strip().splitlines() or [''])[-1]
    clear = code == 2 and 'Traceback' not in output
    return last if clear else f'exit code {code}: {last}'
