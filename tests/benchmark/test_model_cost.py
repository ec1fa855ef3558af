from __future__ import annotations

import pytest
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

from diffmm.benchmark import count_model_cost

SEG = 'configs/vpd/vpd_mini_fpn_1xb8-600_mini-ade20k-128x128.py'
REFERRING = 'configs/vpd/vpd_mini_lavt_1xb8-2e_mini-refcoco-128x128.py'


def test_parameters_are_those_of_the_model(repo_root):
    settings = Config.fromfile(repo_root / SEG).to_dict()
    found = count_model_cost(settings)
    assert settings['model']['backbone']['pretrained'] == 'mini'
    init_default_scope('mmseg')
    model = MODELS.build(settings['model'])
    assert found['parameters'] == sum(p.numel() for p in model.parameters())
    assert found['flops'] > 1e9


def test_operations_grow_with_the_picture(repo_root):
    settings = Config.fromfile(repo_root / SEG).to_dict()
    small, large = (
        count_model_cost(settings, (side, side))['flops'] for side in (128, 256)
    )
    assert 3.9 * small < large < 6 * small


def test_models_that_read_a_text(repo_root):
    settings = Config.fromfile(repo_root / REFERRING).to_dict()
    assert count_model_cost(settings)['flops'] > 1e9


def test_a_config_without_a_size_is_told_so(repo_root):
    settings = Config.fromfile(repo_root / SEG).to_dict()
    del settings['model']['data_preprocessor']['size']
    with pytest.raises(ValueError, match='data_preprocessor names no size'):
        count_model_cost(settings)
