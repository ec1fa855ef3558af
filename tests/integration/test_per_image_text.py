"""Every image meets its own text, whatever a host does with the batch on the way."""

import numpy as np
import pytest
import torch
from mmdet.structures import DetDataSample
from mmengine.config import ConfigDict
from mmengine.registry import MODELS, DefaultScope
from mmengine.structures import InstanceData, PixelData
from mmpose.structures import PoseDataSample
from mmseg.structures import SegDataSample

from tests import tiny

TEXTS = ('the red ball', 'a tree')
CHANNELS = [16, 16, 32, 32]
PROMPT = dict(type='TextPrompt', num_tokens=8, adapter=dict(type='TextAdapter'))
PIXELS = dict(mean=[127.5] * 3, std=[127.5] * 3, text_key='caption')


@pytest.fixture
def seen(monkeypatch):
    """The texts of every forward of a prompt, in order."""
    from diffmm.models.prompts import TextPrompt

    calls = []
    forward = TextPrompt.forward

    def record(self, batch_size, texts=None):
        calls.append(texts)
        return forward(self, batch_size, texts)

    monkeypatch.setattr(TextPrompt, 'forward', record)
    return calls


def build(scope: str, **model):
    """A model of a host around a tiny backbone that is prompted image by image."""
    with DefaultScope.overwrite_default_scope(scope), tiny.quiet():
        torch.manual_seed(0)
        backbone = tiny.backbone_config(prompt=dict(PROMPT))
        model = MODELS.build(ConfigDict(model, backbone=backbone))
        model.init_weights()
    return model.eval()


def batch(kind: type, size=(64, 96), texts=TEXTS, **meta):
    """Two different images with their texts."""
    generator = torch.Generator().manual_seed(0)
    shape = dict(ori_shape=size, img_shape=size, pad_shape=size, scale_factor=(1, 1))
    return dict(
        inputs=[
            torch.randint(0, 256, (3, *size), dtype=torch.uint8, generator=generator)
            for _ in texts
        ],
        data_samples=[
            kind(metainfo=dict(img_path='a.jpg', caption=text, **shape, **meta))
            for text in texts
        ],
    )


def segmentor(**test_cfg):
    return build(
        'mmseg',
        type='EncoderDecoder',
        data_preprocessor=dict(type='TextSegDataPreProcessor', size=(64, 96), **PIXELS),
        decode_head=dict(
            type='FCNHead',
            in_channels=16,
            in_index=0,
            channels=8,
            num_convs=1,
            num_classes=3,
            norm_cfg=dict(type='GN', num_groups=2),
        ),
        test_cfg=test_cfg,
    )


def test_mmseg_slide_windows(seen):
    model = segmentor(mode='slide', crop_size=(64, 64), stride=(32, 32))
    results = model.test_step(batch(SegDataSample))
    assert seen == [TEXTS] * 2
    assert results[0].pred_sem_seg.shape == (64, 96)


def test_mmseg_loss_reaches_the_adapter_through_gradient_checkpointing(seen):
    model = segmentor(mode='whole').train()
    model.backbone.unet.enable_gradient_checkpointing()
    data = batch(SegDataSample)
    for sample in data['data_samples']:
        labels = torch.zeros(1, 64, 96, dtype=torch.long)
        sample.gt_sem_seg = PixelData(data=labels)
    data = model.data_preprocessor(data, True)
    losses, _ = model.parse_losses(model(**data, mode='loss'))
    losses.backward()
    assert seen == [TEXTS]
    assert model.backbone.prompt.adapter.gamma.grad.abs().sum() > 0


def test_mmseg_test_time_augmentation(seen):
    from mmseg.models import SegTTAModel

    model = SegTTAModel(segmentor(mode='whole'))
    views = [batch(SegDataSample, flip=flip) for flip in (False, True)]
    for view in views:
        for sample in view['data_samples']:
            sample.set_metainfo(dict(flip_direction='horizontal'))
            sample.gt_sem_seg = PixelData(data=torch.zeros(1, 64, 96))
    data = {key: [view[key] for view in views] for key in views[0]}
    model.test_step(data)
    assert seen == [TEXTS] * 2


