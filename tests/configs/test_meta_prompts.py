"""The experiments of Meta Prompts: sizes, rows of Table 5, stages, training."""

from __future__ import annotations

from pathlib import Path

import pytest

from diffmm.diffusion import load_architecture
from tests.configs.networks import (
    assert_step_reaches_every_parameter,
    predicts_the_same_after_reloading,
    shrink,
)
from tests.configs.shipped import is_mini, load, names, plain
from tests.differing_keys import differing_keys

ALL = names('meta_prompts')
DENSE_MINIS = [name for name in ALL if is_mini(name) and '_td-hm_' not in name]
ADE20K = 'meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128'
CITYSCAPES = 'meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024'
MINI_CITYSCAPES = 'meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128'
NYU = 'meta-prompts_sd15_depth_3xb8-25e_nyu-480x480'
MINI_NYU = 'meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96'
MINI_KITTI = 'meta-prompts_mini_depth_1xb8-1e_mini-kitti-96x96'
CAPTIONS = [f'{CITYSCAPES}_caption', f'{NYU}_caption']

# What a row of Table 5 may change. Heads follow the channels that they get.
HEADS = ('model.decode_head.in_channels', 'model.auxiliary_head.in_channels')
PLAIN = (*HEADS, 'model.neck.neck.rearrange')
PROMPT = (
    *PLAIN,
    'model.backbone.prompt',
    'model.data_preprocessor',
    # Variables of the bases.
    'prompt',
    'class_name_prompt',
    'scene_name_prompt',
    'caption_prompt',
    '_adapter',
)
DATA = (
    'captions',
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
    '1-step': STEPS,
    '2-steps': STEPS,
    'no-rearrangement': PLAIN,
    'fixed-timestep': ('model.backbone.learned_timesteps',),
}


def allowed_in(row: str) -> tuple[str, ...]:
    """Keys that a row may change; rows of prompts are named by their number."""
    return COUNT if row.endswith('-prompts') else ROWS[row]


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
    if model.type.endswith('EncoderDecoder'):
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


@pytest.mark.parametrize('base', [CITYSCAPES, MINI_CITYSCAPES, ADE20K, NYU, MINI_NYU])
def test_rows_change_one_thing(base):
    rows = [name for name in ALL if name.startswith(f'{base}_')]
    assert len(rows) == 9
    for name in rows:
        changed = differing_keys(plain(name), plain(base))
        allowed = allowed_in(name.removeprefix(f'{base}_'))
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


@pytest.mark.parametrize(
    'name',
    [
        'meta-prompts_sd15_upernet_8xb1-80k_mapillary-cityscapes-1024x1024',
        'meta-prompts_sd15_upernet_8xb1-80k_cityscapes-extra-1024x1024',
        'meta-prompts_mini_upernet_1xb8-400_mini-mapillary-cityscapes-128x128',
        'meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-extra-128x128',
    ],
)
def test_a_second_stage_continues_what_the_first_one_trains(name):
    cfg = load(name)
    checkpoint = Path(cfg.load_from)
    first = load(checkpoint.parent.name)
    assert checkpoint.name == f'iter_{first.train_cfg.max_iters}.pth'
    assert first.model == cfg.model
    assert first.train_dataloader.dataset.type == 'MapillaryCityscapesDataset'
    steps = 1 if 'cityscapes-extra' in name else 3
    assert cfg.model.backbone.refinement_steps == steps


@pytest.mark.parametrize('name', [*DENSE_MINIS, *CAPTIONS])
def test_training_step_reaches_every_parameter(name):
    assert_step_reaches_every_parameter(shrink(load(name)))


@pytest.mark.parametrize('name', [ADE20K, MINI_NYU, MINI_KITTI])
def test_checkpoint_predicts_an_unlabelled_jpeg(name, tmp_path):
    """A saved and reloaded model gives the same picture of a file without labels."""
    assert predicts_the_same_after_reloading(shrink(load(name)), tmp_path)
