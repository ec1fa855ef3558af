"""Conditions of a perceptor that are made of the image."""

from __future__ import annotations

import pytest
import torch
from mmengine.registry import TASK_UTILS

from diffmm.diffusion import ImageAutoencoder
from tests import tiny


def build(kind='ImageCondition', **options):
    return TASK_UTILS.build(dict(type=kind, **options))


@pytest.mark.parametrize('image_first', [True, False])
def test_the_image_stands_on_its_side_of_the_target(image_first):
    image, noisy = torch.randn(2, 3, 4, 2, 5)
    condition = build(image_first=image_first)
    halves = condition.join(image, noisy).chunk(condition.num_inputs, dim=1)
    expected = (image, noisy) if image_first else (noisy, image)
    assert all(map(torch.equal, halves, expected))


@pytest.mark.parametrize('factor', [0.18215, 0.5])
def test_latents_are_scaled_by_the_factor_of_their_vae(factor):
    vae = ImageAutoencoder.build(dict(tiny.VAE, scaling_factor=factor))
    latents = torch.randn(1, 4, 2, 2)
    torch.testing.assert_close(build().scale(latents, vae), latents * factor)
    assert torch.equal(build(scaled=False).scale(latents, vae), latents)


def test_the_image_alone_takes_the_place_of_the_target():
    vae = ImageAutoencoder.build(dict(tiny.VAE, scaling_factor=0.25))
    condition = build('ImageInput')
    image = condition.scale(torch.ones(1, 4, 2, 2), vae)
    seen = condition.join(image, torch.full_like(image, torch.nan))
    assert condition.num_inputs == 1 and torch.equal(seen, torch.full_like(image, 0.25))
