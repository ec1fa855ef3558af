"""Our VPD and Meta Prompts passes against the authors' released ones."""

from copy import deepcopy

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
)
from mmengine.registry import MODELS
from safetensors.torch import save_file
from torch import nn

from tests import parity, tiny


def _write_ckpt(folder):
    path = folder / 'tiny.ckpt'
    torch.save({'state_dict': parity.original_state_dict(), 'global_step': 1}, path)
    return path


def _write_safetensors(folder):
    path = folder / 'tiny.safetensors'
    save_file(parity.original_state_dict(), path)
    return path


def _write_diffusers(folder):
    unet = UNet2DConditionModel(**parity.ARCHITECTURE['unet'])
    vae = AutoencoderKL(**parity.ARCHITECTURE['vae'])
    state = parity.original_state_dict()
    unet.load_state_dict(convert_ldm_unet_checkpoint(state, unet.config))
    # The reference has no VAE decoder; ours does not read one either.
    vae.load_state_dict(convert_ldm_vae_checkpoint(state, vae.config), strict=False)
    unet.save_pretrained(folder / 'unet')
    vae.save_pretrained(folder / 'vae')
    return folder


FORMATS = {
    'ckpt': _write_ckpt,
    'safetensors': _write_safetensors,
    'diffusers': _write_diffusers,
}


@pytest.fixture(scope='module')
def weights(tmp_path_factory):
    """Writes the tiny model in a format, once."""
    written = {}

    def write(name):
        if name not in written:
            written[name] = FORMATS[name](tmp_path_factory.mktemp(name))
        return written[name]

    return write


def build(tag, pretrained, tmp_path, **options):
    embeddings = tmp_path / 'class_embeddings.pth'
    torch.save(parity.class_embeddings(tag), embeddings)
    backbone = MODELS.build(
        dict(
            type='StableDiffusionBackbone',
            arch=parity.ARCHITECTURE,
            pretrained=str(pretrained),
            prompt=dict(
                type='ClassNamePrompt',
                classes=[f'class {i}' for i in range(parity.NUM_CLASSES)],
                embeddings=str(embeddings),
                adapter=dict(type='TextAdapter'),
            ),
            **options,
        )
    )
    with tiny.quiet():
        backbone.init_weights()
    backbone.prompt.adapter.load_state_dict(parity.adapter_state_dict(tag))
    return backbone


CHANNELS = parity.ARCHITECTURE['unet']['block_out_channels']


def assert_features_match(features, tag):
    """Compares features and attention maps, each relative to its own magnitude."""
    for level, (feature, channels) in enumerate(zip(features, CHANNELS, strict=True)):
        expected, tolerance = parity.golden(f'{tag}.feat{level}')
        # Without capture, only the channels before the attention maps are there.
        expected = expected[:, : feature.shape[1]]
        assert feature.shape == expected.shape
        actual = feature.detach()
        assert parity.relative_error(actual[:, :channels], expected[:, :channels]) < (
            tolerance
        )
        # A probability is a hundredth of a feature, so every class counts by itself.
        for name in range(channels, feature.shape[1]):
            assert parity.relative_error(actual[:, name], expected[:, name]) < tolerance


def test_a_wrong_attention_map_is_seen():
    """One percent of a map is less than 1e-4 of the features that it stands behind."""
    golden, tolerance = parity.golden('vpd_a32.feat1')
    wrong = golden.clone()
    wrong[:, -1] *= 1.01
    assert parity.relative_error(wrong, golden) < tolerance
    maps = [parity.golden(f'vpd_a32.feat{level}')[0] for level in range(4)]
    assert_features_match(maps, 'vpd_a32')
    maps[1] = wrong
    with pytest.raises(AssertionError):
        assert_features_match(maps, 'vpd_a32')


@pytest.mark.parametrize('tag', ['vpd_a32', 'vpd_a64'])
def test_features_match_the_reference(weights, tag, tmp_path):
    attention = dict(stages=('down', 'up'), max_size=int(tag[-2:]))
    backbone = build(tag, weights('ckpt'), tmp_path, attention=attention)
    with torch.no_grad():
        features = backbone.eval()(parity.image())
    latents, tolerance = parity.golden('vpd_a32.latent')
    assert parity.relative_error(features.latents, latents) < tolerance
    assert_features_match(features, tag)


@pytest.mark.parametrize('weights_format', [name for name in FORMATS if name != 'ckpt'])
def test_every_format_gives_the_same_network(weights, weights_format, tmp_path):
    attention = dict(stages=('down', 'up'), max_size=64)
    image = parity.image()[..., :64, :128]
    states, features = [], []
    for name in ('ckpt', weights_format):
        backbone = build('vpd_a64', weights(name), tmp_path, attention=attention)
        states.append(backbone.state_dict())
        with torch.no_grad():
            features.append(backbone.eval()(image))
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        assert torch.equal(states[1][name], value), name
    tiny.assert_same_features(*features, 0)


