"""The swap in configs that the hosts ship, and in small ones of every structure."""

from __future__ import annotations

import importlib
from copy import deepcopy
from pathlib import Path

import pytest
from mmengine.config import Config

import diffmm  # noqa: F401
from diffmm.swapping import SwapError, swap_backbone
from diffmm.swapping.host_modules import build

BACKBONE = dict(
    type='StableDiffusionBackbone', arch='mini', prompt=dict(type='NullPrompt')
)
RESNET = dict(type='ResNet', depth=18)
CHANNELS = [64, 128, 256, 512]
# Its number of levels follows from its in_channels.
PAFPN = dict(type='YOLOXPAFPN', in_channels=[128, 256, 512], out_channels=8)


def shipped(host: str, path: str) -> Config:
    folder = Path(importlib.import_module(host).__file__).parent
    return Config.fromfile(str(folder / '.mim/configs' / path))


def small(host: str, **model) -> Config:
    return Config(dict(default_scope=host, model=dict(backbone=RESNET) | model))


def swap(cfg: Config, **options):
    original = deepcopy(cfg.to_dict())
    new, changes = swap_backbone(cfg, BACKBONE, **options)
    assert cfg.to_dict() == original, 'the host config is left as it was'
    return new, {change.key: change.new for change in changes}


def fpn(**options):
    config = dict(type='FPN', in_channels=CHANNELS, out_channels=16, num_outs=5)
    return config | options


def test_common_keys():
    cfg = small(
        'mmseg',
        pretrained='open-mmlab://resnet',
        data_preprocessor=dict(mean=[1, 2, 3], std=[1, 1, 1], bgr_to_rgb=False),
        decode_head=dict(type='FCNHead', in_channels=512, channels=8, num_classes=2),
    )
    cfg.custom_imports = dict(imports=['theirs'], allow_failed_imports=True)
    new, changes = swap(cfg)
    assert new.model.backbone == BACKBONE and new.model.pretrained is None
    preprocessor = new.model.data_preprocessor
    assert preprocessor.mean == preprocessor.std == [127.5] * 3
    assert preprocessor.bgr_to_rgb is True
    assert new.custom_imports.imports == ['diffmm', 'theirs']
    assert new.custom_imports.allow_failed_imports is True
    assert changes['model.decode_head.in_channels'] == 128
    assert changes['model.decode_head.in_index'] == 2


def test_changes_say_old_and_new():
    _, changes = swap_backbone(small('mmdet', neck=fpn()), BACKBONE)
    lines = [str(change) for change in changes]
    assert 'model.backbone: ResNet(...) -> StableDiffusionBackbone(...)' in lines
    assert (
        'model.neck.neck.in_channels: [64, 128, 256, 512] -> [32, 32, 64, 128]' in lines
    )


def test_segmentation_is_native():
    cfg = shipped('mmseg', 'sem_fpn/fpn_r50_4xb4-160k_ade20k-512x512.py')
    new, changes = swap(cfg)
    assert changes['model.neck.in_channels'] == [32, 64, 128, 128]
    assert changes['model.decode_head.feature_strides'] == [8, 16, 32, 64]
    assert new.optim_wrapper == cfg.optim_wrapper
    assert new.default_hooks == cfg.default_hooks


def test_detection_from_stride_4_gets_a_pyramid():
    new, changes = swap(shipped('mmdet', 'faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'))
    neck = new.model.neck
    assert (neck.type, neck.strides) == ('StridePyramidNeck', [4, 8, 16, 32])
    assert neck.neck.type == 'FPN' and neck.neck.in_channels == [32, 32, 64, 128]
    assert not [key for key in changes if key.startswith(('model.rpn', 'model.roi'))]
    assert 'find_unused_parameters' not in changes


def test_the_same_at_native_strides():
    cfg = shipped('mmdet', 'faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py')
    _, changes = swap(cfg, strides='native')
    assert changes['model.neck.in_channels'] == [32, 64, 128, 128]
    anchors = changes['model.rpn_head.anchor_generator.strides']
    assert anchors == [8, 16, 32, 64, 128]
    key = 'model.roi_head.bbox_roi_extractor.featmap_strides'
    assert changes[key] == [8, 16, 32, 64]


def test_detection_from_stride_8_is_native():
    new, changes = swap(shipped('mmdet', 'retinanet/retinanet_r18_fpn_1x_coco.py'))
    assert changes['model.neck.start_level'] == 0
    assert changes['model.neck.in_channels'] == [32, 64, 128, 128]
    assert not [key for key in changes if key.startswith('model.bbox_head')]


def test_heat_maps_keep_their_size():
    """Three deconvolutions from stride 32 to 4: the map must be that of stride 32."""
    path = 'body_2d_keypoint/topdown_heatmap/coco/'
    new, _ = swap(shipped('mmpose', path + 'td-hm_res50_8xb64-210e_coco-256x192.py'))
    assert new.model.neck.strides == [32] and new.model.head.in_channels == 128
    assert new.find_unused_parameters is True, 'the last blocks of the UNet are idle'


def test_one_finer_map_is_upsampled():
    path = 'body_2d_keypoint/topdown_heatmap/coco/'
    cfg = shipped('mmpose', path + 'td-hm_hrnet-w32_udp-8xb64-210e_coco-256x192.py')
    new, _ = swap(cfg)
    assert new.model.neck.strides == [4] and new.model.head.in_channels == 32
    assert 'find_unused_parameters' not in new


