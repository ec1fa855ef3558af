import pytest
import torch
from mmengine.registry import MODELS

from tests import tiny

CHANNELS = [320 * 3, 1280, 1280, 1280]


def maps(channels, side=16):
    return [
        torch.randn(1, each, side >> i, side >> i) for i, each in enumerate(channels)
    ]


def test_down_and_up():
    channels = [32, 64, 128, 128]
    down = MODELS.build(dict(type='UHead', in_channels=channels))
    assert [each.shape for each in down(maps(channels))] == [(1, 1024, 2, 2)]
    up = MODELS.build(dict(type='UHead', in_channels=channels, size='pico', flow='up'))
    shapes = [tuple(each.shape[1:]) for each in up(maps(channels))]
    assert shapes == [(256, 16, 16), (256, 8, 8), (256, 4, 4), (256, 2, 2)]
    # A fine map sees the coarsest.
    features = maps(channels)
    first = up(features)[0]
    features[3] = features[3] + 1
    assert not torch.allclose(first, up(features)[0])
    assert channels == [32, 64, 128, 128], 'a list that was given is not changed'


def test_maps_of_odd_sizes_fuse():
    features = [torch.randn(1, 8, 13, 9), torch.randn(1, 8, 7, 5)]
    for flow in ('down', 'up'):
        config = dict(type='UHead', in_channels=[8, 8], widths=[32, 32], flow=flow)
        sizes = [each.shape[-2:] for each in MODELS.build(config)(features)]
        assert sizes == ([(7, 5)] if flow == 'down' else [(13, 9), (7, 5)])


def test_parameters_are_those_of_the_released_head():
    """Stages mid and up beside attention and DINOv2: 2816, 2637, 2381, 1728 inputs."""
    with torch.device('meta'):
        head = MODELS.build(
            dict(type='UHead', in_channels=[1728, 2125, 2125 - 0, 2048])
        )
    inputs = [block.fuse[0].in_channels for block in head.blocks]
    assert inputs == [1728, 2125 + 256, 2125 + 512, 2048 + 768]
    with torch.device('meta'):
        head = MODELS.build(dict(type='UHead', in_channels=[1088, 1613, 1869, 1280]))
    assert tiny.count_parameters(head) == pytest.approx(5.17e6, rel=0.01)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(size='large'), "got 'large'"),
        (dict(flow='left'), "got 'tiny' and 'left'"),
        (dict(in_channels=[1, 2]), 'needs as many maps'),
    ],
)
def test_bad_options_are_quoted(options, message):
    config = dict(type='UHead', in_channels=[32, 64, 128, 128]) | options
    with pytest.raises(ValueError, match=message):
        MODELS.build(config)


def test_the_baseline_of_segmentation_keeps_the_finest_size():
    config = dict(type='MeanFusion', in_channels=[8, 8], channels=16, size=None)
    (fused,) = MODELS.build(config)([torch.zeros(1, 8, 12, 9), torch.zeros(1, 8, 6, 5)])
    assert fused.shape == (1, 16, 12, 9)
