from __future__ import annotations

import pytest
import torch
from torch import nn

from diffmm.diffusion import widen_input
from diffmm.diffusion.input_layer import SplitInput


@pytest.mark.parametrize('init', ['zero_image', 'zero_target'])
def test_input_layers_that_ignore_an_input(init):
    weight = torch.randn(2, 4, 3, 3)
    for image_first in (True, False):
        wide = widen_input(weight, init, image_first)
        halves = dict(zip(('image', 'target'), wide.chunk(2, dim=1), strict=True))
        if not image_first:
            halves['image'], halves['target'] = halves['target'], halves['image']
        silent = halves.pop(init.removeprefix('zero_'))
        assert not silent.any() and torch.equal(*halves.values(), weight)


def test_another_init():
    with pytest.raises(ValueError, match="one of .*halve.*, got 'double'"):
        widen_input(torch.randn(2, 4, 3, 3), 'double', True)


@pytest.mark.parametrize('image_first', [True, False])
@torch.no_grad()
def test_the_part_of_the_image_is_computed_once(image_first):
    torch.manual_seed(0)
    plain = nn.Conv2d(8, 16, 3, padding=1)
    layer = SplitInput(plain, image_first)
    assert layer.weight is plain.weight
    image, noisy = torch.randn(2, 2, 4, 8, 8)
    pair = [image, noisy] if image_first else [noisy, image]
    expected = plain(torch.cat(pair, dim=1))
    assert torch.equal(layer(torch.cat(pair, dim=1)), expected)
    found = layer(torch.cat([noisy, layer.image_part(image)], dim=1))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
