import torch
import torch.nn.functional as F
from mmengine.registry import MODELS

SIZES = ((8, 12), (4, 6), (2, 3))
CHANNELS = [4, 6, 8]


def test_it_sums_the_laterals_and_nothing_else():
    neck = MODELS.build(
        dict(type='LateralFPN', in_channels=CHANNELS, out_channels=5, num_outs=3)
    )
    assert all(name.startswith('lateral_convs.') for name in neck.state_dict())
    maps = [torch.randn(2, c, *size) for c, size in zip(CHANNELS, SIZES, strict=True)]
    fine, middle, coarse = neck(maps)
    one, two, three = (
        conv(each) for conv, each in zip(neck.lateral_convs, maps, strict=True)
    )
    torch.testing.assert_close(coarse, three)
    torch.testing.assert_close(middle, two + F.interpolate(three, scale_factor=2))
    torch.testing.assert_close(fine, one + F.interpolate(middle, scale_factor=2))
    sum(each.sum() for each in (fine, middle, coarse)).backward()
    assert all(each.grad is not None for each in neck.parameters())
