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
# Latents are not drawn and nothing is dropped, since each process would do so on its
# own. Every iteration makes a step, so that the next loss shows whether it was one.
CAPTIONED = """
_base_ = {base!r}
custom_imports = dict(
    imports=['diffmm', 'tests.loss_recorder_hook'], allow_failed_imports=False
)
model = dict(
    backbone=dict(pretrained=None, latent_sampling='mode'),
    decode_head=dict(dropout_ratio=0),
)
captions = dict(ann_file={data!r} + '/captions/pascal_captions.json', only=False)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='LoadCaption', extension=False, **captions),
    dict(type='PackSegInputs', meta_keys=('img_path', 'caption')),
]
test_pipeline = _base_.test_pipeline
test_pipeline[-2].update(captions)
train_dataloader = dict(
    batch_size={batch_size}, num_workers=0, persistent_workers=False,
    dataset=dict(data_root={data!r}, pipeline=train_pipeline))
val_dataloader = dict(
    num_workers=0, persistent_workers=False,
    dataset=dict(data_root={data!r}, indices=4, pipeline=test_pipeline))
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=5e-5), accumulative_counts=1)
train_cfg = dict(max_epochs=1)
param_scheduler = [dict(type='ConstantLR', factor=1.0)]
default_hooks = dict(logger=dict(interval=1))
custom_hooks = [dict(type='LossRecorderHook', path={losses!r})]
"""


def losses_of_both(tmp_path, template, base, data):
    """Losses of one process and of two, and the log of the two."""
    for name, batch_size in (('one', 2), ('two', 1)):
        text = template.format(
            base=str(ROOT / 'configs' / base),
            batch_size=batch_size,
            data=str(data),
            losses=str(tmp_path / f'{name}.jsonl'),
        )
        (tmp_path / f'{name}.py').write_text(text)
    work_dirs = tmp_path / 'a', tmp_path / 'b'
    one, two = tmp_path / 'one.py', tmp_path / 'two.py'
    run(sys.executable, 'tools/train.py', one, '--work-dir', work_dirs[0])
    log = run('bash', 'tools/dist_train.sh', two, 2, '--work-dir', work_dirs[1])
    single, double = (
        read_losses(tmp_path / f'{name}.jsonl') for name in ('one', 'two')
    )
    return single, double, log


@pytest.mark.slow
def test_two_processes_give_the_losses_of_one(tmp_path):
    data = tmp_path / 'data'
    generate(data, 'refcoco', num_train=8, num_val=4)
    base = 'vpd/vpd_mini_lavt_1xb8-2e_mini-refcoco-128x128.py'
    single, double, log = losses_of_both(tmp_path, CONFIG, base, data)
    assert 'referring/network/oIoU' in log
    assert len(single) == len(double) == 8
    for iteration, loss in single.items():
        assert double[iteration] == pytest.approx(loss, rel=1e-4)


@pytest.mark.slow
def test_captions_in_two_processes_and_offline(tmp_path):
    data = tmp_path / 'data'
    generate(data, 'voc', num_train=8, num_val=4)
    base = 'tadp/tadp_mini_fpn_1xb8-2e_mini-voc12-128x128.py'
    single, double, log = losses_of_both(tmp_path, CAPTIONED, base, data)
    assert 'mIoU' in log
    assert len(single) == len(double) == 4
    for iteration, loss in single.items():
        assert double[iteration] == pytest.approx(loss, rel=1e-4)
    # The checkpoint has all that a picture without annotation needs.
    picture = next((data / 'VOC2012/JPEGImages').iterdir())
    out = tmp_path / 'segmented.png'
    argv = picture, tmp_path / 'one.py', tmp_path / 'a/epoch_1.pth'
    options = '--caption', 'two red cars', '--out-file', out
    gone = '--cfg-options', f'model.backbone.pretrained={tmp_path / "gone"}'
    assert str(out) in run(sys.executable, 'demo/image_demo.py', *argv, *options, *gone)
    assert out.is_file()
