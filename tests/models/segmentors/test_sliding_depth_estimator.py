import pytest
import torch
import torch.nn.functional as F
from mmengine.config import ConfigDict
from mmengine.registry import MODELS
from mmseg.structures import SegDataSample

from diffmm.structures import ConditionedImages
from tests import tiny

SCENES = ('kitchen', 'study')
WINDOW = (96, 96)


def build(mode='slide', kind='SlidingDepthEstimator', test_cfg=None, **prompt):
    torch.manual_seed(0)
    scenes = dict(
        type='SceneNamePrompt',
        classes=SCENES,
        unknown='mean',
        adapter=dict(type='TextAdapter', gamma=1.0),
    )
    head = dict(
        type='mmseg.VPDDepthHead',
        in_channels=[16, 16, 32, 32],
        embed_dim=4,
        feature_dim=32,
        num_deconv_filters=(8, 8, 8),
        fmap_border=(1, 1),
        loss_decode=dict(type='BatchSiLogLoss'),
    )
    model = dict(
        type=kind,
        data_preprocessor=dict(type='mmseg.SegDataPreProcessor'),
        backbone=tiny.backbone_config(crop_padding=False, prompt={**scenes, **prompt}),
        decode_head=head,
        test_cfg=test_cfg or dict(mode=mode, crop_size=WINDOW, stride=(32, 32)),
    )
    return MODELS.build(ConfigDict(model)).eval()


def metas(count, **extra):
    return [dict(ori_shape=(96, 128), img_shape=(96, 128), **extra)] * count


def images(count=2, texts=SCENES):
    torch.manual_seed(1)
    return ConditionedImages(torch.rand(count, 3, 96, 128) * 2 - 1, texts[:count])


def by_hand(model, batch, flip):
    """Both windows, each with its mirror image or not, averaged where they overlap."""
    total, count = torch.zeros(len(batch), 1, 96, 128), torch.zeros(1, 1, 96, 128)
    for left in (0, 32):
        window = batch[..., left : left + 96]
        depth = model.decode_head(model.backbone(window))
        if flip:
            mirrored = model.decode_head(model.backbone(window.flip(3)))
            depth = (depth + mirrored.flip(3)) / 2
        total[..., left : left + 96] += depth
        count[..., left : left + 96] += 1
    return total / count


@pytest.mark.parametrize(('mode', 'flip'), [('slide', False), ('slide_flip', True)])
@torch.no_grad()
def test_windows_are_averaged(mode, flip):
    model = build(mode)
    depth = model.inference(images(), metas(2))
    assert depth.shape == (2, 1, 96, 128)
    torch.testing.assert_close(depth, by_hand(model, images(), flip))


@torch.no_grad()
def test_the_host_does_not_slide():
    """The day this fails, the subclass is no longer needed."""
    model = build(kind='mmseg.DepthEstimator')
    # It keeps one pass over the whole image, in the frame of the last window.
    depth = model.inference(images(), metas(2))
    assert depth.shape == (2, 1, *WINDOW)


@torch.no_grad()
def test_every_image_keeps_its_scene():
    model = build('slide_flip')
    first = model.inference(images(1, SCENES), metas(1))
    second = model.inference(images(1, SCENES[::-1]), metas(1))
    assert (first - second).abs().max() > 1e-6
    both = ConditionedImages(images(1).plain().expand(2, -1, -1, -1), SCENES)
    together = model.inference(both, metas(2))
    torch.testing.assert_close(together, torch.cat([first, second]))


@torch.no_grad()
def test_the_tensor_mode_keeps_the_scene_numbers():
    model = build()
    batch = images().plain()[..., :96]
    samples = [SegDataSample(metainfo=dict(category_id=number)) for number in (0, 1)]
    depth = model(batch, samples, mode='tensor')
    named = model.decode_head(model.backbone(ConditionedImages(batch, SCENES)))
    assert torch.equal(depth, named)
    swapped = model(batch, samples[::-1], mode='tensor')
    assert not torch.equal(depth, swapped)


