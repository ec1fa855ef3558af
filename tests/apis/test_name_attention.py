from __future__ import annotations

import numpy as np
import pytest
import torch

from diffmm.apis.name_attention import NameAttention, to_pixels


@pytest.fixture(scope='module')
def attention():
    return NameAttention('mini')


def test_names_do_not_know_of_their_order(attention):
    """Each has two tokens of its own, and its own maps."""
    names = ['tree', 'potted plant', 'ball']
    tokens = attention.encode(names)
    assert tokens.shape[:2] == (3, 2)
    assert not torch.allclose(tokens[:, 0], tokens[:, 1], atol=1e-2)
    torch.testing.assert_close(attention.encode(names[::-1]).flip(0), tokens)
    image = np.random.default_rng(0).integers(0, 256, (100, 70, 3), np.uint8)
    maps = attention(image, tokens)
    assert maps.shape == (3, attention.channels, 13, 9)
    torch.testing.assert_close(
        attention(image, tokens.flip(0)).flip(0), maps, rtol=0, atol=1e-3
    )


def test_names_that_are_alike_get_the_same(attention):
    """The score is 0: no more and no less than by chance."""
    tokens = attention.encode(['tree'])[:, :1].expand(4, 2, -1)
    maps = attention(np.zeros((64, 64, 3), np.uint8), tokens)
    torch.testing.assert_close(maps, torch.zeros_like(maps), rtol=0, atol=1e-4)


def test_pixels_of_a_backbone():
    image = np.zeros((2, 3, 3), np.uint8)
    image[..., 2] = 255  # red
    pixels = to_pixels(image)
    assert pixels.shape == (1, 3, 2, 3)
    assert pixels[0, :, 0, 0].tolist() == [1, -1, -1]