def test_plain_transformers_get_equal_strides():
    head = dict(type='UPerHead', in_channels=[8] * 4, in_index=[0, 1, 2, 3], channels=8)
    neck = dict(type='MultiLevelNeck', in_channels=[16] * 4, out_channels=8)
    cfg = small('mmseg', neck=neck, decode_head=head)
    new, _ = swap(cfg, host_maps=[(16, 16)] * 4)
    assert new.model.neck.strides == [16] * 4
    assert new.model.neck.neck.in_channels == [64] * 4


def test_a_segmentor_whose_neck_takes_three_maps_gets_three():
    """ICNet's."""
    head = dict(type='FCNHead', in_channels=8, channels=8, num_classes=2)
    neck = dict(type='ICNeck', in_channels=[8, 16, 16], out_channels=8)
    new, _ = swap(
        small('mmseg', neck=neck, decode_head=head),
        host_maps=[(8, 8), (16, 16), (16, 32)],
    )
    assert new.model.neck.strides == [8, 16, 32]


def test_a_segmentor_of_much_finer_maps_keeps_its_strides():
    """LRASPP reads strides 2 to 8, and pools 49x49 pixels of the last."""
    head = dict(type='LRASPPHead', in_channels=[8, 8, 9], in_index=[0, 1, 2])
    head |= dict(input_transform='multiple_select', channels=8, num_classes=2)
    new, _ = swap(small('mmseg', decode_head=head), host_maps=[(8, 2), (8, 4), (9, 8)])
    assert new.model.neck.strides == [2, 4, 8]
    assert new.model.decode_head.in_channels == [32, 32, 32]


def test_class_tokens_are_replaced():
    """DPT reads one beside every map of a plain ViT."""
    vit = dict(type='VisionTransformer', embed_dims=16, num_heads=2, num_layers=2)
    vit |= dict(out_indices=(0, 1), output_cls_token=True)
    head = dict(type='DPTHead', in_channels=(16, 16), in_index=(0, 1), embed_dims=16)
    new, _ = swap(small('mmseg', backbone=vit, decode_head=head))
    assert new.model.neck.strides == [16, 16] and new.model.neck.with_token
    assert new.model.decode_head.embed_dims == 64


def test_a_neck_that_runs_the_old_backbone_again_is_refused():
    backbone = dict(type='DetectoRS_ResNet', depth=50, output_img=True)
    with pytest.raises(SwapError, match='passes the image on.*choose a config with F'):
        swap_backbone(small('mmdet', backbone=backbone), BACKBONE)


def test_maps_that_nothing_reads_cost_no_parameters():
    """RetinaNet's FPN leaves stride 4 out; an unused weight would stop DDP."""
    cfg = small('mmdet', neck=fpn(start_level=1, add_extra_convs='on_input'))
    new, _ = swap(cfg, strides='pyramid')
    assert new.model.neck.strides == [8, 8, 16, 32]
    assert not build(new.model.neck, 'mmdet').upsample


def test_necks_that_follow_one_another():
    more = dict(type='BFP', in_channels=16, num_levels=5, refine_level=2)
    new, _ = swap(small('mmdet', neck=[fpn(), more]))
    assert [each.type for each in new.model.neck.neck] == ['FPN', 'BFP']
    assert new.model.neck.neck[1].in_channels == 16


def test_attention_channels_count():
    backbone = BACKBONE | dict(
        prompt=dict(type='ClassNamePrompt', classes=['cat', 'dog']),
        attention=dict(stages=('up',), max_size=32),
    )
    new, _ = swap_backbone(small('mmdet', neck=fpn()), backbone, 'native')
    assert new.model.neck.in_channels == [32, 66, 130, 128]


def test_the_result_can_be_written_and_read(tmp_path):
    path = tmp_path / 'swapped.py'
    new, _ = swap(shipped('mmdet', 'faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'))
    new.dump(path)
    again = Config.fromfile(str(path))
    assert again.model.neck.neck.in_channels == [32, 32, 64, 128]
    assert again.model.neck.to_dict() == new.model.neck.to_dict()


@pytest.mark.parametrize(
    'cfg, options, message',
    [
        (small('mmdet', neck=fpn()), dict(strides='odd'), "got 'odd'"),
        (Config(dict(model=dict())), {}, 'default_scope has nothing'),
        (Config(dict(default_scope='mmdet', model={})), {}, 'model.backbone has noth'),
        (
            small('mmdet', neck=fpn(in_channels=[1, 2])),
            {},
            r'model\.neck has FPN with in_channels \[1, 2\]',
        ),
        (
            small('mmdet', rpn_head=dict(type='RPNHead', in_channels=7)),
            {},
            r'model\.rpn_head\.in_channels has 7, but should be 512',
        ),
        (
            small('mmdet', neck=PAFPN),
            dict(strides='native', host_maps=[(128, 8), (256, 16), (512, 32)]),
            r'model\.neck has 4 levels .* 3, what the heads were written for',
        ),
        (
            shipped('mmdet', 'faster_rcnn/faster-rcnn_r50-caffe-c4_ms-1x_coco.py'),
            {},
            r'model\.roi_head\.shared_head has ResLayer',
        ),
    ],
)
def test_what_cannot_be_placed_is_named(cfg, options, message):
    with pytest.raises(ValueError, match=message):
        swap_backbone(cfg, BACKBONE, **options)


def test_swap_errors_are_value_errors():
    assert issubclass(SwapError, ValueError)
