import math

import pytest
import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData


@pytest.fixture
def codec():
    return TASK_UTILS.build(dict(type='AffineDepthCodec'))


def sample(depth, quantiles, **meta):
    meta = dict(depth_range=(0.5, 10.0), depth_quantiles=quantiles, img_path='a.png')
    return BaseDataElement(gt_depth_map=PixelData(data=depth), metainfo=meta)


def test_depth_between_the_ends_survives(codec):
    depth = torch.linspace(1, 9, 64).view(1, 8, 8)
    target = codec.encode([sample(depth, (2.0, 8.0))])
    read = codec.decode(target.pictures)[0] * 6 + 2
    torch.testing.assert_close(read, depth.clamp(2, 8))
    assert target.valid.all()


def test_pixels_out_of_range_are_drawn_but_do_not_count(codec):
    """As released: unknown depth black, the sky white."""
    depth = torch.full((1, 8, 8), 5.0)
    depth[0, 0, :4] = torch.tensor([0, math.nan, 655.35, math.inf])
    target = codec.encode([sample(depth, (4.0, 6.0))])
    assert target.pictures[0, :, 0, :4].tolist() == [[-1, -1, 1, 1]] * 3
    assert (~target.valid).sum() == 4


@pytest.mark.parametrize('quantiles', [(3.0, 3.0), (math.nan, math.nan)])
def test_maps_that_cannot_be_drawn_are_counted(codec, quantiles, recwarn):
    depth = torch.full((1, 8, 8), 3.0)
    for _ in range(2):
        target = codec.encode([sample(depth, quantiles), sample(depth, (1.0, 5.0))])
        assert torch.isfinite(target.pictures).all()
        assert target.valid.flatten(1).any(1).tolist() == [False, True]
    assert codec.num_skipped == 2 and len(recwarn) == 1


def test_what_is_missing_is_named(codec):
    one = sample(torch.ones(1, 8, 8), (1.0, 2.0))
    other = BaseDataElement(gt_depth_map=one.gt_depth_map)
    with pytest.raises(
        ValueError, match='depth_range.*depth_quantiles.*DepthQuantiles'
    ):
        codec.encode([other])
    with pytest.raises(ValueError, match='a.png lacks gt_depth_map'):
        codec.encode([BaseDataElement(metainfo=one.metainfo)])
