"""Tests of the benchmark's feature pass."""

import torch

from diffmm.benchmark import FeaturePass


def test_returns_what_the_backbone_computes(build_backbone):
    backbone = build_backbone().eval()
    images = torch.rand(1, 3, 128, 64) * 2 - 1
    module = FeaturePass(backbone.unet, backbone.timestep, backbone.attention)

    with torch.no_grad():
        features = backbone(images)
        outputs = module(features.latents, features.context)

    maps, attention_maps = outputs[:4], outputs[4:]
    assert [m.shape[-2:] for m in maps] == [f.shape[-2:] for f in features]
    torch.testing.assert_close(maps[0], features[0])
    expected = list(features.attention_maps.values())
    assert len(attention_maps) == len(expected) == 2
    for own, other in zip(attention_maps, expected, strict=True):
        torch.testing.assert_close(own, other)


def test_without_attention_only_maps(build_backbone):
    backbone = build_backbone(attention=None)
    module = FeaturePass(backbone.unet, 1, None)

    outputs = module(torch.randn(1, 4, 8, 8), backbone.prompt(1))

    assert len(outputs) == 4


def test_all_refinement_steps(build_backbone):
    backbone = build_backbone(refinement_steps=3, learned_timesteps=True).eval()
    module = FeaturePass(
        backbone.unet, 1, backbone.attention, backbone.time_embeddings, steps=3
    )

    with torch.no_grad():
        images = torch.rand(1, 3, 64, 64) * 2 - 1
        refined = backbone(images)
        latents = backbone.vae(images)
        outputs = module(latents, refined.context)
        first = refined.denoise(latents)

    torch.testing.assert_close(outputs[0], refined[0])
    assert not torch.allclose(outputs[0], first[0], atol=1e-3)
    torch.testing.assert_close(outputs[4:], tuple(refined.attention_maps.values()))
