from __future__ import annotations

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import MODELS
from mmseg.models import EncoderDecoder
from mmseg.structures import SegDataSample
from torch import nn

import diffmm  # noqa: F401


class TwoMaps(nn.Module):
    """Strides 8 and 16."""

    def forward(self, images):
        return nn.functional.avg_pool2d(images, 8), nn.functional.avg_pool2d(images, 16)


def build(kind='ReferringSegmentor', **changes):
    head = dict(
        type='LAVTHead',
        in_channels=[3, 3],
        channels=4,
        loss_decode=dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True),
    )
    return MODELS.build(
        dict(
            type=kind,
            backbone=dict(type=TwoMaps),
            decode_head=head | changes,
            test_cfg=ConfigDict(mode='whole'),
        )
    ).eval()


def sample(**metainfo):
    defaults = dict(img_path='p.jpg', ori_shape=(40, 50), img_shape=(64, 64))
    return SegDataSample(metainfo=defaults | metainfo)


@pytest.fixture
def images():
    return torch.randn(2, 3, 64, 64)


def test_both_frames_are_returned(images):
    segmentor = build()
    samples = [sample(), sample(ori_shape=(30, 90))]
    head = segmentor.decode_head
    with torch.no_grad():
        # Half of the pixels shall be object.
        logits = head(segmentor.backbone(images))
        head.conv_seg.bias[0] += (logits[:, 1] - logits[:, 0]).median()
        logits = head(segmentor.backbone(images))
        large = nn.functional.interpolate(
            logits, (64, 64), mode='bilinear', align_corners=True
        )
        results = segmentor.predict(images, samples)
    for index, (result, size) in enumerate(
        zip(results, [(40, 50), (30, 90)], strict=True)
    ):
        network = result.network_sem_seg.data
        assert torch.equal(network, large[index].argmax(0, keepdim=True))
        assert 0 < network.float().mean() < 1
        assert result.pred_sem_seg.data.shape == (1, *size)
        # What a metric gets.
        assert result.to_dict()['network_sem_seg']['data'].shape == (1, 64, 64)


def test_the_host_s_result_is_unchanged(images):
    segmentor, host = build(), build(EncoderDecoder)
    host.load_state_dict(segmentor.state_dict())
    with torch.no_grad():
        ours = segmentor.predict(images, [sample(), sample()])
        theirs = host.predict(images, [sample(), sample()])
        alone = segmentor.predict(images)
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.equal(mine.seg_logits.data, other.seg_logits.data)
        assert torch.equal(mine.pred_sem_seg.data, other.pred_sem_seg.data)
    assert torch.equal(alone[1].network_sem_seg.data, ours[1].network_sem_seg.data)


@pytest.mark.parametrize(
    ('metainfo', 'message'),
    [
        (dict(flip=True, flip_direction='horizontal'), 'p.jpg was .*flip=True'),
        (dict(padding_size=[0, 4, 0, 0]), r'padded by \[0, 4, 0, 0\]'),
        (dict(img_padding_size=(0, 0, 0, 2)), r'padded by \[0, 0, 0, 2\]'),
    ],
)
def test_a_frame_that_is_not_the_picture_is_refused(images, metainfo, message):
    with pytest.raises(ValueError, match=message):
        build().predict(images, [sample(), sample(**metainfo)])


def test_no_padding_and_no_flip_are_fine(images):
    metainfo = dict(padding_size=[0, 0, 0, 0], flip=False)
    samples = [sample(**metainfo) for _ in range(2)]
    with torch.no_grad():
        assert len(build().predict(images, samples)) == 2


def test_one_output_is_refused():
    head = dict(type='mmseg.FCNHead', in_channels=3, channels=3, in_index=0)
    head |= dict(num_classes=2, out_channels=1, threshold=0.5)
    with pytest.raises(ValueError, match='two outputs or more, got out_channels=1'):
        build(**head)
