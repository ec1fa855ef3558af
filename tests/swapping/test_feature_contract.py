from __future__ import annotations

import pytest
import torch
from torch import nn

import diffmm  # noqa: F401
from diffmm.swapping import SwapError, check_feature_contract
from diffmm.swapping.host_modules import build

BACKBONE = dict(
    type='StableDiffusionBackbone', arch='mini', prompt=dict(type='NullPrompt')
)
HEAD = dict(type='FCNHead', in_channels=128, channels=8, num_classes=3)


def segmentor(**options):
    model = dict(type='EncoderDecoder', backbone=BACKBONE, decode_head=HEAD)
    return build(model | options, 'mmseg')


def fpn(**options):
    config = dict(type='FPN', in_channels=[32, 64, 128, 128], out_channels=16)
    return config | dict(num_outs=5) | options


def detector(neck=None, **options):
    head = dict(
        type='RetinaHead',
        num_classes=3,
        in_channels=16,
        feat_channels=16,
        stacked_convs=1,
        anchor_generator=dict(
            type='AnchorGenerator',
            scales=[4],
            ratios=[1.0],
            strides=[8, 16, 32, 64, 128],
        ),
        bbox_coder=dict(type='DeltaXYWHBBoxCoder'),
    )
    model = dict(
        type='RetinaNet',
        backbone=BACKBONE,
        neck=neck or fpn(),
        bbox_head=head | options,
    )
    return build(model, 'mmdet')


def pose(neck=None, **options):
    codec = dict(type='MSRAHeatmap', input_size=(96, 128), heatmap_size=(24, 32))
    head = dict(
        type='HeatmapHead',
        in_channels=128,
        out_channels=17,
        deconv_out_channels=(8, 8, 8),
        deconv_kernel_sizes=(4, 4, 4),
        decoder=codec | dict(sigma=2),
    )
    model = dict(type='TopdownPoseEstimator', backbone=BACKBONE, head=head | options)
    if neck is not None:
        model['neck'] = neck
    return build(model, 'mmpose')


def stride(value):
    return dict(
        type='StridePyramidNeck',
        in_channels=[32, 64, 128, 128],
        in_strides=[8, 16, 32, 64],
        strides=[value],
    )


def test_models_that_fit_pass_unchanged():
    auxiliary = dict(HEAD, in_channels=64, in_index=1)
    for model in (
        segmentor(auxiliary_head=auxiliary),
        detector(),
        pose(neck=stride(32)),
    ):
        model.train()
        before = {name: value.clone() for name, value in model.state_dict().items()}
        modes = [module.training for module in model.modules()]
        check_feature_contract(model)
        after = model.state_dict()
        assert all(torch.equal(value, after[name]) for name, value in before.items())
        assert modes == [module.training for module in model.modules()]
        assert not any(module._forward_pre_hooks for module in model.modules())


def refining(steps, **options):
    """Meta Prompts: three passes, one channel a prompt from stride 4 on."""
    rearrange = dict(
        type='PromptRearrangementNeck', in_channels=[32, 64, 128, 128], width=128
    )
    return segmentor(
        backbone=BACKBONE
        | dict(
            prompt=dict(type='MetaPrompts', num_prompts=7),
            refinement_steps=3,
            learned_timesteps=True,
        ),
        neck=dict(
            type='RecurrentRefinementNeck', num_steps=steps, neck=rearrange | options
        ),
        decode_head=HEAD | dict(in_channels=7),
    )


def test_necks_that_refine_and_read_prompts_are_run():
    check_feature_contract(refining(3))
    with pytest.raises(SwapError, match='num_steps=4, but the backbone refine.*=3'):
        check_feature_contract(refining(4))
    with pytest.raises(SwapError, match='width=64, but the prompts are 128 wide'):
        check_feature_contract(refining(3, width=64))
    with pytest.raises(SwapError, match=r'decode_head\.in_channels has 7, .* 128'):
        check_feature_contract(refining(3, rearrange=False))


