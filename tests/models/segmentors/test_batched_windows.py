import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.registry import MODELS

from diffmm.structures import ConditionedImages
from tests import tiny

TEST_CFG = dict(mode='slide', crop_size=(64, 64), stride=(48, 40))


def build(kind, **test_cfg):
    torch.manual_seed(0)
    head = dict(
        type='mmseg.FCNHead',
        in_channels=16,
        in_index=0,
        channels=8,
        num_convs=1,
        num_classes=5,
    )
    prompt = dict(type='TextPrompt', num_tokens=8)
    model = dict(
        type=kind,
        data_preprocessor=dict(type='mmseg.SegDataPreProcessor'),
        backbone=tiny.backbone_config(prompt=prompt),
        decode_head=head,
        test_cfg=TEST_CFG | test_cfg,
    )
    return MODELS.build(ConfigDict(model)).eval()


@pytest.mark.parametrize('per_batch', [1, 4, 64])
@torch.no_grad()
def test_batches_of_windows_predict_what_the_host_predicts(per_batch):
    """Two pictures with texts of their own, whose windows end at the edge."""
    images = ConditionedImages(tiny.image(100, 150, 2), ['a cat', 'the sky'])
    host = build('mmseg.EncoderDecoder')
    ours = build('SlidingEncoderDecoder', windows_per_batch=per_batch)
    assert ours.state_dict().keys() == host.state_dict().keys()
    widths = []
    ours.backbone.register_forward_hook(
        lambda _, args, out: widths.append(len(args[0]))
    )
    metas = [dict(ori_shape=(100, 150)), dict(ori_shape=(100, 150))]
    expected = host.inference(images, [dict(meta) for meta in metas])
    found = ours.inference(images, metas)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    assert sum(widths) == 2 * 8 and max(widths) == max(2, min(per_batch, 16))
    assert metas == [dict(ori_shape=(100, 150))] * 2


@torch.no_grad()
def test_a_picture_smaller_than_a_window_is_one():
    found = build('SlidingEncoderDecoder').inference(
        ConditionedImages(tiny.image(64, 60 + 4), ['a cat']), [dict(ori_shape=(64, 64))]
    )
    assert found.shape == (1, 5, 64, 64)


@torch.no_grad()
def test_out_of_memory_halves_the_batch(monkeypatch):
    model = build('SlidingEncoderDecoder', windows_per_batch=4)
    predict, lengths = model.encode_decode, []

    def fill_the_memory(images, metas):
        lengths.append(len(images))
        if len(images) > 2:
            raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate')
        return predict(images, metas)

    images = ConditionedImages(tiny.image(64, 220), ['a cat'])
    expected = model.inference(images, [dict(ori_shape=(64, 220))])
    monkeypatch.setattr(model, 'encode_decode', fill_the_memory)
    found = model.inference(images, [dict(ori_shape=(64, 220))])
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    assert lengths == [4, 2, 2, 1]


def test_a_batch_of_no_windows_is_refused():
    with pytest.raises(ValueError, match='windows_per_batch must be a positive'):
        build('SlidingEncoderDecoder', windows_per_batch=0)
