from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest
from mmengine.registry import HOOKS
from torch import nn

from tests.engine.hooks.toy_perceptor import config, train

HOOK = dict(type='TargetAugmentationHook', transforms=[dict(type='BlurTarget')])


def test_training_with_corrupted_targets_draws_them(tmp_path):
    plain = train(config(tmp_path / 'plain', [], max_iters=1))
    runner = train(config(tmp_path / 'blurred', [HOOK], max_iters=1))
    assert runner.model.target_augmentation.intensity == 1
    # Uniform timesteps and no intensity train as no hooks do, to the bit.
    idle = [
        dict(type='TimestepSamplingHook', weights='uniform'),
        HOOK | dict(intensity=0),
    ]
    same = train(config(tmp_path / 'idle', idle, max_iters=1))
    one, other, equal = (each.model.state_dict() for each in (plain, runner, same))
    assert all((one[name] == equal[name]).all() for name in one)
    assert not all((one[name] == other[name]).all() for name in one)
    folder = Path(runner.work_dir, runner.timestamp, 'vis_data', 'vis_image')
    grid = cv2.imread(str(folder / 'target_augmentation_0.png'))
    # Two targets; the clean one and five of falling timesteps.
    assert grid.shape[1] >= 6 * 64 and grid.shape[0] >= 2 * 64


def test_other_models_and_a_second_hook_are_refused():
    hook = HOOKS.build(HOOK)
    with pytest.raises(TypeError, match='and Linear sees none'):
        hook.before_train(SimpleNamespace(model=nn.Linear(1, 1), iter=0))
    with pytest.raises(ValueError, match='draw must not be negative, got -1'):
        HOOKS.build(HOOK | dict(draw=-1))


def test_a_second_augmentation_is_refused(tmp_path):
    with pytest.raises(ValueError, match='list all transforms in one'):
        train(config(tmp_path, [HOOK, HOOK], max_iters=1))
