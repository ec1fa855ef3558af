from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKL

from diffmm.datasets import LatentCaptionDataset, MiniWorldCaptionDataset
from tests.tools.tiny_generators import write_trained

NAME = 'encoders/encode_latents'


@pytest.fixture
def tool(load_tool, monkeypatch):
    module = load_tool(NAME)
    # Chunks of two make three files of five scenes.
    monkeypatch.setattr(module, 'CHUNK', 2)
    return module


def arguments(tmp_path):
    config, checkpoint, model = write_trained(tmp_path, 'LatentAutoencoder')
    out = tmp_path / 'out'
    return [str(config), str(checkpoint), str(out), '--workers', '0'], out, model


def test_latents_have_unit_scale_and_belong_to_their_captions(tool, tmp_path):
    argv, out, model = arguments(tmp_path)
    tool.main(argv)
    dataset = LatentCaptionDataset(out / 'train')
    scenes = MiniWorldCaptionDataset(5, 'train', seed=3, size=64)
    assert len(dataset) == len(LatentCaptionDataset(out / 'val')) == 5
    vae = AutoencoderKL.from_pretrained(out / 'vae')
    images = torch.stack([scenes[i]['inputs'] for i in range(5)]).float() / 127.5 - 1
    with torch.no_grad():
        latents = vae.encode(images).latent_dist.mean * vae.config.scaling_factor
        decoded = vae.decode(latents / vae.config.scaling_factor).sample
        torch.testing.assert_close(decoded, model(images), rtol=1e-3, atol=1e-4)
    # The scale is that of the first chunk.
    assert latents[:2].std().item() == pytest.approx(1, rel=1e-3)
    for index in range(5):
        item = dataset[index]
        torch.testing.assert_close(item['inputs'], latents[index], rtol=0, atol=5e-3)
        captions = scenes[index]['data_samples'].captions
        assert item['data_samples'].captions == captions


def test_a_rerun_completes_what_is_missing(tool, tmp_path, capsys):
    argv, out, _ = arguments(tmp_path)
    tool.main(argv)
    before = {path: path.read_bytes() for path in out.rglob('*') if path.is_file()}
    (out / 'train' / 'latents_00001.npy').unlink()
    (out / 'val' / 'latents_00002.npy').unlink()
    capsys.readouterr()
    tool.main(argv)
    assert {path: path.read_bytes() for path in before} == before
    output = capsys.readouterr().out
    assert 'train: 5 images, 2 encoded now' in output
    assert 'val: 5 images, 1 encoded now' in output


def test_a_missing_checkpoint_is_named(tool, tmp_path):
    argv, out, _ = arguments(tmp_path)
    with pytest.raises(SystemExit, match='no checkpoint at .*gone.pth'):
        tool.main([argv[0], str(tmp_path / 'gone.pth'), *argv[2:]])
    assert not (out / 'vae').exists()
