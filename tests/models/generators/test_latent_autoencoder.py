import pytest
import torch
from diffusers import AutoencoderKL
from mmengine.registry import MODELS

from diffmm.models.generators.generation_data_preprocessor import to_uint8
from diffmm.models.generators.latent_autoencoder import random_crops, rescale_latents
from tests import tiny


def build(**options):
    torch.manual_seed(0)
    config = dict(type='LatentAutoencoder', arch=tiny.ARCHITECTURE)
    return MODELS.build(config | options)


def test_losses_fall_and_reach_every_parameter():
    model = build(full_size_share=1.0)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    images = torch.linspace(-1, 1, 32).expand(2, 3, 32, 32)
    totals = []
    for _ in range(12):
        losses = model(images, mode='loss')
        assert list(losses) == ['loss_l1', 'loss_mse', 'loss_gradient', 'loss_kl']
        total = sum(losses.values())
        optimizer.zero_grad()
        total.backward()
        assert not [n for n, p in model.named_parameters() if p.grad is None]
        optimizer.step()
        totals.append(total.item())
    assert totals[-1] < 0.7 * totals[0]


def test_loss_terms_are_what_they_are_called():
    """With reconstruction replaced by a shifted ramp, each is known."""
    model = build(full_size_share=1.0, gradient_weight=0.5, kl_weight=0.0)
    images = torch.zeros(1, 3, 16, 16)
    ramp = 0.25 * torch.arange(16.0).expand(1, 3, 16, 16)

    class Decoded:
        sample = ramp

    model.vae.decode = lambda latents: Decoded
    losses = model.loss(images)
    assert losses['loss_l1'].item() == pytest.approx(ramp.mean().item())
    assert losses['loss_mse'].item() == pytest.approx(ramp.square().mean().item())
    # The ramp rises along the rows only.
    assert losses['loss_gradient'].item() == pytest.approx(0.5 * 0.25)
    assert losses['loss_kl'].item() == 0


def test_posterior_starts_narrow():
    posterior = build().vae.encode(tiny.image(32, 32)).latent_dist
    assert posterior.logvar.mean().item() == pytest.approx(-6, abs=1)


def test_predictions_are_8_bit_reconstructions_of_the_mean():
    model = build().eval()
    images = tiny.image(32, 32, 2)
    with torch.no_grad():
        first, second = model(images, mode='predict'), model(images, mode='predict')
        expected = to_uint8(model(images, mode='tensor'))
    assert [p['reconstruction'].dtype for p in first] == [torch.uint8] * 2
    for index in range(2):
        assert torch.equal(first[index]['reconstruction'], expected[index])
        assert torch.equal(*(p[index]['reconstruction'] for p in (first, second)))


def test_crops_are_parts_of_their_image_and_follow_torch_s_generator():
    images = torch.arange(2 * 20 * 24.0).view(2, 1, 20, 24).expand(2, 3, 20, 24)
    torch.manual_seed(3)
    crops = random_crops(images, 8, 3)
    torch.manual_seed(3)
    assert torch.equal(random_crops(images, 8, 3), crops)
    assert crops.shape == (6, 3, 8, 8)
    for index, crop in enumerate(crops[:, 0]):
        row, column = divmod(int(crop[0, 0]) - 480 * (index // 3), 24)
        part = images[index // 3, 0, row : row + 8, column : column + 8]
        assert torch.equal(crop, part)
    assert random_crops(images, 20, 3) is images


@pytest.mark.parametrize('share, side', [(0.0, 16), (1.0, 32)])
def test_share_of_whole_images(share, side, monkeypatch):
    model = build(full_size_share=share, crop_size=16)
    seen = []
    encode = model.vae.encode
    monkeypatch.setattr(model.vae, 'encode', lambda x: seen.append(x) or encode(x))
    model.loss(tiny.image(32, 32))
    assert seen[0].shape[-1] == side


def test_values_of_8_bits():
    values = to_uint8(torch.tensor([-2.0, -1.0, 0.0, 0.5, 1.0]))
    assert values.tolist() == [0, 0, 128, 191, 255]


@pytest.mark.parametrize(
    'options, message',
    [
        (dict(full_size_share=1.5), r'full_size_share must lie in \[0, 1\], got 1.5'),
        (dict(crop_size=20), 'crop_size must be a multiple of 8, got 20'),
    ],
)
def test_wrong_options_are_quoted(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_unknown_mode():
    with pytest.raises(ValueError, match="got 'train'"):
        build()(tiny.image(), mode='train')


def test_latents_get_the_scale_and_images_stay():
    torch.manual_seed(0)
    vae = AutoencoderKL(**tiny.VAE).eval()
    images = tiny.image(64, 64, 4)
    with torch.no_grad():
        before = vae.encode(images).latent_dist
        decoded = vae.decode(before.mean).sample
        rescale_latents(vae, before.mean.std().item())
        after = vae.encode(images).latent_dist
        again = vae.decode(after.mean).sample
    factor = 1 / (0.18215 * before.mean.std())
    assert (after.mean.std() * 0.18215).item() == pytest.approx(1, rel=1e-4)
    torch.testing.assert_close(after.mean, before.mean * factor)
    torch.testing.assert_close(after.std, before.std * factor)
    torch.testing.assert_close(again, decoded, rtol=1e-4, atol=1e-5)


def test_a_collapsed_first_stage_is_refused():
    with pytest.raises(ValueError, match='must be positive, got 0.0'):
        rescale_latents(AutoencoderKL(**tiny.VAE), 0.0)
