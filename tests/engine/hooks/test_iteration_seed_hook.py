import copy
import os
import random

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, HOOKS, MODELS
from torch import nn
from torch.utils.data import Dataset

from diffmm.engine import IterationSeedHook
from tests.engine.hooks.registering_test_case import RegisteringTestCase


class Killed(RuntimeError):
    """Stands for the end of the process."""


class NoisyData(Dataset):
    """Samples with augmentations drawn from NumPy's and Python's generators."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        noise = np.random.uniform(-0.1, 0.1) + random.uniform(-0.1, 0.1)
        inputs = torch.tensor([float(index), 1.0]) + noise
        return dict(inputs=inputs, data_samples=torch.tensor(1.0))


class Dropping(BaseModel):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 1))

    def forward(self, inputs, data_samples=None, mode='tensor'):
        outputs = self.layers(torch.stack(inputs) + 0.1 * torch.randn(3, 2))[:, 0]
        if mode == 'loss':
            return dict(loss=(outputs - torch.stack(data_samples)).square().mean())
        return list(outputs)


class LossRecord(Hook):
    """Losses and inputs by iteration; raises after the iteration ``kill_after``."""

    priority = 'VERY_LOW'

    def __init__(self, kill_after=None):
        self.losses, self.inputs, self.kill_after = {}, {}, kill_after

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.losses[runner.iter] = outputs['loss'].item()
        self.inputs[runner.iter] = torch.stack(data_batch['inputs']).tolist()
        if runner.iter + 1 == self.kill_after:
            raise Killed


class TestIterationSeedHook(RegisteringTestCase):
    modules = (
        (DATASETS, NoisyData),
        (MODELS, Dropping),
        (HOOKS, LossRecord),
    )

    def config(self, name, workers=0, seeded=True, seed=7):
        cfg = copy.deepcopy(self.iter_based_cfg)
        cfg.work_dir = os.path.join(self.temp_dir.name, name)
        cfg.model = dict(type='Dropping')
        cfg.optim_wrapper = dict(optimizer=dict(type='SGD', lr=1e-3))
        cfg.train_dataloader.dataset = dict(type='NoisyData')
        cfg.train_dataloader.num_workers = workers
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
        cfg.train_cfg = dict(by_epoch=False, max_iters=9)
        cfg.default_hooks.checkpoint.interval = 4
        cfg.randomness = dict(seed=seed)
        cfg.custom_hooks = [dict(type='LossRecord')]
        if seeded:
            cfg.custom_hooks.append(dict(type='IterationSeedHook'))
        return cfg

    def train(self, cfg):
        runner = self.build_runner(cfg)
        try:
            runner.train()
        except Killed:
            pass
        finally:
            # Ends the worker processes now, and not when the runner is collected.
            runner.train_loop.dataloader_iterator = None
        (record,) = [hook for hook in runner.hooks if isinstance(hook, LossRecord)]
        return record

    def resume(self, name, **options):
        """Kill a run after 6 iterations, resume it from its checkpoint at 4."""
        cfg = self.config(name, **options)
        cfg.custom_hooks[0].kill_after = 6
        assert sorted(self.train(cfg).losses) == list(range(6))
        cfg = self.config(name, **options)
        cfg.resume = True
        record = self.train(cfg)
        assert sorted(record.losses) == list(range(4, 9))
        return record

    def test_resumed_losses_are_those_of_the_uninterrupted_run(self):
        for workers in (0, 2):
            whole = self.train(self.config(f'whole{workers}', workers=workers))
            resumed = self.resume(f'parts{workers}', workers=workers)
            for step, loss in resumed.losses.items():
                self.assertEqual(loss, whole.losses[step])
                self.assertEqual(resumed.inputs[step], whole.inputs[step])

    def test_without_the_hook_they_differ(self):
        whole = self.train(self.config('whole', seeded=False))
        resumed = self.resume('parts', seeded=False)
        self.assertNotEqual(resumed.losses[4], whole.losses[4])

    def test_data_are_those_of_a_run_without_the_hook(self):
        for workers in (0, 2):
            records = [
                self.train(self.config(f'{seeded}{workers}', workers, seeded))
                for seeded in (True, False)
            ]
            self.assertEqual(records[0].inputs, records[1].inputs)

    def test_steps_and_seeds_draw_differently(self):
        losses = self.train(self.config('one')).losses
        other = self.train(self.config('two', seed=8)).losses
        self.assertEqual(len({*losses.values(), *other.values()}), 18)


class FakeRunner:
    def __init__(self, seed=0, rank=0, step=0):
        self.seed, self.rank, self.iter = seed, rank, step


def draw(**runner):
    IterationSeedHook().before_train_iter(FakeRunner(**runner), batch_idx=0)
    return torch.rand(4).tolist()


def test_draws_depend_on_seed_rank_and_iteration_only():
    first = draw(seed=1, rank=2, step=3)
    torch.rand(100)
    assert draw(seed=1, rank=2, step=3) == first
    draws = [
        draw(seed=seed, rank=rank, step=step)
        for seed in range(3)
        for rank in range(3)
        for step in range(3)
    ]
    assert len({tuple(values) for values in draws}) == 27


def test_other_generators_are_left_alone():
    np.random.seed(0)
    random.seed(0)
    expected = np.random.rand(), random.random()
    np.random.seed(0)
    random.seed(0)
    draw()
    assert (np.random.rand(), random.random()) == expected
