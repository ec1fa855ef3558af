"""A tiny depth perceptor that trains on random pictures."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import DATASETS
from mmengine.runner import Runner
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch.utils.data import Dataset

from tests import tiny


class RandomDepth(Dataset):
    """Pictures of 64 pixels with a depth of their own."""

    def __init__(self, count: int, first: int = 0) -> None:
        self.count, self.first = count, first

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> dict:
        generator = torch.Generator().manual_seed(self.first + index)
        pixels = torch.randint(0, 256, (3, 64, 64), generator=generator)
        depth = torch.rand(1, 8, 8, generator=generator).repeat_interleave(8, 1)
        sample = SegDataSample(
            metainfo=dict(
                sample_idx=index,
                depth_range=(0.0, 10.0),
                depth_quantiles=(1.2, 8.8),
                ori_shape=(64, 64),
                img_shape=(64, 64),
            )
        )
        depth = depth.repeat_interleave(8, 2) * 8 + 1
        sample.set_data(dict(gt_depth_map=PixelData(data=depth)))
        return dict(inputs=pixels.byte(), data_samples=sample)


def config(
    work_dir: Path, hooks: list[dict], max_iters: int = 4, val: int = 20, **model
) -> dict:
    """Config of a runner."""
    DATASETS.register_module(name='RandomDepthOfATest', module=RandomDepth, force=True)
    loader = dict(
        batch_size=4,
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='pseudo_collate'),
    )
    return dict(
        model=dict(
            type='DiffusionPerceptor',
            arch=tiny.ARCHITECTURE,
            codec=dict(type='AffineDepthCodec'),
            objective=dict(schedule=dict(prediction_type='v_prediction')),
            sampler=dict(steps=2, timestep_spacing='trailing'),
            data_preprocessor=dict(
                type='SegDataPreProcessor',
                mean=[127.5] * 3,
                std=[127.5] * 3,
                bgr_to_rgb=True,
                size_divisor=8,
            ),
            **model,
        ),
        work_dir=str(work_dir),
        train_dataloader=loader
        | dict(
            dataset=dict(type='RandomDepthOfATest', count=8),
            sampler=dict(type='InfiniteSampler', shuffle=False),
        ),
        val_dataloader=loader
        | dict(dataset=dict(type='RandomDepthOfATest', count=val, first=100)),
        train_cfg=dict(by_epoch=False, max_iters=max_iters, val_interval=2),
        val_cfg=dict(),
        val_evaluator=dict(type='AlignedDepthMetric'),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
        default_scope='mmseg',
        default_hooks=dict(
            checkpoint=dict(type='CheckpointHook', interval=2, by_epoch=False)
        ),
        log_processor=dict(by_epoch=False),
        custom_hooks=hooks,
        randomness=dict(seed=0),
        visualizer=dict(type='Visualizer', vis_backends=[dict(type='LocalVisBackend')]),
        experiment_name=f'{work_dir.name}_{max_iters}',
        log_level='WARNING',
    )


def train(settings: dict, **options) -> Runner:
    """Builds the runner with the same weights every time, and trains."""
    torch.manual_seed(0)
    with tiny.quiet():
        runner = Runner.from_cfg(Config(settings | options))
        runner.train()
    return runner
