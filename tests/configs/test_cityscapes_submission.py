"""Cityscapes' test split: no labels are read, and the files to upload are written."""

from __future__ import annotations

import runpy
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.dataset import Compose
from mmengine.registry import DATASETS
from mmengine.runner import save_checkpoint
from mmseg.evaluation.metrics import citys_metric
from PIL import Image

from diffmm.mini_world import generate
from tests.configs.networks import build
from tests.configs.shipped import PATHS, ROOT, load

FULL = 'meta-prompts_sd15_upernet_8xb1-80k_mapillary-cityscapes-1024x1024_test-split'
MINI = 'meta-prompts_mini_upernet_1xb8-400_mini-mapillary-cityscapes-128x128_test-split'
# The benchmark's ids in the order of the 19 train ids.
# fmt: off
LABEL_IDS = (
    7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33,
)
# fmt: on
@pytest.fixture
def pictures(tmp_path) -> Path:
    """Two pictures of each split in Cityscapes' layout, without any labels."""
    root = tmp_path / 'data/mini_cityscapes'
    generate(root, 'cityscapes', 1, 2, size=128, seed=0)
    shutil.rmtree(root / 'gtFine')
    shutil.copytree(root / 'leftImg8bit/val', root / 'leftImg8bit/test')
    return root


@pytest.fixture
def label_table(monkeypatch) -> None:
    """The benchmark's table of labels, with or without its package."""
    labels = {train_id: SimpleNamespace(id=n) for train_id, n in enumerate(LABEL_IDS)}
    table = SimpleNamespace(trainId2label=labels)
    monkeypatch.setattr(citys_metric, 'CSLabels', table)
    monkeypatch.setattr(citys_metric, 'CSEval', table)


@pytest.mark.parametrize('name', [FULL, MINI])
def test_pictures_without_labels_are_read(name, pictures):
    cfg = load(name)
    cfg.test_dataloader.dataset.data_root = str(pictures)
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    assert len(dataset) == 2
    assert 'gt_sem_seg' not in dataset[0]['data_samples']
    assert 'LoadAnnotations' in str(cfg.val_dataloader.dataset.pipeline)
    cfg.tta_pipeline[1].transforms[0] = cfg.tta_pipeline[1].transforms[0][:1]
    views = Compose(cfg.tta_pipeline)(dataset.get_data_info(0))
    assert len(views['inputs']) == 2  # as it is and mirrored
    metric = cfg.test_evaluator
    assert metric.type == 'CityscapesMetric'
    assert metric.format_only and metric.keep_results


def test_tools_test_writes_the_files_to_upload(
    pictures, label_table, tmp_path, monkeypatch
):
    cfg = load(MINI)
    cfg.model.backbone.pretrained = None
    checkpoint = tmp_path / 'trained.pth'
    state = build(cfg).state_dict()
    save_checkpoint(dict(state_dict=state, meta={}), str(checkpoint))
    arguments = [
        *('test.py', PATHS[MINI], checkpoint, '--out', 'submission'),
        *('--work-dir', 'work', '--cfg-options', 'model.backbone.pretrained=None'),
        *('test_dataloader.num_workers=0', 'test_dataloader.persistent_workers=False'),
    ]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, 'argv', [str(argument) for argument in arguments])
    runpy.run_path(str(ROOT / 'tools/test.py'), run_name='__main__')
    files = sorted((tmp_path / 'submission').iterdir())
    images = sorted((pictures / 'leftImg8bit/val').rglob('*.png'))
    assert [file.name for file in files] == [image.name for image in images]
    for file in files:
        labels = np.asarray(Image.open(file))
        assert labels.shape == (128, 128)
        assert set(np.unique(labels)) <= set(LABEL_IDS)
