import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmseg.apis import init_model

from diffmm.apis import DepthImage, DepthPredictor
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
test_dataloader = dict(dataset=dict(type='NYUDataset', pipeline=test_pipeline))
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


def test_depth_is_in_meters_and_has_the_size_of_the_image(predictor):
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


def test_a_list_gives_results_in_its_order(predictor):
    pictures = np.random.default_rng(0).integers(0, 256, (3, 64, 96, 3))
    pictures = list(pictures.astype(np.uint8))
    one_by_one = [predictor(picture, 'kitchen').depth for picture in pictures]
    for size in (1, 2):
        together = predictor(pictures, ['kitchen'] * 3, batch_size=size)
        for result, depth in zip(together, one_by_one, strict=True):
            np.testing.assert_allclose(result.depth, depth, rtol=1e-5)
    with pytest.raises(ValueError, match='3 pictures need as many texts, got 2'):
        predictor(pictures, ['kitchen'] * 2)


def test_the_unit_of_depth_files_is_that_of_the_data_set(predictor):
    assert predictor.units_per_meter == pytest.approx(1000)
    assert predictor.max_depth == 10
    (predictor.cfg.test_dataloader.dataset.pipeline[1]).depth_rescale_factor = 1 / 256
    assert predictor.units_per_meter == pytest.approx(256)


@pytest.fixture
def result():
    depth = np.linspace(0.5, 9.5, 12 * 16, dtype=np.float32).reshape(12, 16)
    return DepthImage(np.zeros((12, 16, 3), np.uint8), depth)


def test_near_is_bright_and_far_is_dark(result):
    colors = result.colored().astype(int).sum(-1)
    assert colors.shape == (12, 16)
    assert colors[0, 0] > colors[6, 0] > colors[-1, -1]
    # A common range keeps colors comparable between images.
    part = DepthImage(result.image[:6], result.depth[:6])
    np.testing.assert_array_equal(part.colored((0.5, 9.5)), result.colored()[:6])


def test_a_constant_depth_has_one_color():
    flat = DepthImage(np.zeros((4, 4, 3), np.uint8), np.full((4, 4), 2.0, np.float32))
    assert len(np.unique(flat.colored().reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize('units', [1000.0, 256.0])
def test_sixteen_bits_hold_the_depth(result, tmp_path, units):
    path = tmp_path / 'new' / 'depth.png'
    result.save_png16(path, units)
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16
    np.testing.assert_allclose(stored / units, result.depth, atol=0.51 / units)


def test_the_colored_picture_is_written(result, tmp_path):
    path = tmp_path / 'new' / 'depth.png'
    result.save_colored(path)
    np.testing.assert_array_equal(cv2.imread(str(path))[..., ::-1], result.colored())


def test_what_cannot_be_written_is_refused(result, tmp_path):
    with pytest.raises(ValueError, match=r'name it \.png'):
        result.save_png16(tmp_path / 'depth.jpg')
    with pytest.raises(ValueError, match='9.5 m are 95000 units'):
        result.save_png16(tmp_path / 'depth.png', 10000)
    with pytest.raises(ValueError, match='cannot write'):
        result.save_colored(tmp_path / 'depth.xyz')