def test_codecs_of_two_parts_know_the_image_size():
    codec = dict(
        type='IntegralRegressionLabel',
        input_size=(128, 128),
        heatmap_size=(32, 32),
        sigma=2.0,
    )
    head = dict(
        type='DSNTHead',
        in_channels=128,
        in_featuremap_size=(4, 4),
        num_joints=17,
        deconv_out_channels=(8, 8, 8),
        deconv_kernel_sizes=(4, 4, 4),
        loss=dict(
            type='MultipleLossWrapper',
            losses=[dict(type='SmoothL1Loss'), dict(type='KeypointMSELoss')],
        ),
        decoder=codec,
    )
    model = dict(type='TopdownPoseEstimator', backbone=BACKBONE, neck=stride(32))
    check_feature_contract(build(model | dict(head=head), 'mmpose'))
    head['in_featuremap_size'] = (8, 8)
    with pytest.raises(SwapError, match='DSNTHead, which fails'):
        check_feature_contract(build(model | dict(head=head), 'mmpose'))


def test_cascades_get_the_output_before():
    ocr = dict(type='OCRHead', in_channels=128, channels=8, ocr_channels=4)
    model = dict(
        type='CascadeEncoderDecoder',
        num_stages=2,
        backbone=BACKBONE,
        decode_head=[HEAD, ocr | dict(num_classes=3)],
    )
    check_feature_contract(build(model, 'mmseg'))
    model['decode_head'][1]['in_channels'] = 64
    with pytest.raises(SwapError, match=r'decode_head\.1\.in_channels has 64, .* 128'):
        check_feature_contract(build(model, 'mmseg'))


@pytest.mark.parametrize(
    'make, message',
    [
        (
            lambda: detector(neck=fpn(in_channels=[256, 512, 1024, 2048])),
            r'model\.neck\.in_channels has \[256, 512, 1024, 2048\], but should be '
            r'\[32, 64, 128, 128\] \(its layer lateral_convs.0.conv takes 256 channels '
            r'and gets 32\)',
        ),
        (
            lambda: detector(neck=fpn(in_channels=[32, 64, 128, 128, 128])),
            r'model\.neck\.in_channels has \[32, 64, 128, 128, 128\], but should be '
            r'\[32, 64, 128, 128\]',
        ),
        (
            lambda: detector(in_channels=8),
            r'model\.bbox_head\.in_channels has 8, but should be 16',
        ),
        (
            lambda: detector(neck=fpn(num_outs=4)),
            r'model\.bbox_head\.anchor_generator\.strides has '
            r'\[8, 16, 32, 64, 128\], but should be \[8, 16, 32, 64\]',
        ),
        (
            lambda: segmentor(decode_head=dict(HEAD, in_channels=64)),
            r'model\.decode_head\.in_channels has 64, but should be 128',
        ),
        (
            lambda: segmentor(auxiliary_head=dict(HEAD, in_index=4)),
            r'model\.auxiliary_head\.in_index has 4, but should be below 4',
        ),
        (
            lambda: segmentor(
                decode_head=dict(
                    HEAD,
                    in_channels=[32, 64],
                    in_index=[0, 3],
                    input_transform='resize_concat',
                )
            ),
            r'model\.decode_head\.in_channels has 96, but should be \[32, 128\]',
        ),
        (
            lambda: pose(neck=stride(32), in_channels=64),
            r'model\.head\.in_channels has 64, but should be 128',
        ),
        (
            pose,
            r'model\.head has HeatmapHead, which gives heat maps of \[16, 16\], but '
            r'should be one that gives \[24, 32\]',
        ),
    ],
)
def test_what_does_not_fit_is_named(make, message):
    with pytest.raises(SwapError, match=message):
        check_feature_contract(make())


def test_strides_of_roi_extractors():
    extractor = dict(
        type='SingleRoIExtractor',
        roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=0),
        out_channels=16,
        featmap_strides=[4, 8, 16, 32],
    )
    model = nn.Module()
    model.backbone = build(BACKBONE, 'mmdet')
    model.neck = build(fpn(), 'mmdet')
    model.roi_head = nn.Module()
    model.roi_head.bbox_roi_extractor = build(extractor, 'mmdet')
    message = r'bbox_roi_extractor\.featmap_strides has \[4, 8, 16, 32\], .*\[8, 16, 32'
    with pytest.raises(SwapError, match=message):
        check_feature_contract(model)
    extractor['featmap_strides'] = [8, 16, 32, 64]
    model.roi_head.bbox_roi_extractor = build(extractor, 'mmdet')
    check_feature_contract(model)


def test_other_backbones_are_refused():
    model = dict(type='EncoderDecoder', decode_head=HEAD)
    model['backbone'] = dict(type='ResNet', depth=18)
    with pytest.raises(ValueError, match='no backbone with feature_info, but ResNet'):
        check_feature_contract(build(model, 'mmseg'))
