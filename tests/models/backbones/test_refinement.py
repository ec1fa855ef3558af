"""Refinement steps: every pass but the first starts from a prediction."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy

import pytest
import torch
from diffusers import UNet2DConditionModel
from mmengine.model import ExponentialMovingAverage
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from diffmm.models.backbones import DiffusionFeatures
from tests import tiny
from tests.models.backbones.refining import (
    OF_EACH_STEP,
    REARRANGE,
    WITH_MAPS,
    gradients,
    loss_of,
    model,
)


@pytest.fixture
def images():
    return tiny.image(64, 128, batch=2)


@pytest.mark.parametrize('learned', [False, True], ids=['timestep', 'learned'])
def test_one_step_needs_no_output_layer(images, learned):
    single = model(1, learned)
    features = single.backbone(images)
    assert single.neck(features) is features
    assert not hasattr(single.backbone.unet, 'conv_out')


def latents_of(backbone, images):
    return backbone.vae(images)


def test_each_step_denoises_what_the_one_before_predicted(images):
    """With a fixed timestep, it is what the plain UNet does with its own output."""
    backbone = model(3, learned=False).backbone
    plain = UNet2DConditionModel(**tiny.UNET)
    plain.load_state_dict(backbone.unet.state_dict())
    with torch.no_grad():
        refined = backbone(images)
        latents = latents_of(backbone, images)
        first = refined.denoise(latents)
        for _ in range(2):
            latents = plain(latents, 1, refined.context).sample
        expected = backbone.unet(latents, refined.context).maps
    assert isinstance(refined, DiffusionFeatures)
    tiny.assert_same_features([refined.latents], [latents])
    tiny.assert_same_features(refined, expected)
    assert refined.prediction is None
    assert refined.num_steps == 3
    assert not torch.allclose(refined[0], first[0], atol=1e-3)


def test_attention_maps_are_those_of_the_last_pass(images):
    backbone = model(2, attention=dict(max_size=32)).backbone
    with torch.no_grad():
        refined = backbone(images)
        last = refined.denoise(refined.latents, step=1)
        first = refined.denoise(latents_of(backbone, images))
    for stride, attention in refined.attention_maps.items():
        torch.testing.assert_close(attention, last.attention_maps[stride])
        assert not torch.allclose(attention, first.attention_maps[stride], atol=1e-4)


def test_each_step_has_its_own_time_embedding(images):
    backbone = model(3).backbone
    assert backbone.time_embeddings.shape == (3, 64)
    with torch.no_grad():
        refined = backbone(images)
        latents = latents_of(backbone, images)
        for embedding in backbone.time_embeddings:
            output = backbone.unet(
                latents, refined.context, time_embedding=embedding[None], predict=True
            )
            latents = output.prediction
        tiny.assert_same_features(refined, output.maps)


def test_each_step_may_have_its_own_prompts(images):
    backbone = model(2, prompt=OF_EACH_STEP | dict(num_steps=2)).backbone
    with torch.no_grad():
        refined = backbone(images)
        first = refined.denoise(latents_of(backbone, images))
        context = backbone.prompt.at_step(first.context, 1)
        assert not torch.equal(context, first.context)
        assert torch.equal(refined.context, context)
        expected = backbone.unet(
            first.prediction, context, time_embedding=backbone.time_embeddings[1:]
        )
    tiny.assert_same_features(refined, expected.maps)


def test_the_gradient_flows_through_all_steps(images):
    refining = model(3, prompt=OF_EACH_STEP | dict(num_steps=3))
    found = gradients(refining, images)
    embeddings = found['backbone.time_embeddings']
    assert (embeddings.abs().amax(dim=1) > 0).all()
    prompts = found['backbone.prompt.embeddings']
    assert (prompts.abs().amax(dim=(1, 2)) > 0).all()
    assert found['backbone.unet.conv_out.weight'].abs().max() > 0
    # It is that of one graph, not of three: the first embedding's by differences.
    step = 1e-2 * embeddings[0] / embeddings[0].norm()
    losses = []
    with torch.no_grad():
        for sign in (1, -1):
            refining.backbone.time_embeddings[0] += sign * step
            losses.append(loss_of(refining(images)).item())
            refining.backbone.time_embeddings[0] -= sign * step
    slope = (losses[0] - losses[1]) / (2 * step.norm().item())
    assert slope == pytest.approx(embeddings[0].norm().item(), rel=0.05)


@pytest.mark.parametrize('steps', [1, 3])
@pytest.mark.parametrize('attention', [None, dict(max_size=32, gradient=True)])
def test_gradient_checkpointing_changes_nothing(images, steps, attention):
    neck = WITH_MAPS if attention else REARRANGE
    refining = model(steps, neck=neck, attention=attention)
    again = deepcopy(refining)
    again.backbone.unet.enable_gradient_checkpointing()
    tiny.assert_same_features(again(images), refining(images), 0)
    expected = gradients(refining, images)
    for name, gradient in gradients(again, images).items():
        scale = expected[name].abs().max().item() + 1e-6
        torch.testing.assert_close(
            gradient, expected[name], rtol=0, atol=1e-4 * scale, msg=name
        )


@pytest.fixture
def process_group(tmp_path):
    distributed.init_process_group(
        'gloo', init_method=f'file://{tmp_path}/store', rank=0, world_size=1
    )
    yield
    distributed.destroy_process_group()


@pytest.mark.parametrize('checkpointing', [False, True])
@pytest.mark.parametrize('steps', [1, 2, 3])
@pytest.mark.parametrize('learned', [False, True], ids=['timestep', 'learned'])
def test_ddp_finds_no_unused_parameter(
    process_group, images, steps, learned, checkpointing
):
    prompt = OF_EACH_STEP | dict(num_steps=steps)
    options = dict(attention=dict(max_size=32), gradient_checkpointing=checkpointing)
    refining = model(steps, learned, prompt=prompt, neck=WITH_MAPS, **options)
    wrapped = DistributedDataParallel(refining, find_unused_parameters=False)
    for _ in range(2):  # the second forward complains about unused parameters
        gradients(wrapped, images[..., :64])


@pytest.mark.parametrize(
    'part', ['norm', 'none', dict(type='lora', rank=2)], ids=['norm', 'none', 'lora']
)
def test_what_does_not_train_may_refine(process_group, images, part):
    refining = model(2, trainable=part, neck=REARRANGE)
    wrapped = DistributedDataParallel(refining, find_unused_parameters=False)
    for _ in range(2):
        found = gradients(wrapped, images)
    assert found['module.backbone.time_embeddings'].abs().max() > 0


def test_a_checkpoint_has_every_weight_once(images):
    """The released code stores the output layer under up to three names."""
    refining = model(3, neck=REARRANGE)
    state = refining.state_dict()
    storages = Counter(value.data_ptr() for value in state.values())
    assert set(storages.values()) == {1}
    assert [name for name in state if 'conv_out' in name and 'unet' in name] == [
        'backbone.unet.conv_out.weight',
        'backbone.unet.conv_out.bias',
    ]
    assert not any('unet.time_embedding' in name for name in state)
    assert not list(model(3).neck.parameters())
    fresh = model(3, neck=REARRANGE)
    with torch.no_grad():
        fresh.backbone.time_embeddings.zero_()
    fresh.load_state_dict(state)
    tiny.assert_same_features(fresh(images), refining(images), 0)


def test_copies_refine_with_their_own_weights(images):
    refining = model(2, neck=REARRANGE)
    expected = [each.detach() for each in refining(images)]
    average = ExponentialMovingAverage(refining, momentum=0.5)
    tiny.assert_same_features(average(images), expected, 0)
    with torch.no_grad():
        for parameter in average.module.parameters():
            parameter.mul_(1.5)
    assert not torch.allclose(average(images)[0], expected[0], atol=1e-3)
    tiny.assert_same_features(refining(images), expected, 0)


def test_autocast_refines_in_bfloat16(images):
    backbone = model(2).backbone
    again = model(2, autocast=True).backbone
    again.load_state_dict(backbone.state_dict())
    actual = again(images)
    first = actual.denoise(latents_of(again, images))
    assert first.prediction.dtype == torch.float32
    assert {each.dtype for each in actual} == {torch.float32}
    tiny.assert_same_features(actual, backbone(images), 0.1)
