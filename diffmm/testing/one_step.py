"""One training step and one prediction of a config, without data or weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from mmengine.config import Config
from mmengine.logging import MessageHub
from mmengine.model import revert_sync_batchnorm
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DefaultScope
from torch import nn

from diffmm.swapping import check_feature_contract
from diffmm.swapping.host_modules import build

from .host_batches import synthetic_batches
from .small_config import small_config


@dataclass(frozen=True)
class StepResult:
    """The outcome of a step.

    Attributes:
        loss: Sum of the losses.
        parameters_without_gradient: Names of such parameters of the backbone and of
            `StridePyramidNeck`. If there are any, distributed training needs
            ``find_unused_parameters=True``.
        predictions: Number of images that got a prediction.
    """

    loss: float
    parameters_without_gradient: tuple[str, ...]
    predictions: int


def run_one_step(cfg: Config, side: int = 128) -> StepResult:
    """Builds a model with random weights, trains it one step and lets it predict.

    The config's own optimizer is used. `small_config` lists what is changed.

    Args:
        cfg: Config of mmseg, mmdet or mmpose; not modified.
        side: Height and width of the images; pose configs have their own.

    Returns:
        The outcome.

    Raises:
        SwapError: If neck or heads do not fit the backbone.
        ValueError: If the loss is not finite, if an image gets no prediction, or if a
            parameter gets no gradient although ``find_unused_parameters`` is off.
    """
    cfg = small_config(cfg, side)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope(cfg.default_scope):
        model = revert_sync_batchnorm(build(cfg.model, cfg.default_scope))
        check_feature_contract(model)
        model.init_weights()
        train, test = synthetic_batches(cfg, side)
        loss, idle = _train(model, cfg, train)
        predictions = _predict(model, test)
    if idle and not cfg.get('find_unused_parameters'):
        raise ValueError(
            f'{len(idle)} parameters got no gradient, although find_unused_parameters '
            f'is off: {idle[:3]} ...'
        )
    return StepResult(loss, idle, predictions)


def _train(model: nn.Module, cfg: Config, batch: dict) -> tuple[float, tuple[str, ...]]:
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    model.train()
    # The runner sets these; TOOD and others change with the epoch.
    for name in ('epoch', 'iter'):
        MessageHub.get_current_instance().update_info(name, 0)
    data = model.data_preprocessor(batch, True)
    loss, _ = model.parse_losses(model(**data, mode='loss'))
    if not torch.isfinite(loss):
        raise ValueError(f'the loss is {loss.item()}')
    wrapper.backward(loss)
    idle = tuple(
        name
        for name, parameter in model.named_parameters()
        if name.startswith(('backbone.', 'neck.upsample.'))
        and parameter.requires_grad
        and parameter.grad is None
    )
    wrapper.step()
    return loss.item(), idle


def _predict(model: nn.Module, batch: dict) -> int:
    model.eval()
    with torch.no_grad():
        samples = model.test_step(batch)
    missing = [index for index, sample in enumerate(samples) if not _predicted(sample)]
    if missing or len(samples) != len(batch['inputs']):
        raise ValueError(
            f'{len(samples)} predictions for {len(batch["inputs"])} images; without '
            f'any: {missing}'
        )
    return len(samples)


def _predicted(sample: Any) -> bool:
    names = ('pred_sem_seg', 'pred_depth_map', 'pred_instances', 'pred_panoptic_seg')
    return any(name in sample for name in names)
