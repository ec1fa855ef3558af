import pytest
import torch
from diffusers import MarigoldDepthPipeline
from mmengine.registry import MODELS

from diffmm.diffusion import TextEncoder, open_prior
from diffmm.diffusion.pipeline_folder import write_pipeline_folder
from diffmm.models.perceptors import as_marigold_pipeline
from tests import tiny


def build(**options):
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='DiffusionPerceptor',
            arch=tiny.ARCHITECTURE,
            codec=dict(type='AffineDepthCodec'),
            objective=dict(schedule=dict(prediction_type='v_prediction')),
            sampler=dict(steps=3, set_alpha_to_one=False),
            **options,
        )
    ).eval()


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
def exported(trained, base, tmp_path_factory):
    folder = tmp_path_factory.mktemp('exported') / 'marigold'
    text_encoder = open_prior(base).text_encoder(trained.architecture)
    pipeline = as_marigold_pipeline(trained, text_encoder)
    assert write_pipeline_folder(pipeline, folder, half=False) > 0
    return folder


def test_an_encoder_in_half_precision_is_written_in_single(base):
    model = build(vae_dtype='bfloat16')
    text_encoder = open_prior(base).text_encoder(model.architecture)
    vae = as_marigold_pipeline(model, text_encoder).vae
    assert {each.dtype for each in vae.parameters()} == {torch.float32}


@pytest.mark.parametrize('size', [(64, 96), (66, 91)])
def test_diffusers_opens_it_with_the_same_depth(trained, exported, size):
    pipeline = MarigoldDepthPipeline.from_pretrained(exported)
    pipeline.set_progress_bar_config(disable=True)
    image = tiny.image(*size)
    noise = torch.randn(1, 4, *(-(-side // 8) for side in size))
    theirs = pipeline(image / 2 + 0.5, latents=noise, output_type='pt').prediction
    *_, last = trained.denoising_steps(image, noise)
    ours = trained.read(last.latents, size)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_ensembles_agree(trained, exported):
    pipeline = MarigoldDepthPipeline.from_pretrained(exported)
    pipeline.set_progress_bar_config(disable=True)
    image, noise = tiny.image(), torch.randn(3, 4, 8, 8)
    found = pipeline(
        image / 2 + 0.5,
        latents=noise,
        ensemble_size=3,
        batch_size=3,
        ensembling_kwargs=dict(max_iter=0),
        output_uncertainty=True,
        output_type='pt',
    )
    ensemble = build(ensemble=dict(type='DepthEnsemble', size=3, max_iter=0)).ensemble
    *_, last = trained.denoising_steps(image.repeat(3, 1, 1, 1), noise)
    depth, uncertainty = ensemble.merge(trained.read(last.latents, (64, 64)))
    torch.testing.assert_close(depth, found.prediction[0], rtol=0, atol=1e-4)
    torch.testing.assert_close(uncertainty, found.uncertainty[0], rtol=0, atol=1e-4)


def test_an_exported_folder_is_pretrained_again(trained, exported):
    model = build(pretrained=str(exported))
    with tiny.quiet():
        model.init_weights()
    state = trained.state_dict()
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(tensor, state[name], msg=name)


def test_models_that_marigold_cannot_run():
    model = build(
        condition=dict(type='ImageCondition', image_first=False),
        prompt=dict(type='NullPrompt'),
    )
    text_encoder = TextEncoder(tiny.text_model(), 49407)
    with pytest.raises(ValueError, match="its .'condition', 'prompt'. differ"):
        as_marigold_pipeline(model, text_encoder)
