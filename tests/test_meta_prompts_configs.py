"""The experiments of Meta Prompts: sizes, rows of Table 5, stages, training."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import save_checkpoint
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from diffmm.apis import ImagePredictor
from diffmm.diffusion import load_architecture
from tests.differing_keys import differing_keys
from tests.meta_prompts import (
    ADE,
    ALL,
    CAPTIONS,
    CITYSCAPES,
    DENSE_MINIS,
    FOLDER,
    FULL,
    MINI_KITTI,
    MINI_NYU,
    NYU,
    TEXT,
    build,
    is_depth,
    load,
    shrink,
    side,
)

# What a row of Table 5 may change. Heads follow the channels that they get.
HEADS = ('model.decode_head.in_channels', 'model.auxiliary_head.in_channels')
PLAIN = (*HEADS, 'model.neck.neck.rearrange')
PROMPT = (*PLAIN, 'model.backbone.prompt', 'model.data_preprocessor')
DATA = (
    'captions',
    'meta_keys',
    'pack',
    'train_pipeline',
    'test_pipeline',
    'tta_pipeline',
    'train_dataloader.dataset.pipeline',
    'val_dataloader.dataset.pipeline',
    'test_dataloader.dataset.pipeline',
)
STEPS = (
    'num_steps',
    'model.backbone.refinement_steps',
    'model.backbone.prompt.num_steps',
)
COUNT = (*HEADS, 'num_prompts', 'model.backbone.prompt.num_prompts')
ROWS = {
    'label': PROMPT,
    'caption': (*PROMPT, *DATA),
    'null-text': PROMPT,
    '50-prompts': COUNT,
    '100-prompts': COUNT,
    '150-prompts': COUNT,
    '1-step': STEPS,
    '2-steps': STEPS,
    'no-rearrangement': PLAIN,
    'fixed-timestep': ('model.backbone.learned_timesteps',),
}


def make_batch(cfg: Config, height: int, width: int) -> dict:
    samples = []
    for _ in range(2):
        meta = dict(ori_shape=(height, width), img_shape=(height, width), **TEXT)
        sample = SegDataSample(metainfo=meta)
        if is_depth(cfg):
            depth = torch.rand(1, height, width) * 9
            sample.gt_depth_map = PixelData(data=depth)
        else:
            classes = cfg.model.decode_head.num_classes
            labels = torch.randint(0, classes, (1, height, width))
            sample.gt_sem_seg = PixelData(data=labels)
        samples.append(sample)
    images = torch.randint(0, 256, (2, 3, height, width), dtype=torch.uint8)
    return dict(inputs=list(images), data_samples=samples)


@pytest.mark.parametrize('name', ALL)
def test_channels_fit(name):
    """Neck and heads get what backbone and prompt make."""
    model = load(name).model
    unet = load_architecture(model.backbone.arch).unet
    inner = model.neck.neck
    assert inner.in_channels == list(unet['block_out_channels'])
    assert inner.width == unet['cross_attention_dim']
    channels = inner.width
    if inner.get('rearrange', True):
        channels = model.backbone.prompt.num_prompts
    if model.type == 'EncoderDecoder':
        assert model.decode_head.in_channels == [channels] * 4
        assert model.auxiliary_head.in_channels == channels
        classes = model.decode_head.num_classes
        assert model.auxiliary_head.num_classes == classes
    elif model.type == 'SlidingDepthEstimator':
        assert model.decode_head.in_channels == channels
    else:
        assert model.head.in_channels == 4 * channels


@pytest.mark.parametrize('name', [n for n in ALL if '_depth_' in n])
def test_windows_and_maps_have_whole_sizes(name):
    """What the estimator enlarges, the head makes smaller, to an eighth of a window."""
    model = load(name).model
    (window, _) = model.test_cfg.crop_size
    enlarged = round(window * model.input_scale)
    assert enlarged == pytest.approx(window * model.input_scale)
    # No padding: the UNet halves latents of an eighth three times.
    assert enlarged % 64 == 0
    feature = enlarged / 8 * model.decode_head.feature_scale
    assert feature == pytest.approx(window / 8)
    assert model.data_preprocessor.size == (window, window)


@pytest.mark.parametrize('base', [CITYSCAPES, NYU, ADE, MINI_NYU])
def test_rows_change_one_thing(base):
    rows = [name for name in ALL if name.startswith(f'{base}_')]
    assert len(rows) == (9 if base in FULL else 6)
    plain = Config.fromfile(FOLDER / f'{base}.py')._to_lazy_dict()
    for name in rows:
        row = Config.fromfile(FOLDER / f'{name}.py')._to_lazy_dict()
        changed = differing_keys(row, plain)
        allowed = ROWS[name.removeprefix(f'{base}_')]
        assert changed and all(key.startswith(allowed) for key in changed), name


def test_rows_are_those_of_the_table():
    found = [
        (model.backbone.prompt.num_prompts, model.backbone.refinement_steps)
        for model in (
            load(f'{base}{row}').model
            for base, row in [
                (CITYSCAPES, ''),
                (CITYSCAPES, '_50-prompts'),
                (CITYSCAPES, '_2-steps'),
                (NYU, ''),
                (NYU, '_150-prompts'),
                (NYU, '_1-step'),
            ]
        )
    ]
    assert found == [(150, 3), (50, 3), (150, 2), (50, 3), (150, 3), (50, 1)]


@pytest.mark.parametrize('stage', ['mapillary-cityscapes', 'cityscapes-extra'])
def test_a_second_stage_continues_what_the_first_one_trains(stage):
    cfg = load(f'meta-prompts_sd15_upernet_8xb1-80k_{stage}-1024x1024')
    checkpoint = Path(cfg.load_from)
    first = load(checkpoint.parent.name)
    assert checkpoint.name == f'iter_{first.train_cfg.max_iters}.pth'
    assert first.model == cfg.model
    assert first.train_dataloader.dataset.type == 'MapillaryCityscapesDataset'
    steps = 1 if stage == 'cityscapes-extra' else 3
    assert cfg.model.backbone.refinement_steps == steps


@pytest.mark.parametrize('name', [*DENSE_MINIS, *CAPTIONS])
def test_training_step_reaches_every_parameter(name):
    """DDP runs with ``find_unused_parameters=False`` on exactly this condition."""
    cfg = shrink(load(name))
    model = build(cfg).train()
    size = side(cfg)
    batch = model.data_preprocessor(make_batch(cfg, size, size), training=True)
    loss, _ = model.parse_losses(model(**batch, mode='loss'))
    loss.backward()
    assert torch.isfinite(loss)
    parameters = dict(model.named_parameters())
    unused = [
        name
        for name, parameter in parameters.items()
        if parameter.requires_grad and parameter.grad is None
    ]
    assert not unused
    kept = ('backbone.vae.', 'backbone.prompt.text_encoder.')
    frozen = [name for name, p in parameters.items() if not p.requires_grad]
    assert all(name.startswith(kept) for name in frozen)


@pytest.mark.parametrize('name', [ADE, MINI_NYU, MINI_KITTI])
def test_checkpoint_predicts_an_unlabelled_jpeg(name, tmp_path):
    """A saved and reloaded model gives the same picture of a file without labels."""
    cfg = shrink(load(name))
    if name != MINI_KITTI:
        cfg.test_pipeline[1].scale = (4 * side(cfg), side(cfg))
    model = build(cfg)
    picture, checkpoint = tmp_path / 'photo.jpg', tmp_path / 'trained.pth'
    pixels = np.random.default_rng(0).integers(0, 256, (100, 128, 3), dtype=np.uint8)
    cv2.imwrite(str(picture), pixels)
    save_checkpoint(dict(state_dict=model.state_dict(), meta={}), str(checkpoint))
    cfg.dump(tmp_path / 'config.py')
    again = ImagePredictor(tmp_path / 'config.py', checkpoint)
    predictions = []
    for network in (again.model, model.eval()):
        again.model = network
        result = again.predict(picture)[1]
        field = result.pred_depth_map if is_depth(cfg) else result.seg_logits
        assert field.data.shape[1:] == (100, 128)
        predictions.append(field.data)
    assert torch.equal(*predictions)
