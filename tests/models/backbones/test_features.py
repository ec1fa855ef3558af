from types import SimpleNamespace

import pytest
import torch

from diffmm.diffusion import UNetFeatures
from diffmm.models.backbones import (
    DiffusionFeatures,
    FeatureInfo,
    promise_features,
    refine,
)
from diffmm.models.backbones.features import assemble_maps
from tests import tiny

STRIDES = (8, 16)


def test_numbers_of_a_map():
    info = FeatureInfo(channels=470, stride=16, name='UNet decoder, 1/16')
    assert (info.channels, info.stride) == (470, 16)
    assert info == FeatureInfo(470, 16)
    assert info != FeatureInfo(470, 32, info.name)


def test_it_is_a_tuple_that_carries_more():
    maps = [torch.zeros(1, 2, 8, 8), torch.zeros(1, 4, 4, 4)]
    context, latents = torch.ones(1, 3, 5), torch.ones(1, 4, 8, 8)
    attention_maps = {16: torch.ones(1, 3, 4, 4)}
    features = DiffusionFeatures(
        iter(maps), context, attention_maps, latents, denoise=len
    )
    assert isinstance(features, tuple)
    fine, coarse = features
    assert fine is maps[0]
    assert coarse is maps[1]
    assert features[-1] is coarse
    assert features.context is context
    assert features.attention_maps is attention_maps
    assert features.latents is latents
    assert features.denoise is len
    assert features.prediction is None


def test_another_pass_over_the_same_latents_gives_the_same():
    """At the backbone's own timestep, unless another is asked for."""
    backbone = tiny.build_backbone(timestep=50, attention=dict(max_size=32))
    features = backbone(tiny.image(100, 64))
    again = features.denoise(features.latents)
    assert isinstance(again, DiffusionFeatures)
    tiny.assert_same_features(again, features)
    assert set(again.attention_maps) == {16, 32}
    third = again.denoise(features.latents)
    tiny.assert_same_features(third, features)
    later = features.denoise(features.latents, timestep=900)
    assert not torch.allclose(later[0], features[0], atol=1e-3)
    # An option holds for its own pass only.
    tiny.assert_same_features(later.denoise(features.latents), features)


def test_another_pass_takes_the_options_of_the_unet():
    backbone = tiny.build_backbone()
    features = backbone(tiny.image())
    embedding = torch.zeros(1, 64, requires_grad=True)
    refined = features.denoise(2 * features.latents, time_embedding=embedding)
    assert torch.equal(refined.latents, 2 * features.latents)
    assert refined.context is features.context
    refined[0].sum().backward()
    assert embedding.grad.abs().max() > 0


def test_another_step_is_asked_for_by_its_number():
    backbone = tiny.build_backbone(refinement_steps=2, learned_timesteps=True)
    features = backbone(tiny.image(100, 64))
    assert (features.num_steps, features.prediction) == (2, None)
    first = features.denoise(2 * features.latents)
    assert first.num_steps == 1
    assert first.prediction.shape == first.latents.shape == (1, 4, 16, 8)
    second = first.denoise(first.prediction, step=1)
    assert second.latents is first.prediction
    assert second.prediction is None
    # Any features lead to any step.
    tiny.assert_same_features(second.denoise(features.latents, step=1), features)
    with pytest.raises(ValueError, match=r'step 2, .*refinement_steps=2'):
        second.denoise(features.latents, step=2)


@pytest.mark.parametrize('steps', [1, 2, 3])
def test_each_pass_takes_what_the_one_before_predicted(steps):
    seen = []

    def denoise(latents, step):
        seen.append((latents, step))
        return SimpleNamespace(prediction=latents + 10)

    assert refine(denoise, 5, steps).prediction == 5 + 10 * steps
    assert seen == [(5 + 10 * step, step) for step in range(steps)]


@pytest.fixture
def output():
    """Of an image of 100x70, padded to 128x128."""
    maps = (torch.randn(1, 4, 16, 16), torch.randn(1, 6, 8, 8))
    return UNetFeatures(maps, {1: torch.rand(1, 3, 8, 8)})


def first_two(attention_map):
    return attention_map[:, :2]


def test_maps_are_cropped_to_the_image(output):
    maps, attention_maps = assemble_maps(output, STRIDES, (100, 70), first_two, 1.0)
    assert [tuple(each.shape) for each in maps] == [(1, 4, 13, 9), (1, 8, 7, 5)]
    assert torch.equal(maps[0], output.maps[0][..., :13, :9])
    assert list(attention_maps) == [16]
    expected = output.attention_maps[1][:, :2, :7, :5]
    assert torch.equal(attention_maps[16], expected)
    assert torch.equal(maps[1], torch.cat([output.maps[1][..., :7, :5], expected], 1))


def test_padding_may_be_kept_and_attention_scaled(output):
    maps, attention_maps = assemble_maps(output, STRIDES, None, first_two, 8.0)
    assert [tuple(each.shape[-2:]) for each in maps] == [(16, 16), (8, 8)]
    assert torch.equal(maps[1][:, 6:], 8 * attention_maps[16])
    assert torch.equal(attention_maps[16], output.attention_maps[1][:, :2])


def test_attention_takes_the_precision_of_the_features(output):
    half = output._replace(maps=tuple(each.bfloat16() for each in output.maps))
    maps, attention_maps = assemble_maps(half, STRIDES, None, first_two, 1.0)
    assert {each.dtype for each in maps} == {torch.bfloat16}
    assert attention_maps[16].dtype == torch.float32


@pytest.mark.parametrize('size', [(64, 128), (100, 70)])
@pytest.mark.parametrize('steps', [1, 3])
@pytest.mark.parametrize('crop_padding', [True, False])
def test_promised_shapes_are_those_of_the_real_features(size, steps, crop_padding):
    backbone = tiny.build_backbone(
        prompt=dict(type='MetaPrompts', num_prompts=5, num_steps=steps),
        attention=dict(max_size=32),
        refinement_steps=steps,
        crop_padding=crop_padding,
    )
    with torch.no_grad():
        actual = backbone(tiny.image(*size))
        promised = promise_features(backbone, *size)
    for each in (promised, promised.denoise(promised.latents, step=steps - 1)):
        assert isinstance(each, DiffusionFeatures)
        assert [m.shape for m in each] == [m.shape for m in actual]
        assert each.latents.shape == actual.latents.shape
        assert torch.equal(each.context, actual.context)
        assert each.num_steps == actual.num_steps == steps
        assert each.prediction is None


def test_a_promise_does_not_run_the_unet(monkeypatch):
    backbone = tiny.build_backbone(refinement_steps=2)
    monkeypatch.setattr(
        backbone.unet, 'forward', lambda *_: pytest.fail('the UNet was run')
    )
    features = promise_features(backbone, 64, 64)
    features.denoise(features.latents, step=1)


def test_prompts_that_need_a_text_get_an_example():
    backbone = tiny.build_backbone(prompt=dict(type='TextPrompt', num_tokens=8))
    assert promise_features(backbone, 64, 64).context.shape == (1, 8, tiny.WIDTH)
