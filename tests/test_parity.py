"""Our VPD feature pass against the authors' released one."""

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
)
from mmengine.registry import MODELS
from safetensors.torch import save_file

from tests import parity

import diffmm.models  # noqa: F401  isort: skip


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
    backbone.init_weights()
    backbone.prompt.adapter.load_state_dict(parity.adapter_state_dict(tag))
    return backbone


def assert_features_match(features, tag):
    for level, feature in enumerate(features):
        expected, tolerance = parity.golden(f'{tag}.feat{level}')
        # Without capture, only the channels before the attention maps are there.
        expected = expected[:, : feature.shape[1]]
        assert feature.shape == expected.shape
        assert parity.relative_error(feature.detach(), expected) < tolerance


@pytest.mark.parametrize('weights_format', FORMATS)
@pytest.mark.parametrize('tag', ['vpd_a32', 'vpd_a64'])
def test_features_match_the_reference(weights, weights_format, tag, tmp_path):
    attention = dict(stages=('down', 'up'), max_size=int(tag[-2:]))
    backbone = build(tag, weights(weights_format), tmp_path, attention=attention)
    features = backbone.eval()(parity.image())
    latents, tolerance = parity.golden('vpd_a32.latent')
    assert parity.relative_error(features.latents, latents) < tolerance
    assert_features_match(features, tag)


@pytest.mark.parametrize('attention', [None, dict(max_size=32)])
def test_checkpointing_changes_no_number(weights, attention, tmp_path):
    """The same features, and the same gradients, with and without recomputation."""
    gradients = []
    for checkpointing in (False, True):
        backbone = build(
            'vpd_a32',
            weights('safetensors'),
            tmp_path,
            attention=attention,
            gradient_checkpointing=checkpointing,
        ).train()
        features = backbone(parity.image())
        assert_features_match(features, 'vpd_a32')
        sum(feature.square().mean() for feature in features).backward()
        gradients.append([p.grad for p in backbone.parameters() if p.requires_grad])
    for plain, recomputed in zip(*gradients, strict=True):
        assert torch.allclose(plain, recomputed, rtol=1e-4, atol=1e-6)
