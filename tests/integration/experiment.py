"""A small experiment on the mini world that the launchers can run in seconds."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MINI = ROOT / 'configs/vpd/vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
DETECTION = ROOT / 'configs/detection/faster-rcnn_mini_fpn_1xb8-1e_mini-coco-128x128.py'
POSE = ROOT / 'configs/pose/td-hm_mini_1xb16-2e_mini-coco-128x96.py'
# As a user's shell would have it, with the virtual environment active.
ENVIRONMENT = {
    **os.environ,
    'PATH': os.pathsep.join([str(Path(sys.executable).parent), os.environ['PATH']]),
    'PYTHONPATH': str(ROOT),
    'OMP_NUM_THREADS': '1',
}
_CONFIG = """
_base_ = {base!r}
custom_imports = dict(
    imports=['diffmm', 'tests.loss_recorder_hook'], allow_failed_imports=False
)
train_dataloader = dict(batch_size={batch_size}, dataset=dict(data_root={data!r}))
val_dataloader = dict(num_workers=0, persistent_workers=False,
                      dataset=dict(data_root={data!r}))
param_scheduler = [
    dict(type='PolyLR', power=1.0, eta_min=0.0, begin=0, end=12, by_epoch=False)]
train_cfg = dict(max_iters=12, val_interval=12)
default_hooks = dict(
    logger=dict(interval=1), checkpoint=dict(interval=4, save_best=None))
custom_hooks = [
    dict(type='IterationSeedHook'),
    dict(type='LossRecorderHook', path={losses!r}),
]
"""

# What is random per process (augmentation, dropout) would differ by design. AdamW turns
# the rounding of a vanishing gradient into a full step, so at the mini's large learning
# rate the two runs drift apart; this is the one of the full-size recipe.
DETERMINISTIC = """
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', reduce_zero_label=True),
    dict(type='PackSegInputs'),
]
train_dataloader['dataset']['pipeline'] = train_pipeline
model = dict(decode_head=dict(dropout_ratio=0))
optim_wrapper = dict(optimizer=dict(lr=8e-5))
"""


def write_experiment(
    folder: Path, name: str, data: Path, batch_size: int = 2, more: str = ''
) -> tuple[Path, Path]:
    """Writes a config of 12 iterations with a checkpoint every 4.

    Returns:
        The config, and the file that its losses will be recorded in.
    """
    config, losses = folder / f'{name}.py', folder / f'{name}.jsonl'
    text = _CONFIG.format(
        base=str(MINI), data=str(data), losses=str(losses), batch_size=batch_size
    )
    config.write_text(text + more)
    return config, losses


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def run(*command: object) -> str:
    """Runs a command in the repository and returns what it printed.

    Raises:
        AssertionError: If it fails.
    """
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**ENVIRONMENT, 'PORT': str(free_port())},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    log = done.stdout + done.stderr
    assert done.returncode == 0, log[-3000:]
    return log
