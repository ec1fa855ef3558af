from __future__ import annotations

import pytest
from mmengine.config import Config
from mmengine.registry import MODELS

import diffmm  # noqa: F401
from diffmm.testing import run_one_step

BACKBONE = dict(
    type='StableDiffusionBackbone', arch='mini', prompt=dict(type='NullPrompt')
)


def config(index=0, loss_weight=1.0, **options):
    head = dict(
        type='FCNHead',
        in_channels=[32, 64, 128, 128][index],
        in_index=index,
        channels=8,
        num_classes=3,
        loss_decode=dict(type='CrossEntropyLoss', loss_weight=loss_weight),
    )
    preprocessor = dict(type='SegDataPreProcessor', mean=[127.5] * 3, std=[127.5] * 3)
    return Config(
        dict(
            default_scope='mmseg',
            model=dict(
                type='EncoderDecoder',
                data_preprocessor=preprocessor | dict(size=(512, 512)),
                backbone=BACKBONE,
                decode_head=head,
                test_cfg=dict(mode='whole'),
            ),
            optim_wrapper=dict(
                type='AmpOptimWrapper',
                loss_scale='dynamic',
                optimizer=dict(type='AdamW', lr=1e-3),
            ),
        )
        | options
    )


def test_trains_and_predicts():
    cfg = config()
    before = cfg.to_dict()
    result = run_one_step(cfg, 64)
    assert 0.5 < result.loss < 5  # log(3), about
    assert result.parameters_without_gradient == ()
    assert result.predictions == 2
    assert cfg.to_dict() == before
    assert run_one_step(cfg, 64) == result, 'seeded'


def test_idle_weights_are_an_error_unless_they_are_allowed():
    with pytest.raises(ValueError, match='got no gradient, although find_unused'):
        run_one_step(config(index=2), 64)
    result = run_one_step(config(index=2, find_unused_parameters=True), 64)
    names = result.parameters_without_gradient
    assert names and all(name.startswith('backbone.unet.') for name in names)


def test_a_loss_that_is_not_finite():
    with pytest.raises(ValueError, match='the loss is nan'):
        run_one_step(config(loss_weight=float('nan')), 64)


def test_checkpoints_are_not_downloaded():
    cfg = config()
    where = dict(type='Pretrained', checkpoint='https://not.there/x.pth')
    cfg.model.decode_head.init_cfg = where
    assert run_one_step(cfg, 64).predictions == 2


def test_an_image_without_prediction(monkeypatch):
    with MODELS.switch_scope_and_registry('mmseg') as registry:
        kind = registry.get('EncoderDecoder')
    monkeypatch.setattr(
        kind, 'postprocess_result', lambda self, logits, samples: samples
    )
    with pytest.raises(ValueError, match=r'2 predictions for 2 images; .*\[0, 1\]'):
        run_one_step(config(), 64)
