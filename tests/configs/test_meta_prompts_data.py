"""What the experiments of Meta Prompts make of their data sets."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import DATASETS
from mmengine.runner import Runner

from diffmm.mini_world import generate
from tests import tiny
from tests.configs.networks import prepare_run
from tests.configs.shipped import load

MINI_KITTI = 'meta-prompts_mini_depth_1xb8-1e_mini-kitti-96x96'
CAPTIONS = {
    'meta-prompts_sd15_upernet_8xb1-80k_cityscapes-1024x1024_caption': 'cityscapes',
    'meta-prompts_sd15_depth_3xb8-25e_nyu-480x480_caption': 'nyu',
    'meta-prompts_mini_upernet_1xb8-400_mini-cityscapes-128x128_caption': 'cityscapes',
    'meta-prompts_mini_upernet_1xb8-400_mini-ade20k-128x128_caption': 'ade20k',
    'meta-prompts_mini_depth_1xb8-1e_mini-nyu-96x96_caption': 'nyu',
}


def test_the_extra_data_come_on_top(tmp_path):
    cfg = load('meta-prompts_sd15_upernet_8xb1-80k_cityscapes-extra-1024x1024')
    dataset = cfg.train_dataloader.dataset
    for part in dataset.datasets:
        part.data_root = str(tmp_path)
        for folder, suffix, shape in (
            (part.data_prefix.img_path, 'leftImg8bit', (64, 128, 3)),
            (part.data_prefix.seg_map_path, 'gtFine_labelTrainIds', (64, 128)),
        ):
            path = tmp_path / folder / f'town/town_1_{suffix}.png'
            path.parent.mkdir(parents=True)
            cv2.imwrite(str(path), np.full(shape, 13, np.uint8))
    built = DATASETS.build(dataset)
    assert len(built) == 2 and len(built.metainfo['classes']) == 19
    found = [built.get_data_info(index)['seg_map_path'] for index in range(2)]
    assert ['/gtFine/' in path for path in found] == [True, False]
    assert built[1]['data_samples'].gt_sem_seg.data.unique().tolist() == [13]


def test_a_run_of_one_epoch_on_mini_kitti(tmp_path):
    generate(tmp_path / 'data', 'kitti', 5, 1, size=128, seed=0)
    cfg = load(MINI_KITTI)
    cfg.model.backbone.pretrained = None
    prepare_run(cfg, tmp_path / 'data', tmp_path / 'work')
    runner = Runner.from_cfg(cfg)
    with tiny.quiet():
        runner.train()
    rmse = runner.message_hub.get_scalar('val/rmse').current()
    assert 0 < rmse < 80


def pictures_with_captions(cfg: Config, root: Path, layout: str) -> None:
    """Points all that reads data to a mini world."""
    generate(root, layout, 1, 1, size=96, seed=0)
    (captions,) = (root / 'captions').glob('*.json')
    pipelines = [
        cfg.train_dataloader.dataset.pipeline,
        cfg.test_dataloader.dataset.pipeline,
        [] if layout == 'nyu' else cfg.tta_pipeline,
    ]
    for step in sum(map(list, pipelines), []):
        if step['type'] == 'LoadCaption':
            # Those of minis are `mini-captioner`'s, apart from the data set.
            names = captions.name, f'{layout}.json'
            assert Path(step['ann_file']).name == names['mini' in step['ann_file']]
            step['ann_file'] = str(captions)
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.dataset.update(data_root=str(root))
        if layout == 'nyu':
            loader.dataset.expected_lines = None


@pytest.mark.parametrize(('name', 'layout'), CAPTIONS.items())
def test_every_picture_comes_with_its_caption(name, layout, tmp_path):
    cfg = load(name)
    pictures_with_captions(cfg, tmp_path, layout)
    (path,) = (tmp_path / 'captions').glob('*.json')
    known = [entry['captions'][0] for entry in json.loads(path.read_text()).values()]
    train = DATASETS.build(cfg.train_dataloader.dataset)
    test = DATASETS.build(cfg.test_dataloader.dataset)
    found = [dataset[0]['data_samples'].caption for dataset in (train, test)]
    assert sorted(found) == sorted(known) and len(set(known)) == 2
    if layout != 'nyu':
        # One size of all, as it is and mirrored.
        sizes = cfg.tta_pipeline[-1].transforms[0]
        cfg.tta_pipeline[-1].transforms[0] = sizes[:1]
        samples = Compose(cfg.tta_pipeline)(test.get_data_info(0))['data_samples']
        assert len(sizes) == (7 if layout == 'cityscapes' else 5) and len(samples) == 2
        assert {sample.caption for sample in samples} == {found[1]}
