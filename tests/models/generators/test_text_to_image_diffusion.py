from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler
from mmengine.registry import MODELS
from mmengine.structures import BaseDataElement

from diffmm.diffusion import UniformTimesteps, WeightsError
from tests import tiny

CAPTIONS = ['a cat under the sky', 'a dog on a floor']


def build(**options):
    torch.manual_seed(0)
    config = dict(type='TextToImageDiffusion', arch=tiny.ARCHITECTURE)
    return MODELS.build(config | options)


def samples(*captions):
    return [BaseDataElement(metainfo=dict(captions=[text])) for text in captions]


LATENTS = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))


def test_step_reaches_every_trainable_parameter():
    """DDP runs with ``find_unused_parameters=False`` on exactly this condition."""
    model = build().train()
    model(LATENTS, samples(*CAPTIONS), mode='loss')['loss_noise'].backward()
    missing = [
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and parameter.grad is None
    ]
    assert not missing
    frozen = {
        n.split('.')[0] for n, p in model.named_parameters() if not p.requires_grad
    }
    assert frozen == {'vae'} and not model.vae.training


def test_loss_falls():
    model = build(captions=dict(empty_share=0.0))
    optimizer = torch.optim.Adam(model.unet.parameters(), 3e-3)
    losses = []
    for step in range(30):
        torch.manual_seed(step % 2)
        loss = model(LATENTS, samples(*CAPTIONS), mode='loss')['loss_noise']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])


def test_images_are_encoded_to_scaled_means():
    model = build().eval()
    images = tiny.image(64, 64, 2)
    expected = model.vae.encode(images).latent_dist.mean * 0.18215
    torch.testing.assert_close(model._latents(images), expected)
    assert model._latents(LATENTS) is LATENTS


def test_hidden_padding_changes_nothing_and_shown_padding_does():
    model = build(captions=dict(empty_share=0.0)).eval()
    timesteps = torch.tensor([500, 500])
    context, valid = model.text([model.captions.draw([text]) for text in CAPTIONS])
    with torch.no_grad():
        masked = model._denoise(LATENTS, timesteps, context, valid)
        alone = model.unet(LATENTS[:1], timesteps[:1], context[:1, : valid[0].sum()])
        shown = model._denoise(LATENTS, timesteps, context, torch.ones_like(valid))
    torch.testing.assert_close(masked[:1], alone.sample, rtol=1e-4, atol=1e-5)
    assert (shown - masked).abs().max() > 1e-5


def test_padding_is_shown_behind_sentences_only():
    model = build(captions=dict(class_names=['cat'], class_share=0.5))
    conditions = [model.captions.draw(['a cat']) for _ in range(40)]
    model.visible_padding_share = 1.0
    shown = model._padding_shown(conditions).tolist()
    assert shown == [not condition.names for condition in conditions]
    model.visible_padding_share = 0.0
    assert not model._padding_shown(conditions).any()


def test_timesteps_prefer_the_middle():
    model = build(mid_share=0.6, mid_range=(80, 700))
    steps = model.objective.timesteps(20000, 1000)
    assert 0 <= steps.min() < 10 and 990 < steps.max() < 1000
    inside = ((steps >= 80) & (steps < 700)).float().mean().item()
    assert inside == pytest.approx(0.6 + 0.4 * 0.62, abs=0.02)


def test_validation_is_repeatable_and_sees_the_caption():
    model = build(validation_timesteps=(100, 900)).eval()
    first = model(LATENTS, samples(*CAPTIONS), mode='predict')
    torch.manual_seed(5)
    assert model(LATENTS, samples(*CAPTIONS), mode='predict') == first
    assert first[0]['timesteps'] == (100, 900) and len(first[0]['errors']) == 2
    assert first[0]['errors'] != first[0]['errors_swapped']
    same = model(LATENTS, samples('a cat', 'a cat'), mode='predict')
    assert same[0]['errors'] == pytest.approx(same[0]['errors_swapped'])


def test_generated_images_depend_on_caption_and_seed_alone():
    model = build().eval()
    options = dict(steps=2, size=64)
    first = model.generate(CAPTIONS, **options)
    assert first.shape == (2, 3, 64, 64) and first.dtype == torch.uint8
    torch.manual_seed(9)
    assert torch.equal(model.generate(CAPTIONS, **options), first)
    assert not torch.equal(model.generate(CAPTIONS, seed=1, **options), first)


def test_trained_vae_is_read_and_a_missing_one_named(tmp_path):
    torch.manual_seed(7)
    vae = AutoencoderKL(**tiny.VAE)
    vae.save_pretrained(tmp_path / 'vae')
    model = build(vae=str(tmp_path))
    model.init_weights()
    weight = vae.decoder.conv_out.weight
    assert torch.equal(model.vae.decoder.conv_out.weight, weight)
    with pytest.raises(WeightsError, match='is no file, no folder'):
        build(vae=str(tmp_path / 'gone')).init_weights()


@pytest.mark.parametrize('name', ['mid_share', 'visible_padding_share'])
def test_shares_are_checked(name):
    with pytest.raises(ValueError, match=rf'{name} must lie in \[0, 1\], got 2'):
        build(**{name: 2})


def test_unknown_mode():
    with pytest.raises(ValueError, match="got 'tensor'"):
        build()(LATENTS, samples(*CAPTIONS), mode='tensor')


def test_parts_of_the_objective_are_exchanged_in_a_config_or_by_assignment():
    model = build(
        objective=dict(
            schedule=dict(prediction_type='v_prediction'),
            timesteps=dict(type='UniformTimesteps'),
        )
    )
    assert model.objective.prediction_type == 'v_prediction'
    assert isinstance(model.objective.timesteps, UniformTimesteps)
    pipeline = model.build_pipeline()
    assert pipeline.scheduler.config.prediction_type == 'v_prediction'
    torch.manual_seed(0)
    plain = model(LATENTS, samples(*CAPTIONS), mode='loss')['loss_noise']
    model.objective.weighting = lambda timesteps: torch.full((len(timesteps),), 2.0)
    torch.manual_seed(0)
    doubled = model(LATENTS, samples(*CAPTIONS), mode='loss')['loss_noise']
    torch.testing.assert_close(doubled, 2 * plain)


def test_exported_schedule_is_stable_diffusion_s():
    scheduler = build().build_pipeline().scheduler
    expected = DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule='scaled_linear',
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=False,
        steps_offset=1,
        set_alpha_to_one=False,
    )
    assert scheduler.to_json_string() == expected.to_json_string()
