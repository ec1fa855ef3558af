import pytest
import torch

from diffmm.models.backbones import DiffusionFeatures, FeatureInfo
from tests import tiny


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
    assert features.prediction.shape == features.latents.shape == (1, 4, 16, 8)
    second = features.denoise(features.prediction, step=1)
    assert second.latents is features.prediction
    assert second.prediction is None
    # Any features lead to any step.
    tiny.assert_same_features(second.denoise(features.latents), features)
    with pytest.raises(ValueError, match=r'step 2, .*refinement_steps=2'):
        second.denoise(features.latents, step=2)
