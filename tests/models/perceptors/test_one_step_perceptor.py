from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from mmengine.registry import MODELS

from tests import tiny
from tests.models.perceptors.test_diffusion_perceptor import samples

LOSSES = dict(
    squared=dict(type='SquaredDepthLoss'),
    aligned=dict(type='AlignedDepthLoss', meters=True, loss_weight=0.5),
)


def build(**options):
    torch.manual_seed(0)
    config = dict(
        type='OneStepPerceptor',
        arch=deepcopy(tiny.ARCHITECTURE),
        codec=dict(type='AffineDepthCodec'),
        objective=dict(
            schedule=dict(prediction_type='v_prediction'),
            timesteps=dict(type='UniformTimesteps', begin=999),
        ),
        losses=LOSSES,
    )
    return MODELS.build(config | options)


@pytest.mark.parametrize('kind', ['ImageCondition', 'ImageInput'])
def test_a_step_reaches_every_parameter_that_trains(kind):
    model = build(condition=dict(type=kind), gradient_checkpointing=True).train()
    assert model.unet.config.in_channels == dict(ImageInput=4).get(kind, 8)
    losses = model(tiny.image(64, 80, 2), samples(2, 64, 80), mode='loss')
    assert set(losses) == {'loss_squared', 'loss_aligned'}
    sum(losses.values()).backward()
    named = dict(model.named_parameters())
    assert not [n for n, p in named.items() if p.requires_grad and p.grad is None]
    assert {n.split('.')[0] for n, p in named.items() if not p.requires_grad} == {'vae'}


def test_one_pass_without_noise():
    model = build(timestep=7).eval()
    calls = []
    model.unet.register_forward_pre_hook(lambda _, args: calls.append(args))
    images = tiny.image(67, 101, 2)
    depth = model(images)
    ((seen, timesteps, _),) = calls
    assert depth.shape == (2, 1, 67, 101) and timesteps.tolist() == [7, 7]
    assert not seen.chunk(2, dim=1)[1].any()
    assert torch.equal(model(images), depth)


def test_pixels_without_depth_do_not_count():
    model = build(losses=dict(squared=LOSSES['squared'])).train()
    images, batch = tiny.image(64, 64, 2), samples()
    batch[1].gt_depth_map.data.fill_(0)
    batch[1].set_metainfo(dict(depth_quantiles=(float('nan'), float('nan'))))
    with pytest.warns(UserWarning, match='1 of 2 depth maps'):
        both = model.loss(images, batch)['loss_squared']
    alone = model.loss(images[:1], batch[:1])['loss_squared']
    torch.testing.assert_close(both, alone, rtol=1e-4, atol=1e-5)
    empty = model.loss(images[1:], batch[1:])['loss_squared']
    assert empty == 0


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(losses={}), 'losses must name at least one'),
        (dict(timestep=1000), r'timestep must be in \[0, 1000\), got 1000'),
        (dict(sampler=dict(steps=4)), "takes no sampler, got {'steps': 4}"),
        (dict(ensemble=dict(type='DepthEnsemble')), 'predicts the same every time'),
    ],
    ids=str,
)
def test_options_that_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)