@torch.no_grad()
def test_images_without_a_scene_are_refused():
    with pytest.raises(RuntimeError, match='needs the text of every image'):
        build(unknown='error').inference(images().plain(), metas(2))


@pytest.mark.parametrize('mode', ['slide', 'slide_flip'])
@pytest.mark.parametrize(
    ('width', 'stride', 'lefts'),
    [
        # KITTI's 1216 columns, windows of 352 and stride of 57, an eighth in size; the
        # last window is 3 columns from the one before.
        (152, 7, [*range(0, 106, 7), 108]),
        (128, 32, [0, 32, 64, 84]),
        (108, 32, [0, 32, 64]),
        (44, 32, [0]),
    ],
)
def test_windows_cover_every_column(monkeypatch, mode, width, stride, lefts):
    """Counted by the windows themselves: each returns its own pixels."""
    test_cfg = dict(mode=mode, crop_size=(44, 44), stride=(stride, stride))
    model = build(test_cfg=test_cfg)
    seen = []

    def return_pixels(window, metas):
        seen.extend(window.clone().split(1))
        return window[:, :1]

    monkeypatch.setattr(model, 'encode_decode', return_pixels)
    pixels = torch.arange(width).float().expand(1, 3, 44, width)
    depth = model.inference(pixels, [dict(ori_shape=(44, width))])
    torch.testing.assert_close(depth, pixels[:, :1])
    plain = seen[:: 2 if mode == 'slide_flip' else 1]
    assert [int(window[0, 0, 0, 0]) for window in plain] == lefts
    counts = torch.zeros(width)
    for window in plain:
        counts[window[0, 0, 0].long()] += 1
    assert counts.min() >= 1
    if mode == 'slide_flip':
        mirrored = [window.flip(3) for window in seen[1::2]]
        assert all(map(torch.equal, plain, mirrored))


@pytest.mark.parametrize('mode', ['slide', 'slide_flip'])
@pytest.mark.parametrize('size', [(95, 200), (200, 95)])
def test_a_window_larger_than_the_image_is_refused(mode, size):
    model = build(mode)
    meta = dict(ori_shape=size, img_path='small.png')
    message = rf"small.png has {size[0]}x{size[1]} .* window of 96x96.*mode='whole'"
    with pytest.raises(ValueError, match=message):
        model.inference(torch.zeros(1, 3, *size), [meta])


@pytest.mark.parametrize('stride', [(97, 32), (32, 97), (0, 32)])
def test_gaps_between_windows_are_refused(stride):
    test_cfg = dict(mode='slide_flip', crop_size=WINDOW, stride=stride)
    with pytest.raises(ValueError, match=r'stride of .* pixels; a stride must be pos'):
        build(test_cfg=test_cfg)


@torch.no_grad()
def test_images_are_resized_on_their_way_and_keep_their_text():
    model = build()
    plain = model.extract_feat(images(2))
    model.input_scale = 4 / 3
    features = model.extract_feat(images(2))
    # Maps of the padded images, 96x128 and 128x171.
    assert plain[0].shape[-2:] == (16, 16) and features[0].shape[-2:] == (16, 24)
    resized = F.interpolate(
        images(2).plain(), (128, 171), mode='bilinear', align_corners=False
    )
    expected = model.backbone(ConditionedImages(resized, SCENES))
    for ours, theirs in zip(features, expected, strict=True):
        assert torch.equal(ours, theirs)
    with pytest.raises(ValueError, match='input_scale must be positive, got 0'):
        config = dict(type='SlidingDepthEstimator', input_scale=0)
        head = dict(type='DeconvDepthHead', in_channels=4)
        MODELS.build(
            ConfigDict(**config, backbone=tiny.backbone_config(), decode_head=head)
        )
