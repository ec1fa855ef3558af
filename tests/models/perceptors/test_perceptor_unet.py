"""The UNet of a perceptor and where its weights come from."""

from __future__ import annotations

import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file

from diffmm.diffusion import WeightsError, load_architecture, open_prior
from diffmm.models.perceptors.perceptor_unet import build_unet, load_unet
from tests import parity, tiny


@pytest.fixture(scope='module')
def architecture():
    return load_architecture(tiny.ARCHITECTURE)


def load(architecture, folder, channels=None, inputs=2, **options):
    """A perceptor's UNet with the weights of another one with so many channels."""
    saved = UNet2DConditionModel(
        **tiny.UNET | dict(in_channels=channels) | options.pop('unet', {})
    )
    saved.save_pretrained(folder / 'unet')
    unet, wide = build_unet(architecture, inputs)
    options = dict(input_init='halve', image_first=True) | options
    load_unet(unet, open_prior(folder), wide, **options)
    return unet, saved


@pytest.mark.parametrize(('inputs', 'channels'), [(1, 4), (2, 8)])
@torch.no_grad()
def test_a_unet_sees_as_many_latents_and_predicts_one(architecture, inputs, channels):
    unet, own = build_unet(architecture, inputs)
    assert own.unet['in_channels'] == channels
    assert own.vae == architecture.vae
    told = torch.zeros(1, 2, tiny.WIDTH)
    found = unet(torch.randn(1, channels, 8, 8), torch.tensor(5), told).sample
    assert found.shape == (1, 4, 8, 8)
    # The architecture that was given stays as it is.
    assert architecture.unet.get('in_channels', 4) == 4


@pytest.mark.parametrize('image_first', [True, False])
@torch.no_grad()
def test_weights_of_stable_diffusion_predict_the_same_at_first(
    architecture, tmp_path, image_first
):
    """Whatever the image: its filters are zero."""
    unet, saved = load(
        architecture, tmp_path, 4, input_init='zero_image', image_first=image_first
    )
    image, noisy = torch.randn(2, 2, 4, 8, 8)
    pair = (image, noisy) if image_first else (noisy, image)
    told, timestep = torch.randn(2, 3, tiny.WIDTH), torch.tensor(5)
    expected = saved(noisy, timestep, told).sample
    found = unet(torch.cat(pair, dim=1), timestep, told).sample
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(('inputs', 'channels'), [(1, 4), (2, 8)])
def test_weights_of_its_own_width_are_taken_as_they_are(
    architecture, tmp_path, inputs, channels
):
    unet, saved = load(architecture, tmp_path, channels, inputs)
    expected = saved.state_dict()
    assert unet.state_dict().keys() == expected.keys()
    for name, tensor in unet.state_dict().items():
        assert torch.equal(tensor, expected[name]), name


@pytest.mark.parametrize(
    ('inputs', 'channels', 'message'),
    [
        (2, 9, r'has 9 input channels; a perceptor takes 4 \(.* or 8 \(Marigold'),
        (1, 8, 'has 8 input channels; .* sees the image alone takes 4'),
    ],
)
def test_other_input_channels_are_refused(
    architecture, tmp_path, inputs, channels, message
):
    with pytest.raises(WeightsError, match=message) as caught:
        load(architecture, tmp_path, channels, inputs)
    assert str(tmp_path) in str(caught.value)


def test_weights_of_another_architecture_are_refused(architecture, tmp_path):
    with pytest.raises(WeightsError, match='cross_attention_dim'):
        load(architecture, tmp_path, 4, unet=dict(cross_attention_dim=24))


def test_weights_without_an_input_layer_are_refused(architecture, tmp_path):
    load(architecture, tmp_path, 4)
    (file,) = (tmp_path / 'unet').glob('*.safetensors')
    tensors = load_file(file)
    del tensors['conv_in.weight']
    save_file(tensors, file)
    unet, wide = build_unet(architecture)
    with pytest.raises(WeightsError, match='conv_in.weight'):
        load_unet(unet, open_prior(tmp_path), wide, 'halve', image_first=True)


def test_an_original_file_gives_its_moving_average(tmp_path):
    """The released InstructPix2Pix has both, under CompVis' names."""
    prefix = 'model.diffusion_model.'
    raw = {
        name: value
        for name, value in parity.original_state_dict().items()
        if name.startswith(prefix)
    }
    first = f'{prefix}input_blocks.0.0.weight'
    raw[first] = torch.randn(32, 8, 3, 3)
    averages = {
        'model_ema.' + name.removeprefix('model.').replace('.', ''): value + 1
        for name, value in raw.items()
    }
    save_file(raw | averages, tmp_path / 'released.safetensors')
    architecture = load_architecture(parity.ARCHITECTURE)
    for use_ema, shift in ((True, 1), (False, 0)):
        unet, wide = build_unet(architecture)
        source = open_prior(tmp_path / 'released.safetensors', use_ema)
        load_unet(unet, source, wide, 'zero_image', image_first=False)
        assert torch.equal(unet.conv_in.weight, raw[first] + shift)
