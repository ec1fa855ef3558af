"""A partly frozen model and a runner that records it, for the tests of the EMA."""

import copy
import os

import torch
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.registry import HOOKS, MODELS
from torch import nn

from diffmm.engine import TrainableEMAHook
from tests.engine.hooks.registering_test_case import RegisteringTestCase

MOMENTUM = 0.3


class PartlyFrozen(BaseModel):
    """A frozen layer, a batch norm and two trainable layers that share a weight."""

    def __init__(self):
        super().__init__()
        self.frozen = nn.Linear(2, 64).requires_grad_(False)
        self.norm = nn.BatchNorm1d(64)
        self.head = nn.Linear(64, 1, bias=False)
        self.alias = nn.Sequential(self.head)
        self.register_buffer('mean', torch.ones(1), persistent=False)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        inputs, targets = torch.stack(inputs), torch.stack(data_samples)
        outputs = self.alias(self.norm(self.frozen(inputs)))[:, 0]
        if mode == 'loss':
            return dict(loss=(outputs - targets).square().mean())
        return list(outputs)


class Snapshots(Hook):
    """Parameters after every training iteration and during validation."""

    priority = 'VERY_LOW'

    def __init__(self):
        self.trained, self.validated = [], []

    def after_train_iter(self, runner, **_):
        self.trained.append(snapshot(runner.model))

    def before_val_iter(self, runner, **_):
        self.validated.append(snapshot(runner.model))


class SaveInValidation(Hook):
    """Saves a checkpoint while the averages are in the model."""

    def before_val_iter(self, runner, batch_idx, **_):
        if batch_idx == 0:
            runner.save_checkpoint(runner.work_dir, 'in_val.pth', by_epoch=False)


def snapshot(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def average_of(states, name, interval=1):
    """The recurrence, written out."""
    average = states[0][name].clone()
    for step, state in enumerate(states[1:], 1):
        if step % interval == 0:
            average = (1 - MOMENTUM) * average + MOMENTUM * state[name]
    return average


def get_hook(runner, kind=TrainableEMAHook):
    (hook,) = [hook for hook in runner.hooks if isinstance(hook, kind)]
    return hook


class EMATestCase(RegisteringTestCase):
    modules = (
        (MODELS, PartlyFrozen),
        (HOOKS, Snapshots),
        (HOOKS, SaveInValidation),
    )

    def config(self, name='run', iters=6, epochs=None, **ema):
        cfg = copy.deepcopy(self.epoch_based_cfg if epochs else self.iter_based_cfg)
        cfg.work_dir = os.path.join(self.temp_dir.name, name)
        cfg.model = dict(type='PartlyFrozen')
        cfg.optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01, momentum=0.9))
        cfg.randomness = dict(seed=0)
        if epochs:
            cfg.train_cfg.max_epochs = epochs
        else:
            cfg.train_cfg = dict(by_epoch=False, max_iters=iters, val_interval=iters)
            cfg.default_hooks.checkpoint.interval = iters
        ema = dict(type='TrainableEMAHook', momentum=MOMENTUM, **ema)
        cfg.custom_hooks = [dict(type='Snapshots'), ema]
        return cfg

    def train(self, cfg):
        """Train and return the runner and its last checkpoint."""
        runner = self.build_runner(cfg)
        runner.train()
        with open(os.path.join(cfg.work_dir, 'last_checkpoint')) as file:
            path = file.read()
        return runner, torch.load(path, weights_only=True)
