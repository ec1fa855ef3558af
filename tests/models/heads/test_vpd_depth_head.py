"""mmsegmentation's VPD head, which DiffMM uses as it is, is the released one."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.registry import MODELS
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from tests.tiny import count_parameters

MODEL = Path(__file__).parents[3] / 'configs/_base_/models/vpd_sd15_depth.py'


def config(**changes):
    head = Config.fromfile(MODEL).model.decode_head.to_dict()
    return {**head, 'type': 'mmseg.VPDDepthHead', **changes}


@pytest.fixture
def small():
    torch.manual_seed(0)
    sizes = dict(in_channels=[16, 32, 32, 32], embed_dim=8, feature_dim=64)
    head = MODELS.build(config(**sizes, num_deconv_filters=(8, 8, 8)))
    head.init_weights()
    return head.eval()


def test_parameters():
    with torch.device('meta'):
        head = MODELS.build(config())
    neck = (head.conv1, head.conv2, head.conv_aggregation)
    assert sum(map(count_parameters, neck)) == 10_942_848
    assert count_parameters(head.decoder) == 260_864
    assert count_parameters(head.depth_pred_layer) == 333_697
    assert count_parameters(head) == 10_942_848 + 260_864 + 333_697


def test_forward_is_the_released_one(small):
    features = [
        torch.randn(2, channels, 64 // 2**level, 64 // 2**level)
        for level, channels in enumerate([16, 32, 32, 32])
    ]
    with torch.no_grad():
        depth = small(features)
        # Everything on the grid of stride 32, the coarsest map by nearest neighbors.
        coarse = features[3].repeat_interleave(2, 2).repeat_interleave(2, 3)
        x = torch.cat(
            [small.conv1(features[0]), small.conv2(features[1]), features[2], coarse], 1
        )
        x = small.conv_aggregation(x)[..., :15, :15]
        x = small.decoder.conv_layers(small.decoder.deconv_layers(x))
        for size in (240, 480):
            x = F.interpolate(x, size=(size, size), mode='bilinear')
        expected = 10 * small.depth_pred_layer(x).sigmoid()
    assert depth.shape == (2, 1, 480, 480)
    torch.testing.assert_close(depth, expected)
    assert isinstance(small.depth_pred_layer[1], torch.nn.ReLU)


def test_weights_start_as_released(small):
    layers = {
        'neck': (small.conv1[0].weight, 0.02),
        'aggregation': (small.conv_aggregation[0].weight, 0.02),
        'deconvolution': (small.decoder.deconv_layers[0].weight, 0.001),
        'decoder': (small.decoder.conv_layers[0].weight, 0.001),
        'last layers': (small.depth_pred_layer[0].weight, 0.001),
    }
    for name, (weight, std) in layers.items():
        assert weight.std().item() == pytest.approx(std, rel=0.1), name
    assert not small.depth_pred_layer[2].bias.any()


def test_the_loss_is_that_of_the_batch(small):
    pred = torch.rand(2, 1, 6, 6) * 9 + 0.5
    samples = [SegDataSample() for _ in range(2)]
    for index, sample in enumerate(samples):
        sample.gt_depth_map = PixelData(data=pred[index] * (1 + index))
    loss = small.loss_by_feat(pred, samples)
    # Half of the pixels are off by a factor of 2: mean d^2 - mean(d)^2 / 2.
    log = torch.tensor(2.0).log()
    expected = (log**2 / 2 - (log / 2) ** 2 / 2).sqrt()
    assert loss['loss_silog'].item() == pytest.approx(expected.item(), rel=1e-5)
