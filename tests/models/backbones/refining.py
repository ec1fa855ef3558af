"""A tiny backbone whose features a neck refines."""

from __future__ import annotations

from mmengine.registry import MODELS
from torch import nn

from tests import tiny

PROMPTS = dict(type='MetaPrompts', num_prompts=5)
OF_EACH_STEP = PROMPTS | dict(adapter=dict(type='MLPAdapter'))
REARRANGE = dict(
    type='PromptRearrangementNeck', in_channels=[16, 16, 32, 32], width=tiny.WIDTH
)
WITH_MAPS = REARRANGE | dict(in_channels=[16, 21, 37, 32])


class Model(nn.Module):
    """A backbone and its neck, as a host's model has them."""

    def __init__(self, steps, neck=None, num_steps=None, **options):
        super().__init__()
        options = dict(prompt=PROMPTS, refinement_steps=steps) | options
        self.backbone = tiny.build_backbone(**options)
        config = dict(type='RecurrentRefinementNeck', num_steps=num_steps or steps)
        self.neck = MODELS.build(config | dict(neck=neck))

    def forward(self, images):
        return self.neck(self.backbone(images))


def model(steps, learned=True, **options):
    return Model(steps, learned_timesteps=learned, **options)


def loss_of(maps):
    return sum(each.square().mean() for each in maps)


def gradients(model, images):
    model.zero_grad()
    loss_of(model(images)).backward()
    return {
        name: parameter.grad.clone()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
