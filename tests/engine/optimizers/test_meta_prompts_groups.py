"""Learning rate and decay of every kind of parameter that Meta Prompts adds."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import MODELS
from torch import nn

from tests import tiny

SCHEDULES = Path(__file__).parents[3] / 'configs/_base_/schedules'
ADAPTER = dict(type='MLPAdapter')
CHANNELS = [16, 16, 32, 32]


class Model(nn.Module):
    """Backbone and neck under the names that every host gives them."""

    def __init__(self, prompt, rearrange):
        super().__init__()
        self.backbone = tiny.build_backbone(
            prompt=dict(type='MetaPrompts', num_prompts=5) | prompt,
            refinement_steps=3,
            learned_timesteps=True,
        )
        neck = dict(type=rearrange, in_channels=CHANNELS, width=tiny.WIDTH)
        self.neck = MODELS.build(
            dict(type='RecurrentRefinementNeck', num_steps=3, neck=neck)
        )


def groups_of(model, schedule):
    """The optimizer's groups, and ``{name: (lr, weight decay)}``."""
    with tiny.quiet():
        cfg = Config.fromfile(SCHEDULES / schedule).optim_wrapper
        groups = build_optim_wrapper(model, cfg).optimizer.param_groups
    options = {
        id(parameter): (group['lr'], group['weight_decay'])
        for group in groups
        for parameter in group['params']
    }
    found = {
        name: options[id(parameter)]
        for name, parameter in model.named_parameters()
        if id(parameter) in options
    }
    return groups, found


def check(found, expected):
    for name, options in expected.items():
        assert found[name] == pytest.approx(options), name


def test_segmentation():
    """As VPD's; prompts and time embeddings at the full rate, with decay."""
    model = Model({}, 'PromptRearrangementNeck')
    groups, found = groups_of(model, 'vpd_80k.py')
    assert len(groups) == 3
    full, tenth, norm = (8e-5, 1e-3), (8e-6, 1e-3), (8e-5, 0.0)
    check(
        found,
        {
            'backbone.prompt.embeddings': full,
            'backbone.time_embeddings': full,
            'neck.neck.levels.0.conv.weight': full,
            'neck.neck.levels.3.conv.bias': full,
            'neck.neck.levels.3.norm.weight': full,
            'backbone.unet.conv_in.weight': tenth,
            'backbone.unet.conv_norm_out.weight': tenth,
            'backbone.unet.conv_norm_out.bias': tenth,
            'backbone.unet.conv_out.weight': tenth,
            'backbone.unet.conv_out.bias': tenth,
            'backbone.unet.up_blocks.1.resnets.0.norm1.weight': tenth,
            'backbone.unet.up_blocks.1.attentions.2.norm.bias': norm,
            'backbone.unet.mid_block.attentions.0.transformer_blocks.0.norm2.weight': (
                norm
            ),
        },
    )


def test_depth_estimation():
    """As VPD's: the UNet at a hundredth, vectors without decay."""
    model = Model(dict(num_steps=3, adapter=ADAPTER), 'FusedPromptRearrangementNeck')
    groups, found = groups_of(model, 'vpd_depth_25e.py')
    assert len(groups) == 4
    check(
        found,
        {
            'backbone.prompt.embeddings': (5e-4, 0.1),
            'backbone.time_embeddings': (5e-4, 0.1),
            'backbone.prompt.adapter.2.mlp.0.weight': (5e-4, 0.1),
            'backbone.prompt.adapter.2.mlp.2.bias': (5e-4, 0.0),
            'neck.neck.laterals.3.0.weight': (5e-4, 0.1),
            'neck.neck.laterals.0.1.weight': (5e-4, 0.0),
            'neck.neck.fuse.conv.weight': (5e-4, 0.1),
            'neck.neck.fuse.norm.bias': (5e-4, 0.0),
            'backbone.unet.conv_out.weight': (5e-6, 0.1),
            'backbone.unet.conv_out.bias': (5e-6, 0.0),
            'backbone.unet.conv_norm_out.weight': (5e-6, 0.0),
            'backbone.unet.conv_in.weight': (5e-6, 0.1),
        },
    )


@pytest.mark.parametrize('schedule', ['vpd_80k.py', 'vpd_depth_25e.py'])
def test_everything_trains_but_the_image_encoder(schedule):
    model = Model({}, 'PromptRearrangementNeck')
    _, found = groups_of(model, schedule)
    left = {name for name, _ in model.named_parameters()} - set(found)
    assert left
    assert all(name.startswith('backbone.vae.') for name in left)
    # One set of embeddings or one step's alone is a matrix, too: it decays.
    assert model.backbone.time_embeddings.ndim == 2
