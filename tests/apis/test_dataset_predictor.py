from __future__ import annotations

import pytest
import torch

from diffmm.apis.dataset_predictor import DatasetPredictor
from diffmm.mini_world import generate
from tests.tools.trained_segmentor import write_captions, write_segmentor

CONFIG = 'configs/tadp/tadp_mini_fpn_1xb8-2e_mini-voc12-128x128.py'


@pytest.fixture(scope='module')
def predictor(tmp_path_factory, repo_root):
    folder = tmp_path_factory.mktemp('model')
    generate(folder / 'voc', 'voc', 1, 2, size=128)
    write_captions(folder, folder / 'voc')
    return DatasetPredictor(
        *write_segmentor(folder, repo_root / CONFIG, folder / 'voc')
    )


def test_a_picture_of_the_test_set_keeps_its_annotation(predictor):
    assert len(predictor) == 2 and len(predictor.classes) == 7
    item = predictor.load(1)
    found = predictor.predict(item)
    assert found.pred_sem_seg.shape == found.gt_sem_seg.shape == (128, 128)
    assert 'pred_sem_seg' not in item['data_samples']


def test_another_text_is_another_prediction(predictor):
    assert predictor.text_key == 'caption'
    item = predictor.load(0)
    own = predictor.predict(item).seg_logits.data
    other = predictor.predict(item, 'a chair and a bottle').seg_logits.data
    assert not torch.allclose(own, other, atol=1e-6)
    assert torch.equal(predictor.predict(item).seg_logits.data, own)


def test_numbers_and_names(predictor):
    assert predictor.first(None) == predictor.first(9) == range(2)
    assert predictor.first(1) == range(1)
    assert predictor.names_in_texts(None) == predictor.classes
    with pytest.raises(ValueError, match='--names has 1 names for 7 classes'):
        predictor.names_in_texts(['cat'])
    with pytest.raises(IndexError, match='picture 2 of a test set of 2'):
        predictor.load(2)
