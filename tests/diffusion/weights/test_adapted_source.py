from __future__ import annotations

import pytest
import torch
from diffusers import UNet2DConditionModel

from diffmm.diffusion import WeightsError, load_architecture
from diffmm.diffusion.low_rank import add_low_rank, write_low_rank
from diffmm.diffusion.weights import open_prior, write_word
from tests import tiny

ARCHITECTURE = load_architecture(tiny.ARCHITECTURE)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tiny.write_folder(tmp_path_factory.mktemp('model') / 'tiny')


def write_lora(folder, out, seed):
    """Low-rank weights that change something."""
    unet = UNet2DConditionModel.from_pretrained(folder / 'unet')
    add_low_rank(unet, rank=2)
    torch.manual_seed(seed)
    for name, parameter in unet.named_parameters():
        if '.lora_B' in name:
            torch.nn.init.normal_(parameter)
    out.mkdir()
    write_low_rank(unet, out)
    return out


def test_changes_of_several_files_add_up(folder, tmp_path):
    first, second = (write_lora(folder, tmp_path / str(n), n) for n in (1, 2))
    plain, one, other, both = (
        open_prior(folder, lora=files).state_dict('unet', ARCHITECTURE)
        for files in ([], [first], [second], [first, second])
    )
    changed = [name for name in plain if not torch.equal(plain[name], one[name])]
    assert changed and all('attn' in name for name in changed)
    for name in plain:
        expected = one[name] + other[name] - plain[name]
        torch.testing.assert_close(both[name], expected, rtol=1e-4, atol=1e-5)
    # Networks of which the files say nothing stay as they are.
    source = open_prior(folder, lora=[first])
    for part in ('vae', 'text_encoder'):
        found = source.state_dict(part, ARCHITECTURE)
        for name, tensor in open_prior(folder).state_dict(part, ARCHITECTURE).items():
            assert torch.equal(found[name], tensor)


def test_words_of_the_prior_and_of_files_stand_side_by_side(folder, tmp_path):
    for name in ('<night>', '<rain>'):
        vector = torch.full((1, tiny.WIDTH), 0.5)
        write_word(name, vector, tmp_path / f'{name[1:-1]}.safetensors')
    files = [tmp_path / 'night.safetensors', tmp_path / 'rain.safetensors']
    source = open_prior(folder, learned_words=files)
    encoder = source.text_encoder(ARCHITECTURE)
    one = open_prior(folder, learned_words=files[:1]).text_encoder(ARCHITECTURE)
    both, night = (each(['a <night>', '<rain>'])[0] for each in (encoder, one))
    torch.testing.assert_close(both[0], night[0])
    assert not torch.allclose(both[1], night[1], atol=1e-3)


@pytest.mark.parametrize('option', ['lora', 'learned_words'])
def test_a_missing_file_is_named(folder, tmp_path, option):
    path = tmp_path / 'gone.safetensors'
    with pytest.raises(WeightsError, match='gone.safetensors'):
        open_prior(folder, **{option: [path]})
