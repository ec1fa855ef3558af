"""An mmseg user changes a few lines of a config and nothing else."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

CONFIG = """\
_base_ = 'mmseg::sem_fpn/fpn_r50_4xb4-160k_ade20k-512x512.py'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    pretrained=None,
    data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3),
    backbone=dict(
        _delete_=True, type='StableDiffusionBackbone', arch='mini',
        prompt=dict(type='ClassNamePrompt', dataset='ADE20KDataset')),
    neck=dict(in_channels=[32, 64, 128, 128]))
"""


def test_mmseg_trains_on_our_backbone(tmp_path, mini_data):
    """mmseg's own script, in a folder that knows nothing of this repository."""
    assert len(CONFIG.splitlines()) <= 12
    (tmp_path / 'config.py').write_text(CONFIG)
    script = Path(find_spec('mmseg').origin).parent / '.mim/tools/train.py'
    overrides = [
        f'train_dataloader.dataset.data_root={mini_data}',
        f'val_dataloader.dataset.data_root={mini_data}',
        f'test_dataloader.dataset.data_root={mini_data}',
        'train_dataloader.batch_size=1',
        'train_dataloader.num_workers=0',
        'train_dataloader.dataset.pipeline.2.scale=(128,128)',
        'train_dataloader.dataset.pipeline.3.crop_size=(128,128)',
        'val_dataloader.dataset.pipeline.1.scale=(192,192)',
        'model.data_preprocessor.size=(128,128)',
        'train_dataloader.persistent_workers=False',
        'train_cfg.max_iters=2',
        'train_cfg.val_interval=10',
        'default_hooks.logger.interval=1',
    ]
    done = subprocess.run(
        [sys.executable, script, 'config.py', '--work-dir', 'work']
        + ['--cfg-options', *overrides],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    log = done.stdout + done.stderr
    assert done.returncode == 0, log[-3000:]
    assert 'decode.loss_ce' in log and 'mIoU' in log
    assert (tmp_path / 'work/iter_2.pth').exists()
