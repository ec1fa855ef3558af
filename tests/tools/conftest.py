from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TOY = """
custom_imports = dict(
    imports=['toy_experiment', 'diffmm'], allow_failed_imports=False)
model = dict(type='ToyModel')
train_dataloader = dict(
    batch_size=2, num_workers=0, collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='ToyDataset'))
val_dataloader = dict(
    batch_size=2, num_workers=0, collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='ToyDataset'))
test_dataloader = val_dataloader
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1))
train_cfg = dict(by_epoch=False, max_iters=4, val_interval=4)
val_cfg = dict()
test_cfg = dict()
val_evaluator = dict(type='ToyMetric')
test_evaluator = val_evaluator
default_hooks = dict(
    checkpoint=dict(type='CheckpointHook', by_epoch=False, interval=2),
    logger=dict(type='LoggerHook', interval=1))
log_processor = dict(by_epoch=False)
env_cfg = dict(dist_cfg=dict(backend='gloo'))
randomness = dict(seed=0)
"""


@pytest.fixture
def toy_config(tmp_path):
    """Write the toy experiment, with lines added, and return its path."""

    def write(extra: str = '', name: str = 'toy.py') -> Path:
        path = tmp_path / name
        path.write_text(TOY + extra)
        return path

    return write


@pytest.fixture(scope='session')
def load_tool(repo_root):
    """Import a script of ``tools/`` as a module."""

    def load(name):
        path = repo_root / 'tools' / f'{name}.py'
        spec = importlib.util.spec_from_file_location(f'tools_{name}', path)
        module = importlib.util.module_from_spec(spec)
        # A script imports the modules beside it.
        sys.path.insert(0, str(path.parent))
        try:
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(str(path.parent))
        return module

    return load


@pytest.fixture
def call_tool(load_tool, monkeypatch, tmp_path):
    """Run the ``main`` of a script in this process, in an empty folder.

    The experiment gets a name of its own, as mmengine keeps loggers by that name.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('LOCAL_RANK', '0')
    monkeypatch.syspath_prepend(HERE)

    def call(name, *arguments, options=()):
        unique = f'experiment_name={uuid.uuid4().hex}'
        argv = [name, *map(str, arguments), '--cfg-options', unique, *options]
        monkeypatch.setattr(sys, 'argv', argv)
        load_tool(name).main()

    return call


@pytest.fixture
def run_dist(repo_root, tmp_path):
    """Run a launch script of ``tools/`` with this interpreter, on a free port."""

    def run(script, *arguments):
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        folders = [str(Path(sys.executable).parent), os.environ['PATH']]
        environment = {
            **os.environ,
            'PATH': os.pathsep.join(folders),
            'PYTHONPATH': str(HERE),
            'PORT': str(port),
        }
        return subprocess.run(
            ['bash', str(repo_root / 'tools' / script), *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run
