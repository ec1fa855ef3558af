"""A tiny segmentation model: its config, its checkpoint and some images."""

import copy

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmseg.apis import init_model

import diffmm  # noqa: F401  registers the backbone

CONFIG = """
default_scope = 'mmseg'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
classes = ('sky', 'grass', 'cat')
palette = [[0, 0, 255], [0, 255, 0], [255, 0, 0]]
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        mean=[127.5] * 3,
        std=[127.5] * 3,
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=255),
    backbone=dict(
        type='StableDiffusionBackbone',
        arch='mini',
        pretrained='weights/that/are/not/here',
        prompt=dict(type='ClassNamePrompt', classes=classes, embeddings='gone.pth')),
    neck=dict(type='FPN', in_channels=[32, 64, 128, 128], out_channels=16, num_outs=4),
    decode_head=dict(
        type='FPNHead',
        in_channels=[16] * 4,
        in_index=[0, 1, 2, 3],
        feature_strides=[4, 8, 16, 32],
        channels=16,
        dropout_ratio=0.0,
        num_classes=3,
        norm_cfg=dict(type='SyncBN'),
        align_corners=False,
        loss_decode=dict(type='CrossEntropyLoss')),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'))
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', reduce_zero_label=True),
    dict(type='PackSegInputs')]
test_dataloader = dict(
    dataset=dict(
        type='RepeatDataset',
        times=1,
        dataset=dict(
            type='BaseSegDataset',
            metainfo=dict(classes=classes, palette=palette),
            data_root='data/that/is/not/here',
            data_prefix=dict(img_path='images', seg_map_path='masks'),
            pipeline=test_pipeline)))
"""


@pytest.fixture(scope='session')
def config_file(tmp_path_factory):
    path = tmp_path_factory.mktemp('config') / 'tiny.py'
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope='session')
def state_dict(config_file):
    config = Config.fromfile(config_file)
    torch.manual_seed(0)
    return init_model(copy.deepcopy(config), device='cpu').state_dict()


@pytest.fixture
def write_checkpoint(tmp_path, state_dict):
    def write(**content):
        path = tmp_path / 'trained.pth'
        torch.save({'state_dict': state_dict, **content}, path)
        return path

    return write


@pytest.fixture
def checkpoint_file(write_checkpoint):
    meta = dict(
        dataset_meta=dict(
            classes=('heaven', 'lawn', 'cat'),
            palette=[[0, 0, 255], [0, 255, 0], [255, 0, 0]],
        )
    )
    return write_checkpoint(meta=meta)


@pytest.fixture
def write_image(tmp_path):
    """Return a function that writes a random image of any shape and type."""

    def write(name, *shape, dtype=np.uint8):
        path = tmp_path / name
        pixels = np.random.default_rng(0).integers(0, 256, shape)
        assert cv2.imwrite(str(path), pixels.astype(dtype))
        return path

    return write
