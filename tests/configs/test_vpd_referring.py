"""What is special about the referring segmentation configs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, METRICS, MODELS
from PIL import Image
from torch import nn

from diffmm.datasets.coco_segmentation import decode_union
from diffmm.engine import MergedOptimWrapperConstructor
from tests.configs.networks import (
    initialized,
    options_of_parameters,
    unused_parameters,
)
from tests.configs.shipped import load
from tests.datasets.refer_folder import (
    HEIGHT,
    TWO_SQUARES,
    WIDTH,
    reference,
    write_folder,
)

NAMES = {'refcoco': 40, 'refcoco+': 40, 'g-ref': 77}
EPOCHS = (1, 40)
MINI = 'vpd_mini_lavt_1xb8-2e_mini-refcoco-128x128'


def full(name: str, epochs: int) -> Config:
    return load(f'vpd_sd15_lavt_4xb8-{epochs}e_{name}-512x512')


@pytest.mark.parametrize('epochs', EPOCHS)
@pytest.mark.parametrize(('name', 'num_tokens'), NAMES.items())
def test_tokens_channels_and_data_belong_together(name, num_tokens, epochs):
    cfg = full(name, epochs)
    assert cfg.model.backbone.prompt.num_tokens == num_tokens
    channels = [320, 640 + num_tokens, 1280 + num_tokens, 1280]
    assert cfg.model.decode_head.in_channels == channels
    with torch.device('meta'):
        head = MODELS.build(cfg.model.decode_head)
    assert sum(isinstance(m, nn.SyncBatchNorm) for m in head.modules()) == 6
    folder, split_by = ('refcocog', 'umd') if name == 'g-ref' else (name, 'unc')
    splits = []
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        assert (loader.dataset.dataset, loader.dataset.split_by) == (folder, split_by)
        splits.append((loader.dataset.split, loader.dataset.get('test_mode', False)))
    assert splits == [('train', False), ('val', True), ('val', True)]
    assert cfg.train_cfg.max_epochs == cfg.param_scheduler[0].end == epochs
    assert cfg.train_dataloader.drop_last and cfg.train_dataloader.batch_size == 8


class NamedLike(nn.Module):
    """Parameters with names of the network, one each."""

    def __init__(self, names):
        super().__init__()
        for name in names:
            module = self
            *path, last = name.split('.')
            for part in path:
                if part not in module._modules:
                    module.add_module(part, nn.Module())
                module = module._modules[part]
            module.register_parameter(last, nn.Parameter(torch.zeros(2)))


def test_decay_and_learning_rate_are_those_of_the_released_training():
    block = 'backbone.unet.down_blocks.0.attentions.1'
    decays = {
        # Norms of transformers do not decay.
        f'{block}.norm.weight': 0,
        f'{block}.transformer_blocks.0.norm2.bias': 0,
        'backbone.unet.up_blocks.1.attentions.2.norm.weight': 0,
        'backbone.unet.mid_block.attentions.0.norm.bias': 0,
        # All else does.
        'backbone.unet.down_blocks.0.resnets.0.norm1.weight': 1e-2,
        f'{block}.transformer_blocks.0.attn2.to_k.weight': 1e-2,
        'backbone.prompt.adapter.gamma': 1e-2,
        'decode_head.fusions.0.1.weight': 1e-2,
        'decode_head.conv_seg.bias': 1e-2,
    }
    wrapper = full('refcoco', 40).optim_wrapper
    constructor = MergedOptimWrapperConstructor(
        {key: wrapper[key] for key in ('type', 'optimizer')}, wrapper.paramwise_cfg
    )
    model = NamedLike(decays)
    optimizer = constructor(model).optimizer
    assert len(optimizer.param_groups) == 2
    found = options_of_parameters(optimizer)
    for name, parameter in model.named_parameters():
        # No tenth and no hundredth for the UNet.
        assert found[id(parameter)] == (5e-5, decays[name]), name


@pytest.fixture
def root(tmp_path):
    refs = [reference(1, 'the left one', split=split) for split in ('train', 'val')]
    return write_folder(tmp_path, *refs)


@pytest.mark.parametrize('name', ['mini', 'full'])
def test_pipelines_squash_as_the_released_code(root, name):
    """PIL: bilinear for the picture, nearest for the mask, in training."""
    cfg, side = (load(MINI), 128) if name == 'mini' else (full('refcoco', 40), 512)
    data = {}
    for split, loader in (('train', cfg.train_dataloader), ('val', cfg.val_dataloader)):
        loader.dataset.data_root = str(root)
        data[split] = DATASETS.build(loader.dataset)[0]
    picture = Image.open(root / 'train2014' / 'a.jpg')
    expected = np.asarray(picture.resize((side, side), Image.BILINEAR))
    mask = decode_union(TWO_SQUARES, HEIGHT, WIDTH)
    small = np.asarray(Image.fromarray(mask).resize((side, side), Image.NEAREST))
    for split, size in (('train', (side, side)), ('val', (HEIGHT, WIDTH))):
        bgr, sample = data[split]['inputs'], data[split]['data_samples']
        difference = bgr.numpy()[::-1].transpose(1, 2, 0).astype(int) - expected
        # Decoders of JPEG differ by a level or two.
        assert abs(difference).max() <= 3
        assert sample.gt_sem_seg.data.shape == (1, *size)
        truth = small if split == 'train' else mask
        assert np.array_equal(sample.gt_sem_seg.data[0].numpy(), truth)
        assert sample.expression == 'the left one'
        assert sample.ori_shape == (HEIGHT, WIDTH)


def test_the_mini_trains_and_is_scored_in_both_frames(root):
    cfg = load(MINI)
    model = initialized(cfg)
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.data_root = str(root)
    train = DATASETS.build(cfg.train_dataloader.dataset)
    batch = model.data_preprocessor(pseudo_collate([train[0]] * 2), training=True)
    loss, logged = model.parse_losses(model(**batch, mode='loss'))
    loss.backward()
    assert 0.3 < logged['decode.loss_ce'] < 2
    assert not unused_parameters(model)
    val = DATASETS.build(cfg.val_dataloader.dataset)
    metric = METRICS.build(cfg.val_evaluator)
    samples = model.eval().test_step(pseudo_collate([val[0]]))
    metric.process({}, [sample.to_dict() for sample in samples])
    assert samples[0].network_sem_seg.shape == (128, 128)
    assert samples[0].pred_sem_seg.shape == (HEIGHT, WIDTH)
    assert {key.split('/')[1] for key in metric.evaluate(1)} == {'network', 'original'}


def test_the_best_checkpoint_is_chosen_by_a_figure_that_exists():
    cfg = full('refcoco', 40)
    prefix, frame, name = cfg.default_hooks.checkpoint.save_best.split('/')
    metric = METRICS.build(cfg.val_evaluator)
    assert prefix == metric.prefix and frame in metric.frames and name == 'oIoU'
