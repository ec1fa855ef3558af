from __future__ import annotations

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

from diffmm.mini_world import generate
from diffmm.studies import row_depth_baseline

CONFIG = 'configs/vpd/vpd_mini_depth_1xb8-2e_mini-nyu-96x96.py'


def test_it_is_the_mean_of_every_row(repo_root, tmp_path):
    generate(tmp_path / 'data', 'nyu', 5, 3, size=64)
    cfg = Config.fromfile(repo_root / CONFIG)
    init_default_scope(cfg.default_scope)
    train, test = cfg.train_dataloader.dataset, cfg.test_dataloader.dataset
    train.data_root = test.data_root = str(tmp_path / 'data')
    found = row_depth_baseline(train, test, cfg.test_evaluator)
    folder = tmp_path / 'data' / 'nyu_depth_v2'
    maps = {
        split: np.stack(
            [
                cv2.imread(str(path), cv2.IMREAD_UNCHANGED) / 1000
                for path in sorted((folder / split).rglob('sync_depth_*.png'))
            ]
        )
        for split in ('sync', 'official_splits/test')
    }
    rows = maps['sync'].mean(axis=(0, 2))
    errors = (maps['official_splits/test'] - rows[:, None]) ** 2
    assert len(errors) == 3 and (maps['sync'] > 0).all()
    assert found['rmse'] == pytest.approx(np.sqrt(errors.mean((1, 2))).mean(), rel=1e-5)
