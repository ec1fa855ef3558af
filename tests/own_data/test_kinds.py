"""Configs for every kind of data on every system, built and run on a user's files."""

from __future__ import annotations

import json

import pytest
from mmengine.config import Config
from mmengine.registry import DATASETS, MODELS, init_default_scope

from diffmm.own_data import DataError, Request, new_experiment
from diffmm.own_data.experiment import BASES
from diffmm.swapping.feature_contract import check_feature_contract

CLASSES = ('背景', '地面', '物体')
WORDS = ('sky', 'grass', 'ball')


@pytest.fixture
def request_of(photos, boxes, tmp_path):
    """Makes a request; TADP's captions are there already."""
    captions = {path.name: dict(captions=['a ball on the grass'])
                for path in (photos / 'images').iterdir()}  # fmt: skip
    (photos / 'captions.json').write_text(json.dumps(captions))

    def make(kind, system, **options):
        if kind == 'masks':
            options = dict(classes=CLASSES, prompt_words=WORDS) | options
        if system == 'tadp':
            options['captions'] = photos / 'captions.json'
        labels = boxes if kind == 'coco' else photos / kind
        config = tmp_path / f'my {system}.py'
        return Request(config, photos / 'images', labels, system=system, **options)

    return make


# The channels of the others come from the same place.
CHECKED = ('masks', 'vermouth')
# Captions are the same for all kinds of data.
CASES = [
    pytest.param(*each, marks=pytest.mark.slow)
    if each in (('coco', 'tadp'), ('depth', 'tadp'))
    else each
    for each in BASES
]


@pytest.mark.parametrize(('kind', 'system'), CASES)
def test_every_system_fits(request_of, kind, system):
    request = request_of(kind, system)
    lines = new_experiment(kind, request)
    assert "tools/train.py '" in lines[-2] and 'work_dirs/my ' in lines[-1]
    cfg = Config.fromfile(request.config)
    init_default_scope(cfg.default_scope)
    if (kind, system) == CHECKED:
        check_feature_contract(MODELS.build(cfg.model))
    for loader, count in ((cfg.train_dataloader, 9), (cfg.val_dataloader, 1)):
        dataset = DATASETS.build(loader.dataset)
        assert len(dataset) == count
        sample = dataset[0]['data_samples']
        if system == 'tadp':
            assert sample.caption == 'a ball on the grass'
    if kind == 'masks':
        assert dataset.metainfo['classes'] == list(CLASSES)
        assert set(sample.gt_sem_seg.data.unique().tolist()) <= {0, 1, 2}
    elif kind == 'coco':
        assert dataset.metainfo['classes'] == ['树', 'traffic light']
        labels = [each['bbox_label'] for each in dataset.get_data_info(0)['instances']]
        assert set(labels) <= {0, 1} and cfg.model.roi_head.bbox_head.num_classes == 2
    else:
        assert sample.gt_depth_map.data.max() <= 6.0 == cfg.val_evaluator.max_depth_eval


def test_words_that_the_text_encoder_hardly_knows_are_said(request_of):
    lines = new_experiment('masks', request_of('masks', 'vpd', prompt_words=None))
    assert any('learned English and hardly knows 背景' in line for line in lines)


def test_a_system_that_does_not_fit_is_refused_before_files_are_read(request_of):
    with pytest.raises(
        DataError, match=r'--system vermouth takes --masks; for --coco .*vpd, tadp, det'
    ):
        new_experiment('coco', request_of('coco', 'vermouth'))
