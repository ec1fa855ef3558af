import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import MODELS
from mmseg.structures import SegDataSample

from diffmm.structures import ConditionedImages
from tests import tiny

SCENES = ('kitchen', 'study')
WINDOW = (96, 96)


def build(mode='slide', kind='SlidingDepthEstimator', **prompt):
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
        test_cfg=dict(mode=mode, crop_size=WINDOW, stride=(32, 32)),
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
