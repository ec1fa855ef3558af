import json

import numpy as np
import pytest
import torch
from mmengine.registry import DATASETS

from diffmm.datasets.latent_caption_dataset import CAPTIONS, LATENTS


def write(folder, number, latents, captions):
    np.save(folder / LATENTS.format(number), latents.astype(np.float16))
    lines = [json.dumps(item) for item in captions]
    (folder / CAPTIONS.format(number)).write_text('\n'.join([*lines, '']))


def build(folder):
    return DATASETS.build(dict(type='LatentCaptionDataset', data_root=str(folder)))


def test_files_are_joined_in_order(tmp_path):
    latents = np.arange(3 * 4 * 4.0).reshape(3, 4, 2, 2)
    write(tmp_path, 1, latents[2:], [['c']])
    write(tmp_path, 0, latents[:2], [['a', 'á'], ['b']])
    dataset = build(tmp_path)
    assert len(dataset) == 3
    assert torch.equal(dataset[2]['inputs'], torch.from_numpy(latents[2]).float())
    captions = [dataset[index]['data_samples'].captions for index in range(3)]
    assert captions == [['a', 'á'], ['b'], ['c']]


def test_incomplete_folders_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match='encode_latents.py'):
        build(tmp_path)
    write(tmp_path, 0, np.zeros((2, 4, 2, 2)), [['a']])
    with pytest.raises(ValueError, match='2 latents and 1 captions'):
        build(tmp_path)
    (tmp_path / CAPTIONS.format(0)).unlink()
    with pytest.raises(FileNotFoundError, match='captions_00000'):
        build(tmp_path)
