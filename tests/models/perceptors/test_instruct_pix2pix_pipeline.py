from __future__ import annotations

import pytest
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from mmengine.registry import MODELS

from diffmm.diffusion.pipeline_folder import write_pipeline_folder
from diffmm.models.perceptors import as_instruct_pix2pix_pipeline
from diffmm.structures import ConditionedImages
from tests import tiny

TEXT = 'the red ball'


def build(**options):
    torch.manual_seed(0)
    config = dict(
        type='InstructPerceptor',
        arch=tiny.ARCHITECTURE,
        codec=dict(type='WhiteMaskCodec'),
        sampler=dict(steps=3, set_alpha_to_one=False),
        guidance=dict(text=3.0, image=1.5),
    )
    return MODELS.build(config | options).eval()


@pytest.fixture(scope='module')
def base(tmp_path_factory):
    return str(tiny.write_folder(tmp_path_factory.mktemp('base')))


@pytest.fixture(scope='module')
def trained(base):
    model = build(pretrained=base)
    with tiny.quiet():
        model.init_weights()
    torch.nn.init.normal_(model.unet.conv_in.weight)  # as if it had been trained
    return model


@pytest.fixture(scope='module')
def exported(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp('exported') / 'pix2pix'
    pipeline = as_instruct_pix2pix_pipeline(trained)
    assert write_pipeline_folder(pipeline, folder, half=False) > 0
    return folder


def test_diffusers_opens_it_and_draws_the_same_picture(trained, exported):
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(
        exported, safety_checker=None
    )
    pipeline.set_progress_bar_config(disable=True)
    image, noise = tiny.image(64, 72), torch.randn(1, 4, 8, 9)
    theirs = pipeline(
        TEXT,
        image=image / 2 + 0.5,
        latents=noise,
        num_inference_steps=3,
        guidance_scale=3.0,
        image_guidance_scale=1.5,
        output_type='pt',
    ).images
    *_, last = trained.denoising_steps(ConditionedImages(image, [TEXT]), noise)
    ours = (trained.vae.draw(last.latents) / 2 + 0.5).clamp(0, 1)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_an_exported_folder_is_pretrained_again(trained, exported):
    model = build(pretrained=str(exported))
    with tiny.quiet():
        model.init_weights()
    state = trained.state_dict()
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(tensor, state[name], msg=name)


def test_models_that_the_pipeline_cannot_run():
    model = build(
        condition=dict(type='ImageCondition'),
        prompt=dict(type='TrainedTextPrompt', num_tokens=16),
        guidance=dict(rule='instruct_diffusion'),
        target_scale=0.57,
    )
    wrong = "'condition', 'prompt', 'guidance', 'target_scale'. differ"
    with pytest.raises(ValueError, match=wrong):
        as_instruct_pix2pix_pipeline(model)
