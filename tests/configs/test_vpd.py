"""VPD's experiments: they fit together, train, predict and survive."""

from __future__ import annotations

import pytest

from diffmm.engine import MergedOptimWrapperConstructor
from tests.configs.networks import (
    assert_step_reaches_every_parameter,
    build,
    feature_info,
    options_of_parameters,
    predicts_the_same_after_reloading,
    shrink,
)
from tests.configs.shipped import is_mini, load, names

ALL = names('vpd')


@pytest.mark.parametrize('name', [name for name in ALL if not is_mini(name)])
def test_channels_of_the_full_size_fit(name):
    """Neck or head gets what the real architecture's backbone promises."""
    cfg = load(name)
    info = feature_info(cfg)
    channels = [level.channels for level in info]
    assert channels == cfg.model.get('neck', cfg.model.decode_head).in_channels
    assert [level.stride for level in info] == [8, 16, 32, 64]


@pytest.mark.parametrize('name', ALL)
def test_training_step_reaches_every_parameter(name):
    assert_step_reaches_every_parameter(shrink(load(name)))


@pytest.mark.parametrize('name', ALL)
def test_checkpoint_predicts_an_unlabelled_jpeg(name, tmp_path):
    """A saved and reloaded model gives the same picture of a file without labels."""
    assert predicts_the_same_after_reloading(shrink(load(name)), tmp_path)


def test_recipes_make_few_groups():
    """The released learning rates, group by group (parameters of the mini size)."""
    cfg = shrink(load('vpd_sd15_fpn_8xb2-80k_ade20k-512x512'))
    wrapper = cfg.optim_wrapper
    options = {k: wrapper[k] for k in ('type', 'optimizer')}
    constructor = MergedOptimWrapperConstructor(options, wrapper.paramwise_cfg)
    model = build(cfg)
    optimizer = constructor(model).optimizer
    assert len(optimizer.param_groups) <= 8
    found = options_of_parameters(optimizer)
    unet = model.backbone.unet
    block = unet.down_blocks[0].attentions[1]
    released = {
        # Norms of transformers: full learning rate, no decay.
        block.norm.weight: (8e-5, 0),
        block.transformer_blocks[0].norm2.bias: (8e-5, 0),
        unet.mid_block.attentions[0].norm.bias: (8e-5, 0),
        unet.up_blocks[1].attentions[2].norm.weight: (8e-5, 0),
        # The rest of the UNet, norms of residual blocks included: a tenth, with decay.
        unet.down_blocks[0].resnets[0].norm1.weight: (8e-6, 1e-3),
        block.transformer_blocks[0].attn2.to_k.weight: (8e-6, 1e-3),
        unet.time_embedding.linear_1.weight: (8e-6, 1e-3),
        # Adapter and head: full, with decay.
        model.backbone.prompt.adapter.gamma: (8e-5, 1e-3),
        model.decode_head.conv_seg.weight: (8e-5, 1e-3),
    }
    for parameter, expected in released.items():
        assert found[id(parameter)] == pytest.approx(expected)