def test_mmseg_depth_estimator_windows_and_flips(seen):
    model = build(
        'mmseg',
        type='DepthEstimator',
        data_preprocessor=dict(type='TextSegDataPreProcessor', size=(64, 96), **PIXELS),
        decode_head=dict(
            type='VPDDepthHead',
            in_channels=CHANNELS,
            embed_dim=8,
            feature_dim=64,
            num_deconv_layers=3,
            num_deconv_filters=(8, 8, 8),
            fmap_border=0,
        ),
        test_cfg=dict(mode='slide_flip', crop_size=(64, 64), stride=(32, 32)),
    )
    results = model.test_step(batch(SegDataSample))
    assert seen == [TEXTS] * 4
    assert results[1].pred_depth_map.shape == (64, 96)


def test_mmpose_flip_test(seen):
    model = build(
        'mmpose',
        type='TopdownPoseEstimator',
        data_preprocessor=dict(type='TextPoseDataPreprocessor', **PIXELS),
        head=dict(
            type='HeatmapHead',
            in_channels=16,
            out_channels=17,
            deconv_out_channels=(),
            deconv_kernel_sizes=(),
            loss=dict(type='KeypointMSELoss'),
            decoder=dict(
                type='MSRAHeatmap', input_size=(96, 64), heatmap_size=(12, 8), sigma=1
            ),
        ),
        neck=dict(type='FeatureMapProcessor', select_index=0),
        test_cfg=dict(flip_test=True, flip_mode='heatmap'),
    )
    meta = dict(
        flip_indices=list(range(17)),
        input_size=np.array([96, 64]),
        input_center=np.array([48.0, 32.0]),
        input_scale=np.array([96.0, 64.0]),
    )
    data = batch(PoseDataSample, **meta)
    for sample in data['data_samples']:
        boxes = np.array([[0.0, 0.0, 95.0, 63.0]])
        sample.gt_instances = InstanceData(bboxes=boxes, bbox_scores=np.ones(1))
    model.test_step(data)
    assert seen == [TEXTS] * 2


def test_mmdet_detector(seen):
    model = build(
        'mmdet',
        type='FCOS',
        data_preprocessor=dict(
            type='TextDetDataPreprocessor', pad_size_divisor=32, **PIXELS
        ),
        neck=dict(type='FPN', in_channels=CHANNELS, out_channels=8, num_outs=4),
        bbox_head=dict(
            type='FCOSHead',
            num_classes=3,
            in_channels=8,
            feat_channels=8,
            stacked_convs=1,
            strides=[8, 16, 32, 64],
            regress_ranges=((-1, 64), (64, 128), (128, 256), (256, 1e8)),
            norm_cfg=dict(type='GN', num_groups=2),
        ),
        test_cfg=dict(
            nms_pre=10,
            min_bbox_size=0,
            score_thr=0.0,
            nms=dict(type='nms', iou_threshold=0.5),
            max_per_img=5,
        ),
    )
    model.test_step(batch(DetDataSample, batch_input_shape=(64, 96)))
    assert seen == [TEXTS]


def test_the_texts_of_a_broken_validation_are_not_left_behind(seen):
    model = segmentor(mode='whole')
    data = batch(SegDataSample)
    data['data_samples'][1].set_metainfo(dict(ori_shape=None))
    with pytest.raises((TypeError, ValueError)):
        model.val_step(data)
    assert seen == [TEXTS]
    with pytest.raises(RuntimeError, match='this batch carries none'):
        model.train()(torch.zeros(2, 3, 64, 96), mode='tensor')


def test_consecutive_batches_use_their_own_texts(seen):
    model = segmentor(mode='whole')
    for texts in (TEXTS, ('one',), ('two', 'three', 'four')):
        model.test_step(batch(SegDataSample, texts=texts))
    assert seen == [TEXTS, ('one',), ('two', 'three', 'four')]
