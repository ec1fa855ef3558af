"""Tests of the plain UNet that the benchmark compares with."""

import pytest
import torch
from diffusers import UNet2DConditionModel

from diffmm.benchmark import PlainPass


@pytest.fixture
def inputs(build_backbone):
    return torch.randn(1, 4, 8, 8), build_backbone().prompt(1).detach()


def test_is_diffusers_own_class_on_shared_weights(build_backbone):
    unet = build_backbone().unet

    plain = PlainPass(unet, timestep=1).unet

    assert type(plain) is UNet2DConditionModel
    own = dict(unet.named_parameters())
    shared = {n: p for n, p in plain.named_parameters() if n in own}
    assert len(shared) == len(own)
    assert all(p.data_ptr() == own[n].data_ptr() for n, p in shared.items())
    new = {name.split('.')[0] for name, _ in plain.named_parameters()} - {
        name.split('.')[0] for name in own
    }
    assert new == {'conv_norm_out', 'conv_out'}


def test_of_a_unet_with_output_layer_and_without_timesteps(build_backbone, inputs):
    unet = build_backbone(refinement_steps=2, learned_timesteps=True).unet
    plain = PlainPass(unet, timestep=1)

    own = dict(unet.named_parameters())
    new = {
        name.split('.')[0]
        for name, parameter in plain.unet.named_parameters()
        if name not in own or parameter.data_ptr() != own[name].data_ptr()
    }
    assert new == {'time_embedding'}
    assert plain(*inputs)[0].isfinite().all()


def test_gradients_are_its_own(build_backbone, inputs):
    unet = build_backbone(trainable='none').unet
    plain = PlainPass(unet, timestep=1)

    plain(*inputs)[0].mean().backward()

    assert all(p.grad is not None for p in plain.parameters())
    assert all(p.grad is None for p in unet.parameters())


def test_predicts_noise(build_backbone, inputs):
    plain = PlainPass(build_backbone().unet, timestep=1)

    (prediction,) = plain(*inputs)

    assert prediction.shape == inputs[0].shape
    assert prediction.isfinite().all()


def test_leaves_low_rank_adapters_out(build_backbone, inputs):
    unet = build_backbone(trainable=dict(type='lora', rank=2)).unet
    plain = PlainPass(unet, timestep=1)

    assert not any('lora' in name for name, _ in plain.named_parameters())
    assert plain(*inputs)[0].isfinite().all()


def test_a_foreign_unet_is_refused(build_backbone):
    unet = build_backbone().unet
    del unet.conv_in

    with pytest.raises(ValueError, match='conv_in.weight'):
        PlainPass(unet, timestep=1)
