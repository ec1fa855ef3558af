import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmseg.apis import init_model

from diffmm.apis import DepthPredictor
from tests import tiny

CONFIG = f"""
default_scope = 'mmseg'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    type='SlidingDepthEstimator',
    data_preprocessor=dict(
        type='TextSegDataPreProcessor', text_key='scene',
        mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True),
    backbone=dict(
        type='StableDiffusionBackbone',
        arch={tiny.ARCHITECTURE!r},
        prompt=dict(type='SceneNamePrompt', classes=['kitchen', 'office'])),
    decode_head=dict(
        type='VPDDepthHead', in_channels={[16, 16, 32, 32]!r},
        embed_dim=8, feature_dim=64, num_deconv_layers=3,
        num_deconv_filters=(8, 8, 8)),
    test_cfg=dict(mode='slide_flip', crop_size=(64, 64), stride=(64, 32)))
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadDepthAnnotation', depth_rescale_factor=1e-3),
    dict(type='PackSegInputs', meta_keys=('img_path', 'ori_shape', 'scene'))]
"""


@pytest.fixture(scope='module')
def predictor(tmp_path_factory):
    folder = tmp_path_factory.mktemp('depth')
    config, checkpoint = folder / 'config.py', folder / 'trained.pth'
    config.write_text(CONFIG)
    torch.manual_seed(0)
    model = init_model(Config.fromfile(config), device='cpu')
    torch.save(dict(state_dict=model.state_dict()), checkpoint)
    return DepthPredictor(config, checkpoint)


def test_depth_is_in_metres_and_has_the_size_of_the_image(predictor):
    image = np.random.default_rng(0).integers(0, 256, (64, 96, 3)).astype(np.uint8)
    result = predictor(image, 'kitchen')
    assert result.depth.shape == (64, 96)
    assert result.depth.dtype == np.float32
    assert 0 < result.depth.min() <= result.depth.max() < 10
    assert not np.array_equal(predictor(image, 'office').depth, result.depth)


def test_a_scene_is_needed_and_must_be_known(predictor):
    image = np.zeros((64, 96, 3), np.uint8)
    with pytest.raises(ValueError, match=r'needs the text of the image \(scene\)'):
        predictor(image)
    with pytest.raises(ValueError, match="'cave' is none of the 2.*kitchen"):
        predictor(image, 'cave')
