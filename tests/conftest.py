"""The ground of every test: no network, one thread, fixed seeds, clean registries."""

from __future__ import annotations

import gc
import os

# Before anything imports huggingface_hub, which reads them once.
os.environ['HF_HUB_OFFLINE'] = '1'
os.environ['TRANSFORMERS_OFFLINE'] = '1'
os.environ['HF_HUB_DISABLE_TELEMETRY'] = '1'
os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('MPLBACKEND', 'Agg')

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import diffmm  # noqa: F401 - first: it makes mmcv's operators importable

# isort: split
import numpy as np
import pytest
import torch
from filelock import FileLock
from mmengine.registry import DefaultScope

from diffmm.operators import operator_status
from tests.config_cache import cache_config_files, leave_config_texts_unformatted
from tests.fork_differences import expect_differences

ROOT = Path(__file__).resolve().parents[1]

# What is imported stays: the collector need not look through it again and again.
gc.collect()
gc.freeze()
cache_config_files()
leave_config_texts_unformatted()


def pytest_report_header() -> str:
    """Say who computes mmcv's operators."""
    return str(operator_status())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect what is known to fail on the maintained fork."""
    expect_differences(items)


@pytest.fixture(scope='session', autouse=True)
def single_thread() -> None:
    """Make sums independent of the number of cores, and small tests faster."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def fixed_seeds() -> None:
    """Start every test from the same random state, whichever tests ran before."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def own_default_scope() -> Iterator[None]:
    """A test that starts a host leaves the next one no default scope."""
    before = DefaultScope._instance_dict.copy()
    yield
    DefaultScope._instance_dict.clear()
    DefaultScope._instance_dict.update(before)


@pytest.fixture
def no_safe_globals() -> Iterator[None]:
    """torch.load's allow-list emptied, and restored afterwards."""
    allowed = torch.serialization.get_safe_globals()
    torch.serialization.clear_safe_globals()
    yield
    torch.serialization.add_safe_globals(allowed)


@pytest.fixture(scope='session')
def repo_root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope='session')
def run_python() -> Callable[..., subprocess.CompletedProcess]:
    """Run this interpreter on a script or ``-m`` module, as a user would.

    ``run_python('tools/train.py', 'cfg.py', cwd=folder)``: the script is looked up in
    the repository, which is importable in the process. Output is captured as text;
    ``path`` adds folders to PYTHONPATH, in front.
    """

    def run(
        *arguments: object,
        cwd: Path | None = None,
        path: tuple[object, ...] = (),
        timeout: float = 120,
        **environment: str,
    ) -> subprocess.CompletedProcess:
        first, *rest = [str(argument) for argument in arguments]
        script = first if first.startswith('-') else str(ROOT / first)
        folders = [*map(str, path), str(ROOT), os.environ.get('PYTHONPATH', '')]
        return subprocess.run(
            [sys.executable, script, *rest],
            cwd=cwd or ROOT,
            env={
                **os.environ,
                'PYTHONPATH': os.pathsep.join(filter(None, folders)),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture(scope='session')
def draw_once(tmp_path_factory) -> Callable[..., Path]:
    """Draws a world that all processes of this session read; none may change it."""
    from diffmm.mini_world import generate

    folder = tmp_path_factory.getbasetemp()
    if 'PYTEST_XDIST_WORKER' in os.environ:
        folder = folder.parent

    def draw(name: str, layout: str, **options: int) -> Path:
        drawn = folder / f'{name}.drawn'
        with FileLock(folder / f'{name}.lock'):
            if not drawn.exists():
                generate(folder / name, layout, **options)
                drawn.touch()
        return folder / name

    return draw


@pytest.fixture(scope='session')
def mini_coco(draw_once) -> Path:
    """COCO's layout: 24 scenes to train on, 8 to validate, with persons."""
    return draw_once('mini_coco', 'coco', num_train=24, num_val=8, size=128)


@pytest.fixture(scope='session')
def mini_worlds(draw_once) -> Path:
    """Every layout in a folder of its name: 24 and 12 scenes of 96 pixels."""
    return draw_once('mini_worlds', 'all', num_train=24, num_val=12, size=96)
