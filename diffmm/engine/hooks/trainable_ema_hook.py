"""Exponential moving average of the trained parameters."""

from __future__ import annotations

import logging
from itertools import chain

import torch
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.registry import HOOKS
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

_PREFIX = 'module.'


@HOOKS.register_module()
class TrainableEMAHook(Hook):
    """Averages the trainable parameters over the optimizer's steps.

    MMEngine's ``EMAHook`` copies the whole model, with its frozen Stable Diffusion.
    This hook keeps one tensor for each parameter with ``requires_grad=True``, and
    otherwise does the same:

    * after every step of the optimizer
      ``average = (1 - momentum) * average + momentum * parameter``; the first step
      copies. Iterations that only accumulate gradients do not count;
    * validation and test run with the averages;
    * in a checkpoint, ``state_dict`` holds the averages, which one deploys or starts
      from, and ``ema_state_dict`` the raw parameters, from which a resumed run
      continues exactly. The layout is that of ``EMAHook``: each of the two hooks
      resumes from the other's checkpoint;
    * a run that is resumed from a checkpoint without averages starts them anew and
      says so.

    Parameters are looked up when averaging begins, by their names in the unwrapped
    model, so DDP changes nothing. A parameter with several names is averaged once.
    Models sharded by FSDP or DeepSpeed are not supported.

    Example:
        >>> hook = HOOKS.build(dict(type='TrainableEMAHook', momentum=0.001))

    Args:
        momentum: Weight of the new parameters in ``(0, 1)``: 1 minus the decay.
        begin_iter: First iteration that is averaged, counted from 1; 0 means the
            first one.
        begin_epoch: First epoch that is averaged, counted from 1. Exclusive with
            ``begin_iter``.
        interval: Number of optimizer steps between two updates.
        update_buffers: Average the persistent floating-point buffers too (the
            statistics of batch norms), instead of using their latest values.
        warm_up: Average faster at first: update n, from 1 on, keeps at most the share
            ``(1 + n) / (10 + n)`` of the average, which begins with the parameters
            before the first step. This is the average of Stable Diffusion's original
            code and of InstructPix2Pix; the one of diffusers is one update behind.

    Raises:
        ValueError: An argument is out of range, averaging would begin after the end
            of training, or a parameter's type is too coarse for ``momentum``.
        TypeError: The optimizer wrapper does not tell when it steps.
    """

    # Above CheckpointHook: parameters are swapped back before it saves.
    priority = 'NORMAL'

    def __init__(
        self,
        momentum: float = 0.0002,
        begin_iter: int = 0,
        begin_epoch: int = 0,
        interval: int = 1,
        update_buffers: bool = False,
        warm_up: bool = False,
    ) -> None:
        if not 0 < momentum < 1:
            raise ValueError(f'momentum must lie between 0 and 1, but got {momentum}')
        if begin_iter < 0 or begin_epoch < 0:
            raise ValueError(
                'begin_iter and begin_epoch must not be negative, but got '
                f'{begin_iter} and {begin_epoch}'
            )
        if begin_iter and begin_epoch:
            raise ValueError(
                'set only one of begin_iter and begin_epoch, but got '
                f'{begin_iter} and {begin_epoch}'
            )
        if interval < 1:
            raise ValueError(f'interval must be at least 1, but got {interval}')
        self.momentum = momentum
        self.begin_iter = begin_iter
        self.begin_epoch = begin_epoch
        self.interval = interval
        self.update_buffers = update_buffers
        self.warm_up = warm_up
        self.steps = 0
        self.averages: dict[str, Tensor] = {}
        self._average = get_ema_multi_avg_fn(decay=1 - momentum)
        self._swapped = False

    def before_train(self, runner) -> None:
        """Checks that averaging can begin."""
        for begin, end, unit in (
            (self.begin_iter, runner.max_iters, 'iter'),
            (self.begin_epoch, runner.max_epochs, 'epoch'),
        ):
            if begin > end:
                raise ValueError(
                    f'begin_{unit}={begin} lies after the last {unit} {end}; lower it'
                )
        for wrapper in _optim_wrappers(runner):
            if not isinstance(wrapper, OptimWrapper):
                raise TypeError(
                    'TrainableEMAHook needs an OptimWrapper, which tells when it '
                    f'steps, but got {type(wrapper).__name__}; sharded strategies '
                    'are not supported'
                )

    def before_train_iter(
        self, runner, batch_idx: int, data_batch: DATA_BATCH = None
    ) -> None:
        """Takes the parameters before the first step, if the averages warm up."""
        if self.warm_up and not self.averages and self._started(runner):
            self.averages = self._copies(_unwrapped(runner))

    def after_train_iter(
        self,
        runner,
        batch_idx: int,
        data_batch: DATA_BATCH = None,
        outputs: dict | None = None,
    ) -> None:
        """Updates the averages if the optimizer has stepped."""
        stepped = any(w.should_update() for w in _optim_wrappers(runner))
        if not stepped or not self._started(runner):
            return
        model = _unwrapped(runner)
        if self.steps == 0 and not self.warm_up:
            self.averages = self._copies(model)
        elif self.steps % self.interval == 0:
            average = self._average
            if self.warm_up:
                number = self.steps // self.interval + 1
                decay = min(1 - self.momentum, (1 + number) / (10 + number))
                average = get_ema_multi_avg_fn(decay)
            average(list(self.averages.values()), self._sources(model), self.steps)
        self.steps += 1

    def before_val_epoch(self, runner) -> None:
        """Puts the averages into the model for validation."""
        self._swap(runner, to_averages=True)

    def after_val_epoch(self, runner, metrics: dict[str, float] | None = None) -> None:
        """Puts the raw parameters back for training."""
        self._swap(runner, to_averages=False)

    def before_test_epoch(self, runner) -> None:
        """Puts the averages into the model for the test."""
        self._swap(runner, to_averages=True)

    def after_test_epoch(self, runner, metrics: dict[str, float] | None = None) -> None:
        """Puts the raw parameters back."""
        self._swap(runner, to_averages=False)

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Writes averages to ``state_dict`` and raw values to ``ema_state_dict``.

        Raises:
            ValueError: ``state_dict`` does not have an averaged parameter's name.
        """
        state = checkpoint['state_dict']
        # While validating, the model (and so `state`) holds the averages already.
        kept = {name: value.cpu() for name, value in self.averages.items()}
        ema_state: dict[str, Tensor] = {'steps': torch.tensor(self.steps)}
        missing = set(kept)
        for alias, name in _aliases(_unwrapped(runner)).items():
            if name not in kept or alias not in state:
                continue
            missing.discard(name)
            if self._swapped:
                ema_state[_PREFIX + alias] = kept[name]
            else:
                ema_state[_PREFIX + alias] = state[alias]
                state[alias] = kept[name]
        if missing:
            raise ValueError(
                f"the model's state_dict lacks the averaged {sorted(missing)[:3]} "
                f'({len(missing)} in all): the model renames or drops trainable '
                'parameters when saved; remove TrainableEMAHook for it'
            )
        checkpoint['ema_state_dict'] = ema_state

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Takes the averages from a resumed checkpoint, or starts anew."""
        self.steps, self.averages, self._swapped = 0, {}, False
        if not runner._resume:
            return
        if 'ema_state_dict' not in checkpoint:
            print_log(
                'the checkpoint has no ema_state_dict: TrainableEMAHook starts its '
                'averages from the loaded parameters',
                logger='current',
                level=logging.WARNING,
            )
            return
        self._restore(_unwrapped(runner), checkpoint)

    def _restore(self, model: nn.Module, checkpoint: dict) -> None:
        """Reverses `before_save_checkpoint` on a loaded checkpoint."""
        state, ema_state = checkpoint['state_dict'], checkpoint['ema_state_dict']
        averages: dict[str, Tensor] = {}
        for key, raw in ema_state.items():
            name = key.removeprefix(_PREFIX)
            if name != key and name in state:
                averages[name], state[name] = state[name], raw
        self.steps = int(ema_state['steps'])
        if self.steps == 0:
            return
        tracked = self._tracked(model)
        fresh = [name for name in tracked if name not in averages]
        if fresh:
            print_log(
                f'the checkpoint has no average of {len(fresh)} trainable tensors '
                f'(first: {fresh[0]}): theirs start from the loaded values',
                logger='current',
                level=logging.WARNING,
            )
        for name, tensor in tracked.items():
            value = averages.get(name, state.get(name, tensor))
            # A copy: the loaded tensors belong to the checkpoint.
            self.averages[name] = value.to(tensor, copy=True)

    def _started(self, runner) -> bool:
        if self.begin_epoch:
            return runner.epoch + 1 >= self.begin_epoch
        return runner.iter + 1 >= self.begin_iter

    def _copies(self, model: nn.Module) -> dict[str, Tensor]:
        return {name: tensor.clone() for name, tensor in self._tracked(model).items()}

    def _tracked(self, model: nn.Module) -> dict[str, Tensor]:
        """The tensors to average, by their first name in the model."""
        tracked = {
            name: param.detach()
            for name, param in model.named_parameters()
            if param.requires_grad
        }
        for name, tensor in tracked.items():
            if self.momentum < torch.finfo(tensor.dtype).eps:
                raise ValueError(
                    f'{name} is {tensor.dtype}, too coarse for an average of momentum '
                    f'{self.momentum}: every update would be rounded away; keep '
                    'trainable parameters in float32 (AmpOptimWrapper does)'
                )
        if self.update_buffers:
            persistent = model.state_dict().keys()
            tracked.update(
                (name, buffer)
                for name, buffer in model.named_buffers()
                if buffer.is_floating_point() and name in persistent
            )
        return tracked

    def _sources(self, model: nn.Module) -> list[Tensor]:
        """The model's present tensors, in the order of the averages."""
        # Looked up anew: a module may replace a buffer or a parameter's tensor.
        tensors = dict(chain(model.named_parameters(), model.named_buffers()))
        return [tensors[name].detach() for name in self.averages]

    @torch.no_grad()
    def _swap(self, runner, to_averages: bool) -> None:
        """Exchanges the averages and the model's tensors, one at a time."""
        if not self.averages or self._swapped == to_averages:
            return
        sources = self._sources(_unwrapped(runner))
        for average, source in zip(self.averages.values(), sources, strict=True):
            held = source.clone()
            source.copy_(average)
            average.copy_(held)
        self._swapped = to_averages


def _unwrapped(runner) -> nn.Module:
    return runner.model.module if is_model_wrapper(runner.model) else runner.model


def _optim_wrappers(runner) -> list:
    wrapper = runner.optim_wrapper
    if isinstance(wrapper, OptimWrapperDict):
        return list(wrapper.values())
    return [wrapper]


def _aliases(model: nn.Module) -> dict[str, str]:
    """Maps every name of every tensor to the first name of the same tensor."""
    first: dict[int, str] = {}
    named = chain(
        model.named_parameters(remove_duplicate=False),
        model.named_buffers(remove_duplicate=False),
    )
    return {name: first.setdefault(id(tensor), name) for name, tensor in named}
