from __future__ import annotations

import pytest
from mmengine.config import Config

from diffmm.own_data.schedule import fit_schedule


def make(train_cfg, laws, batch_size=8, **optim_wrapper):
    return Config(
        dict(
            train_dataloader=dict(batch_size=batch_size),
            train_cfg=train_cfg,
            param_scheduler=laws,
            optim_wrapper=optim_wrapper,
            auto_scale_lr=dict(base_batch_size=8),
            default_hooks=dict(checkpoint=dict(interval=100), logger=dict(interval=50)),
        )
    )


@pytest.mark.parametrize(
    ('pictures', 'iterations'), [(4, 200), (36, 270), (48, 360), (4000, 600)]
)
def test_iterations_follow_the_number_of_pictures(pictures, iterations):
    warmup = dict(type='LinearLR', begin=0, end=20, by_epoch=False)
    fall = dict(type='PolyLR', begin=0, end=600, by_epoch=False)
    cfg = make(dict(max_iters=600, val_interval=300), [warmup, fall])
    length = fit_schedule(cfg, 'mini', pictures)
    batch = min(8, pictures)
    expected = iterations if batch == 8 else 200
    assert cfg.train_dataloader.batch_size == batch
    assert length.iterations == cfg.train_cfg.max_iters == expected
    assert length.checkpoint == f'iter_{expected}.pth'
    assert cfg.param_scheduler[1].end == expected
    assert cfg.param_scheduler[0].end == round(20 * expected / 600)
    assert cfg.train_cfg.val_interval == cfg.default_hooks.checkpoint.interval
    assert cfg.auto_scale_lr.enable


def test_epochs_and_their_milestones():
    laws = [
        dict(type='LinearLR', begin=0, end=500, by_epoch=False),
        dict(type='MultiStepLR', begin=0, end=12, milestones=[8, 11], by_epoch=True),
    ]
    cfg = make(dict(max_epochs=12, val_interval=1), laws, batch_size=2)
    length = fit_schedule(cfg, 'sd15', 200, gpus=4)
    # 60 passes of 25 steps are too few.
    assert (length.iterations, length.epochs) == (2000, 80)
    assert length.checkpoint == 'epoch_80.pth' and cfg.train_cfg.max_epochs == 80
    assert cfg.param_scheduler[1].milestones == [53, 73]
    assert cfg.param_scheduler[1].end == 80 and cfg.param_scheduler[0].end == 200
    assert cfg.train_cfg.val_interval == 16


def test_batches_that_make_one_step_and_an_exponential_law():
    law = dict(type='ExponentialLR', gamma=0.5, begin=100, end=1000, by_epoch=False)
    cfg = make(dict(max_iters=1000, val_interval=10), [law], 2, accumulative_counts=16)
    length = fit_schedule(cfg, 'mini', 10)
    assert length.iterations == 200 * 16
    assert cfg.param_scheduler[0].end == 3200
    assert cfg.param_scheduler[0].gamma == pytest.approx(0.5 ** (1 / 3.2))
