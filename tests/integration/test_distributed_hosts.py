"""Two processes compute what one does, for a detector and a pose estimator."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.integration.experiment import DETECTION, POSE, run
from tests.loss_recorder_hook import read_losses

CONFIG = """
_base_ = {base!r}
custom_imports = dict(
    imports=['diffmm', 'tests.loss_recorder_hook'], allow_failed_imports=False
)
{deterministic}
train_dataloader = dict(
    batch_size={batch_size}, num_workers=0, persistent_workers=False,
    dataset=dict(data_root={data!r}, indices={images}, pipeline=train_pipeline))
val_dataloader = dict(
    num_workers=0, persistent_workers=False, dataset=dict(data_root={data!r}))
val_evaluator = dict(ann_file='{data}/annotations/{annotations}_val2017.json')
optim_wrapper = dict(optimizer=dict(lr=1e-4))
param_scheduler = [
    dict(type='PolyLR', power=1.0, eta_min=0.0, begin=0, end=12, by_epoch=False)]
train_cfg = dict(max_epochs=2, val_interval=2)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=2))
custom_hooks = [dict(type='LossRecorderHook', path={losses!r})]
"""
# What each process does on its own would differ by design: flips; samples of anchors
# and boxes; means over as many boxes as a process has; statistics of batch norm, which
# the pose head's deconvolution is followed by.
DETECTOR = """
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='PackDetInputs'),
]
all_of_them = dict(num=100000, pos_fraction=1.0, add_gt_as_proposals=False)
model = dict(
    backbone=dict(pretrained=None),
    train_cfg=dict(
        rpn=dict(
            assigner=dict(neg_iou_thr=0.7, match_low_quality=False),
            sampler=all_of_them,
        ),
        rpn_proposal=dict(max_per_img=40),
        rcnn=dict(sampler=all_of_them),
    ),
)
"""
ESTIMATOR = """
codec = dict(
    type='UDPHeatmap', input_size=(96, 128), heatmap_size=(12, 16), sigma=1.0)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=(96, 128), use_udp=True),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
model = dict(
    backbone=dict(pretrained=None),
    head=dict(deconv_out_channels=(), deconv_kernel_sizes=(), decoder=codec),
)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ('base', 'annotations', 'images', 'deterministic', 'metric'),
    [
        (DETECTION, 'instances', 8, DETECTOR, 'coco/bbox_mAP'),
        (POSE, 'person_keypoints', 4, ESTIMATOR, 'coco/AP'),
    ],
    ids=['mmdet', 'mmpose'],
)
def test_two_processes_give_the_losses_of_one(
    base, annotations, images, deterministic, metric, tmp_path, mini_coco
):
    def write(name: str, batch_size: int) -> tuple[Path, Path]:
        config, losses = tmp_path / f'{name}.py', tmp_path / f'{name}.jsonl'
        text = CONFIG.format(
            base=str(base),
            deterministic=deterministic,
            batch_size=batch_size,
            data=str(mini_coco),
            images=images,
            annotations=annotations,
            losses=str(losses),
        )
        config.write_text(text)
        return config, losses

    (one, single), (two, double) = write('one', 2), write('two', 1)
    run(sys.executable, 'tools/train.py', one, '--work-dir', tmp_path / 'a')
    log = run('bash', 'tools/dist_train.sh', two, 2, '--work-dir', tmp_path / 'b')
    assert metric in log
    single, double = read_losses(single), read_losses(double)
    assert len(single) == len(double) == images
    for iteration, loss in single.items():
        assert double[iteration] == pytest.approx(loss, rel=1e-4)
