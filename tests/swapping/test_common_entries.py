from mmengine.config import Config

from diffmm.swapping.common_entries import adapt_common_entries
from diffmm.swapping.config_keys import ChangeLog


def test_a_layer_decay_of_the_old_backbone_is_removed():
    """BEiT's and MAE's; the rest of the recipe stays."""
    wrapper = dict(
        constructor='LayerDecayOptimizerConstructor',
        optimizer=dict(type='AdamW', lr=1e-3),
        paramwise_cfg=dict(num_layers=12, layer_decay_rate=0.9, bias_decay_mult=0),
    )
    cfg, log = Config(dict(model={}, optim_wrapper=wrapper)), ChangeLog()
    adapt_common_entries(cfg, log)
    assert cfg.optim_wrapper.paramwise_cfg == dict(bias_decay_mult=0)
    assert 'constructor' not in cfg.optim_wrapper
    keys = [change.key for change in log.changes if 'wrapper' in change.key]
    assert keys == [
        'optim_wrapper.constructor',
        'optim_wrapper.paramwise_cfg.num_layers',
        'optim_wrapper.paramwise_cfg.layer_decay_rate',
    ]


def test_other_constructors_stay():
    wrapper = dict(constructor='ForceDefaultOptimWrapperConstructor')
    wrapper |= dict(paramwise_cfg=dict(num_layers=12))
    cfg = Config(dict(model={}, optim_wrapper=wrapper))
    adapt_common_entries(cfg, ChangeLog())
    assert cfg.optim_wrapper == wrapper
