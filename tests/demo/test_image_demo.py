"""Tests of the image demo."""

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmseg.apis import init_model

import diffmm  # noqa: F401  registers the backbone

SCRIPT = Path(__file__).parents[2] / 'demo' / 'image_demo.py'
CONFIG = """
default_scope = 'mmseg'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor', mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True),
    backbone=dict(
        type='StableDiffusionBackbone',
        arch='mini',
        prompt=dict(type='ClassNamePrompt', classes=['cat', 'sky'])),
    decode_head=dict(
        type='FCNHead',
        in_channels=32,
        in_index=0,
        channels=8,
        num_convs=1,
        num_classes=2,
        out_channels=2,
        loss_decode=dict(type='CrossEntropyLoss')),
    test_cfg=dict(mode='whole'))
test_pipeline = [dict(type='LoadImageFromFile'), dict(type='PackSegInputs')]
"""


@pytest.fixture(scope='module')
def demo():
    spec = importlib.util.spec_from_file_location('image_demo', SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Return the paths of a config and of its checkpoint, which sees cats only."""
    folder = tmp_path_factory.mktemp('model')
    config, checkpoint = folder / 'config.py', folder / 'trained.pth'
    config.write_text(CONFIG)
    model = init_model(Config.fromfile(config), device='cpu')
    model.decode_head.conv_seg.bias.data.copy_(torch.tensor([1e4, 0]))
    meta = dict(classes=['cat', 'sky'], palette=[[255, 0, 0], [0, 0, 255]])
    torch.save(
        dict(state_dict=model.state_dict(), meta=dict(dataset_meta=meta)), checkpoint
    )
    return str(config), str(checkpoint)


@pytest.fixture
def image(tmp_path):
    path = tmp_path / 'grey.jpg'
    cv2.imwrite(str(path), np.full((70, 100), 100, np.uint8))
    return str(path)


def test_writes_the_overlay_and_prints_the_legend(
    demo, trained, image, tmp_path, capsys
):
    out = tmp_path / 'new' / 'overlay.png'

    demo.main([image, *trained, '--out-file', str(out), '--opacity', '0.5'])

    overlay = cv2.imread(str(out))
    assert overlay.shape == (6 * 70, 6 * 100, 3)
    assert np.abs(overlay[0, 0].astype(int) - [50, 50, 177]).max() <= 2
    printed = capsys.readouterr().out
    assert '100.00%  cat' in printed
    assert str(out) in printed


def test_default_file_lies_in_the_current_folder(
    demo, trained, image, tmp_path, monkeypatch
):
    folder = tmp_path / 'elsewhere'
    folder.mkdir()
    monkeypatch.chdir(folder)

    demo.main([image, *trained])

    assert [path.name for path in folder.iterdir()] == ['grey_segmented.png']


@pytest.mark.parametrize('missing', [0, 1, 2])
def test_missing_files(demo, trained, image, missing, capsys):
    arguments = [image, *trained]
    arguments[missing] = 'not/here'

    with pytest.raises(SystemExit, match='image_demo: no .* at not/here'):
        demo.main(arguments)


def test_small_image(demo, trained, tmp_path):
    path = tmp_path / 'dot.png'
    cv2.imwrite(str(path), np.zeros((8, 8, 3), np.uint8))

    with pytest.raises(SystemExit, match='64'):
        demo.main([str(path), *trained])


def test_bad_opacity(demo, trained, image):
    with pytest.raises(SystemExit, match='opacity'):
        demo.main([image, *trained, '--opacity', '2'])
