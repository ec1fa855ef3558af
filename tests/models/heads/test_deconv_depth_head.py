import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from tests import tiny


def build(**options):
    torch.manual_seed(0)
    config = dict(type='DeconvDepthHead', in_channels=6, channels=8)
    head = MODELS.build({**config, 'num_deconv_filters': (4, 4, 4), **options})
    return head.eval()


def test_the_released_size():
    head = MODELS.build(dict(type='DeconvDepthHead', in_channels=50))
    assert tiny.count_parameters(head.decoder) == 70656
    assert tiny.count_parameters(head.depth_pred_layer) == 333697


@pytest.mark.parametrize(
    ('scale', 'size', 'expected'),
    # Windows of 480 and 352 that were resized to 512 and 448, an eighth of them.
    [(480 / 512, (64, 64), 480), (352 / 448, (56, 56), 352), (1.0, (5, 5), 40)],
)
@torch.no_grad()
def test_depth_has_the_size_of_the_window(scale, size, expected):
    head = build(feature_scale=scale)
    depth = head((torch.randn(1, 6, *size),))
    assert depth.shape == (1, 1, expected, expected)


@torch.no_grad()
def test_steps_by_hand():
    head = build(max_depth=80.0, feature_scale=0.75)
    feature = torch.randn(2, 6, 8, 12)
    small = F.interpolate(feature, (6, 9), mode='bilinear', align_corners=False)
    hidden = head.decoder.conv_layers(head.decoder.deconv_layers(small))
    expected = torch.sigmoid(head.depth_pred_layer(hidden)) * 80
    assert expected.shape == (2, 1, 48, 72)
    assert torch.equal(head((feature,)), expected)
    # A sequence of one map, or the map itself.
    assert torch.equal(head(feature), expected)


def test_weights_start_small():
    head = build()
    with tiny.quiet():
        head.init_weights()
    for name, parameter in head.named_parameters():
        if parameter.ndim == 4:
            assert 5e-4 < parameter.std() < 2e-3, name
    depth = head(torch.randn(1, 6, 4, 4))
    # The middle of the range, as nothing is known yet.
    torch.testing.assert_close(depth, torch.full_like(depth, 5.0), rtol=0, atol=0.01)


def test_the_loss_reaches_every_parameter():
    head = build().train()
    samples = []
    for _ in range(2):
        sample = SegDataSample()
        sample.gt_depth_map = PixelData(data=torch.rand(1, 32, 40) * 9 + 0.5)
        samples.append(sample)
    feature = torch.randn(2, 6, 4, 5)
    loss = head.loss((feature,), samples, {})['loss_silog']
    loss.backward()
    assert loss.isfinite()
    assert all(parameter.grad.any() for parameter in head.parameters())


@pytest.mark.parametrize('channels', [[5], [6, 6]])
def test_other_maps_are_refused(channels):
    maps = [torch.zeros(1, number, 4, 4) for number in channels]
    with pytest.raises(ValueError, match=r'one map of 6 channels, got .* fuse them'):
        build()(maps)


@pytest.mark.parametrize('options', [dict(max_depth=0), dict(feature_scale=-1.0)])
def test_ranges(options):
    with pytest.raises(ValueError, match='must be positive'):
        build(**options)
