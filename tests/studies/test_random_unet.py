from __future__ import annotations

import torch

from diffmm.diffusion import load_architecture, read_tensor_file
from diffmm.studies import write_random_unet
from tests import tiny


def test_only_the_unet_is_random(tmp_path):
    weights = tiny.write_folder(tmp_path / 'weights')
    state = torch.get_rng_state()
    folder = write_random_unet(tmp_path / 'random', weights, 'mini')
    assert torch.equal(torch.get_rng_state(), state)
    for part in ('vae', 'text_encoder'):
        assert (folder / part).samefile(weights / part)
    file = folder / 'unet' / 'diffusion_pytorch_model.safetensors'
    tensors = read_tensor_file(file)
    channels = load_architecture('mini').unet['block_out_channels'][0]
    assert tensors['conv_in.weight'].shape[0] == channels
    assert tensors['conv_in.weight'].std() > 0 and tensors['conv_in.bias'].any()


def test_it_is_kept(tmp_path):
    weights = tiny.write_folder(tmp_path / 'weights')
    folder = write_random_unet(tmp_path / 'random', weights, 'mini')
    file = folder / 'unet' / 'diffusion_pytorch_model.safetensors'
    before = file.stat().st_mtime_ns
    write_random_unet(folder, weights, 'mini', seed=1)
    assert file.stat().st_mtime_ns == before
