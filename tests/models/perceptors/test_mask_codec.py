from __future__ import annotations

import pytest
import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement, PixelData

from diffmm.models.perceptors.mask_codec import score_map

CODECS = {
    'white': dict(type='WhiteMaskCodec'),
    'opaque': dict(type='OverlayMaskCodec'),
    'half': dict(type='OverlayMaskCodec', opacity=0.5),
    'blue': dict(type='OverlayMaskCodec', opacity=0.7, color=(0, 0, 255)),
}


@pytest.fixture(scope='module')
def image():
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 3, 32, 40, generator=generator) * 1.6 - 0.8
    image[:, 0, :16, :20] = 0.4  # things that are red
    image[:, 1:, :16, :20] = -0.4
    return image


@pytest.fixture(scope='module')
def mask():
    mask = torch.zeros(1, 32, 40, dtype=torch.uint8)
    mask[0, 8:24, 10:30] = 1
    return mask


def sample(mask, **meta):
    return BaseDataElement(gt_sem_seg=PixelData(data=mask), metainfo=meta)


@pytest.mark.parametrize('name', CODECS)
def test_masks_survive_noise(name, image, mask):
    codec = TASK_UTILS.build(CODECS[name])
    target = codec.encode([sample(mask)], image)
    assert target.valid.all()
    assert -1 <= target.pictures.min() and target.pictures.max() <= 1
    noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(1))
    found = codec.decode(target.pictures + 0.1 * noise, image)
    assert found.shape == (1, 1, 32, 40) and 0 <= found.min() and found.max() <= 1
    wrong = (found[0] > codec.threshold) != (mask == 1)
    assert wrong.float().mean() < 0.01


def test_a_red_thing_is_not_a_painted_one(image, mask):
    """Its own color misleads a rule that looks at colors alone."""
    painted = TASK_UTILS.build(CODECS['half']).encode([sample(mask)], image).pictures
    plain = TASK_UTILS.build(CODECS['half']).decode(image, image)
    assert not plain.any()
    by_color = TASK_UTILS.build(CODECS['half'] | dict(rule='color'))
    assert by_color.reference is None
    false = by_color.decode(painted)[0][mask == 0].mean()
    assert false > 0.2


def test_what_is_written(mask):
    codec = TASK_UTILS.build(CODECS['white'])
    one = sample(mask)
    prediction = mask.float() * 0.8
    codec.write(one, prediction, None)
    codec.write_network_frame(one, prediction[:, ::2, ::2])
    assert torch.equal(one.pred_sem_seg.data, mask.long())
    assert one.network_sem_seg.shape == (16, 20)
    assert torch.equal(one.mask_map.data, prediction)
    assert one.metainfo['mask_score'] == pytest.approx(0.8)
    # Nothing was painted: an empty mask that says how near anything came.
    codec.write(one, prediction / 2, None)
    assert not one.pred_sem_seg.data.any()
    assert one.metainfo['mask_score'] == pytest.approx(0.4)


def test_unknown_pixels_do_not_count(image, mask):
    unknown = mask.clone()
    unknown[0, 0] = 255
    target = TASK_UTILS.build(CODECS['white']).encode([sample(unknown)])
    assert (~target.valid).sum() == 40 and (target.pictures[0, :, 0] == -1).all()


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(opacity=0), 'got 0'),
        (dict(color=(1, 2)), r'got \(1, 2\)'),
        (dict(rule='hue'), "got 'hue'"),
        (dict(reference='mean'), "got 'mean'"),
        (dict(threshold=1.0), 'got 1.0'),
    ],
    ids=str,
)
def test_options_that_mean_nothing(options, message):
    with pytest.raises(ValueError, match=message):
        TASK_UTILS.build(dict(type='OverlayMaskCodec', **options))


def test_what_is_missing_is_named(image, mask):
    codec = TASK_UTILS.build(CODECS['half'])
    with pytest.raises(ValueError, match=r'a.png has no gt_sem_seg .* LoadReferring'):
        codec.encode([BaseDataElement(metainfo=dict(img_path='a.png'))], image)
    with pytest.raises(
        ValueError, match=r'got \(32, 20\): load the mask before Resize'
    ):
        codec.encode([sample(mask)], image[..., :20])


def test_a_picture_smaller_than_a_window_is_scored_as_a_whole():
    strong = torch.zeros(1, 4, 20)
    strong[..., :8] = 1
    assert score_map(strong) == 1
    assert score_map(torch.full((1, 2, 3), 0.25)) == 0.25
