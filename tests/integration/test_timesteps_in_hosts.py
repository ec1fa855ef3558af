"""The time step of a backbone in the config of every host, by the hook alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.registry import HOOKS, MODEL_WRAPPERS, DefaultScope
from torch import nn

from diffmm.swapping.host_modules import build
from diffmm.testing.host_batches import synthetic_batches
from diffmm.testing.small_config import small_config
from tests.configs.shipped import load
from tests.models.perceptors.test_diffusion_perceptor import build as perceptor

CONFIGS = dict(
    mmseg='vpd_mini_fpn_1xb8-600_mini-ade20k-128x128',
    mmdet='faster-rcnn_mini_fpn_1xb8-1e_mini-coco-128x128',
    mmpose='td-hm_mini_1xb16-2e_mini-coco-128x96',
)
HOOK = dict(
    type='TimestepSamplingHook', timesteps=dict(type='UniformTimesteps', end=201)
)
AUGMENTATION = dict(type='TargetAugmentationHook', transforms=[dict(type='BlurTarget')])


def unet_inputs(model, run):
    """Timesteps and latents that the UNet sees, in its first pass."""
    seen = []
    handle = model.backbone.unet.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append((kwargs['timestep'], args[0])),
        with_kwargs=True,
    )
    with torch.no_grad():
        run()
    handle.remove()
    return seen[0]


@pytest.mark.parametrize('host', CONFIGS)
def test_a_timestep_for_every_image_of_a_host(host, monkeypatch):
    cfg = small_config(load(CONFIGS[host]), 64)
    cfg.model.backbone.update(
        pretrained=None, noise='ddpm', latent_scale=0.18215, timestep=1
    )
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope(host):
        model = build(cfg.model, host)
        train, test = synthetic_batches(cfg, 64)
        hook = HOOKS.build(HOOK)
        hook.before_train(SimpleNamespace(model=model, hooks=[hook]))
        hub = MessageHub.get_current_instance()

        def step(iteration, batch):
            for name, value in (('seed', 5), ('epoch', 0), ('iter', iteration)):
                monkeypatch.setitem(hub.runtime_info, name, value)
            data = model.train().data_preprocessor(batch, True)
            return unet_inputs(model, lambda: model(**data, mode='loss'))

        timesteps, latents = step(3, train)
        again, other = step(3, train), step(4, train)
        tested, _ = unet_inputs(model.eval(), lambda: model.test_step(test))
    assert timesteps.shape == (2,) and timesteps.max() <= 200
    # Timestep and noise belong to iteration and image.
    assert torch.equal(again[0], timesteps) and torch.equal(again[1], latents)
    assert not torch.equal(other[0], timesteps)
    assert not torch.equal(other[1], latents)
    assert tested == 1


class Wrapper(nn.Module):
    """A model as distributed training wraps it."""

    def __init__(self, module):
        super().__init__()
        self.module = module


def test_wrapped_models_are_unwrapped():
    MODEL_WRAPPERS.register_module(name='WrapperOfATest', module=Wrapper, force=True)
    model = perceptor()
    timesteps, augmentation = HOOKS.build(HOOK), HOOKS.build(AUGMENTATION)
    for hook in (timesteps, augmentation):
        hook.before_train(SimpleNamespace(model=Wrapper(model), hooks=[hook], iter=0))
    assert model.objective.timesteps is timesteps.sampler
    assert model.target_augmentation is augmentation.augmentation
