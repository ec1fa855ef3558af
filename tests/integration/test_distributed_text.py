"""Two processes compute what one does when every image has its own text."""

from __future__ import annotations

import sys

import pytest

from diffmm.mini_world import generate
from tests.integration.experiment import ROOT, run
from tests.loss_recorder_hook import read_losses

# What each process does on its own would differ by design: the sentence it draws (a
# test set has one an item), statistics of batch norm, a mean over the weights of its
# own pixels.
CONFIG = """
_base_ = {base!r}
custom_imports = dict(
    imports=['diffmm', 'tests.loss_recorder_hook'], allow_failed_imports=False
)
model = dict(
    backbone=dict(pretrained=None),
    decode_head=dict(
        norm_cfg=dict(_delete_=True, type='GN', num_groups=16),
        loss_decode=dict(class_weight=None),
    ),
)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadReferringMask'),
    dict(type='PackSegInputs', meta_keys=('img_path', 'expression')),
]
train_dataloader = dict(
    batch_size={batch_size}, num_workers=0, persistent_workers=False,
    dataset=dict(
        data_root={data!r}, indices=16, test_mode=True, pipeline=train_pipeline))
val_dataloader = dict(
    num_workers=0, persistent_workers=False,
    dataset=dict(data_root={data!r}, indices=4))
optim_wrapper = dict(optimizer=dict(lr=5e-5))
train_cfg = dict(max_epochs=1)
param_scheduler = [dict(type='ConstantLR', factor=1.0)]
default_hooks = dict(logger=dict(interval=1))
custom_hooks = [dict(type='LossRecorderHook', path={losses!r})]
"""


def test_two_processes_give_the_losses_of_one(tmp_path):
    data = tmp_path / 'data'
    generate(data, 'refcoco', num_train=8, num_val=4)
    base = ROOT / 'configs/vpd/vpd_mini_lavt_1xb8-2e_mini-refcoco-128x128.py'
    for name, batch_size in (('one', 2), ('two', 1)):
        text = CONFIG.format(
            base=str(base),
            batch_size=batch_size,
            data=str(data),
            losses=str(tmp_path / f'{name}.jsonl'),
        )
        (tmp_path / f'{name}.py').write_text(text)
    work_dirs = tmp_path / 'a', tmp_path / 'b'
    one, two = tmp_path / 'one.py', tmp_path / 'two.py'
    run(sys.executable, 'tools/train.py', one, '--work-dir', work_dirs[0])
    log = run('bash', 'tools/dist_train.sh', two, 2, '--work-dir', work_dirs[1])
    assert 'referring/network/oIoU' in log
    single, double = (
        read_losses(tmp_path / f'{name}.jsonl') for name in ('one', 'two')
    )
    assert len(single) == len(double) == 8
    for iteration, loss in single.items():
        assert double[iteration] == pytest.approx(loss, rel=1e-4)