@pytest.fixture(params=[None, dict(max_size=32)], ids=['plain', 'capture'])
def checkpointing(weights, request, tmp_path):
    """A backbone in training that recomputes its activations."""
    return build(
        'vpd_a32',
        weights('safetensors'),
        tmp_path,
        attention=request.param,
        gradient_checkpointing=True,
    ).train()


def test_features_match_with_and_without_checkpointing(checkpointing):
    features = checkpointing(parity.image())
    assert_features_match(features, 'vpd_a32')
    checkpointing.unet.disable_gradient_checkpointing()
    assert_features_match(features.denoise(features.latents), 'vpd_a32')


def test_checkpointing_changes_no_gradient(checkpointing):
    image = parity.image()[..., :128, :192]
    gradients = []
    for switch in ('enable', 'disable'):
        getattr(checkpointing.unet, f'{switch}_gradient_checkpointing')()
        checkpointing.zero_grad()
        sum(feature.square().mean() for feature in checkpointing(image)).backward()
        trained = [p for p in checkpointing.parameters() if p.requires_grad]
        gradients.append([p.grad.clone() for p in trained])
    for recomputed, plain in zip(*gradients, strict=True):
        assert plain.abs().max() > 0
        assert torch.allclose(plain, recomputed, rtol=1e-4, atol=1e-6)


def build_meta_prompts(pretrained):
    """Backbone and neck of the released segmentation, filled by the recipe."""
    model = nn.ModuleDict(
        dict(
            backbone=MODELS.build(
                dict(
                    type='StableDiffusionBackbone',
                    arch=parity.ARCHITECTURE,
                    pretrained=str(pretrained),
                    prompt=dict(type='MetaPrompts', num_prompts=parity.NUM_PROMPTS),
                    refinement_steps=parity.NUM_STEPS,
                    learned_timesteps=True,
                )
            ),
            neck=MODELS.build(
                dict(
                    type='RecurrentRefinementNeck',
                    num_steps=parity.NUM_STEPS,
                    neck=dict(
                        type='PromptRearrangementNeck',
                        in_channels=CHANNELS,
                        width=parity.WIDTH,
                    ),
                )
            ),
        )
    )
    return model.eval()


@pytest.fixture(scope='module')
def meta_prompts(weights):
    model = build_meta_prompts(weights('ckpt'))
    with tiny.quiet():
        model['backbone'].init_weights()
    with torch.no_grad():
        model['backbone'].prompt.embeddings.copy_(parity.meta_prompts())
        model['backbone'].time_embeddings.copy_(parity.time_embeddings())
    neck = model['neck'].neck
    neck.load_state_dict(parity.rearrangement_state_dict(CHANNELS))
    return model


def test_refinement_and_rearrangement_match_the_reference(meta_prompts):
    """Three steps over two images that are not square."""
    backbone, neck = meta_prompts['backbone'], meta_prompts['neck']
    encoded = []
    keep = backbone.vae.register_forward_hook(lambda *call: encoded.append(call[-1]))
    with torch.no_grad(), keep:
        refined = backbone(parity.meta_image())
        rearranged = neck(refined)
    latents, tolerance = parity.golden('meta.latent')
    assert parity.relative_error(*encoded, latents) < tolerance
    assert_features_match(refined, 'meta')
    for level, actual in enumerate(rearranged):
        expected, tolerance = parity.golden(f'meta.rearranged{level}')
        assert actual.shape == expected.shape
        assert parity.relative_error(actual, expected) < tolerance


@pytest.mark.parametrize('change', ['restored', 'checkpointing'])
def test_the_refinement_stays_that_of_the_reference(meta_prompts, change, weights):
    """A smaller picture than the reference's is enough to compare with ourselves."""
    image = parity.meta_image()[..., :64, :128]
    with torch.no_grad():
        expected = meta_prompts['backbone'](image)
        rearranged = meta_prompts['neck'](expected)
    if change == 'restored':
        model = build_meta_prompts(weights('ckpt'))
        model.load_state_dict(meta_prompts.state_dict())
    else:
        model = deepcopy(meta_prompts)
        model['backbone'].unet.enable_gradient_checkpointing()
        assert any(p.requires_grad for p in model['backbone'].parameters())
    actual = model['backbone'](image)
    tiny.assert_same_features(actual, expected)
    tiny.assert_same_features(model['neck'](actual), rearranged)
