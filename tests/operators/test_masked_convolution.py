"""mmcv has no backward of it."""

from __future__ import annotations

import pytest
import torch
from mmcv.ops import MaskedConv2d
from torch import nn


@pytest.mark.parametrize(
    ('kernel', 'padding'), [((3, 5), (1, 2)), (1, 0), (3, 1)], ids=str
)
@pytest.mark.parametrize('share', [0.4, 1.0, 0.0])
def test_masked_convolution_is_ordinary_where_the_mask_is(
    use_stand_in, kernel, padding, share
):
    use_stand_in('masked_conv')
    layer, image = MaskedConv2d(3, 5, kernel, padding=padding), torch.randn(1, 3, 7, 9)
    with torch.no_grad():
        ordinary = nn.Conv2d.forward(layer, image)
        mask = (torch.rand(1, *ordinary.shape[-2:]) < share).float()
        found = layer(image, mask)
    torch.testing.assert_close(found, ordinary * mask, rtol=1e-5, atol=1e-6)
    assert (found.abs().max() > 0) == (share > 0)
