from __future__ import annotations

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from diffmm.apis import read_checkpoint
from diffmm.apis.compact_checkpoint import write_compact
from diffmm.apis.shipped import REFERRING, SHIPPED
from diffmm.diffusion import WeightsError, load_architecture, open_prior

TABLE = 'prompt.text_encoder.model.embeddings.token_embedding.weight'
NORM = 'prompt.text_encoder.model.final_layer_norm.weight'


@pytest.fixture(scope='module')
def state():
    """A perceptor that changed three tokens and a norm, and has a UNet of its own."""
    source, architecture = open_prior('mini'), load_architecture('mini')
    state = {
        beginning + name: value.float()
        for beginning, part in (
            ('vae.', 'vae'),
            ('prompt.text_encoder.model.', 'text_encoder'),
        )
        for name, value in source.state_dict(part, architecture).items()
    }
    state[TABLE][[5, 7, 49407]] += 0.5
    state[NORM] = state[NORM] + 0.25
    state['unet.conv_in.weight'] = torch.randn(8, 8, 3, 3)
    state['steps'] = torch.tensor(3)
    return state


@pytest.fixture(scope='module')
def path(state, tmp_path_factory):
    path = tmp_path_factory.mktemp('compact') / 'trained.safetensors'
    # Neither the VAE nor the table, which has 25 MB.
    assert write_compact(state, path, 'mini', 'mini') < 100_000
    return path


def test_it_reads_as_the_whole_checkpoint(state, path):
    found = read_checkpoint(path)['state_dict']
    assert found.keys() == state.keys()
    for name, value in state.items():
        torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-4, msg=name)
        assert found[name].dtype == value.dtype
    assert torch.equal(found['vae.quant_conv.bias'], state['vae.quant_conv.bias'])


def test_a_frozen_part_in_half_precision_is_left_out_too(state, tmp_path):
    rounded = {
        name: value.bfloat16() if name.startswith('vae.') else value
        for name, value in state.items()
    }
    path = tmp_path / 'rounded.safetensors'
    assert write_compact(rounded, path, 'mini', 'mini') < 100_000
    found = read_checkpoint(path)['state_dict']['vae.quant_conv.bias']
    assert torch.equal(found, state['vae.quant_conv.bias'])


def test_other_base_weights_are_refused(path, tmp_path):
    with safe_open(path, framework='pt') as file:
        metadata = file.metadata() | dict(base_sha256='0' * 64)
    save_file({'a': torch.ones(1)}, tmp_path / 'other.safetensors', metadata)
    with pytest.raises(WeightsError, match="weights 'mini' that differ"):
        read_checkpoint(tmp_path / 'other.safetensors')
    save_file({'a': torch.ones(1)}, tmp_path / 'plain.safetensors')
    with pytest.raises(WeightsError, match='is no compact checkpoint'):
        read_checkpoint(tmp_path / 'plain.safetensors')
    (tmp_path / 'damaged.safetensors').write_bytes(path.read_bytes()[:500])
    with pytest.raises(WeightsError, match='cannot be read'):
        read_checkpoint(tmp_path / 'damaged.safetensors')


def test_a_base_of_another_model(tmp_path):
    with pytest.raises(ValueError, match='mini has no tensor of this model'):
        write_compact({'a': torch.ones(1)}, tmp_path / 'a.safetensors', 'mini', 'mini')


def test_shipped_names(monkeypatch, tmp_path):
    assert SHIPPED[REFERRING.name] is REFERRING
    monkeypatch.setattr('diffmm.apis.shipped._FOLDER', tmp_path)
    with pytest.raises(WeightsError, match='belongs to DiffMM, .* none at'):
        read_checkpoint(REFERRING.name)
