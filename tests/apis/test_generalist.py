from __future__ import annotations

import cv2
import numpy as np
import pytest

from diffmm.apis import GeneralistPredictor
from tests import tiny
from tests.apis.test_referring import CONFIG as REFERRING
from tests.models.perceptors.queries_case import BOXES, COLORS, DEPTH, MASKS
from tests.untrained import write_untrained

CONFIG = f"""
default_scope = 'mmseg'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    type='GeneralistPerceptor', arch={tiny.ARCHITECTURE!r},
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True, size_divisor=8),
    tasks={[DEPTH, MASKS, BOXES, COLORS]!r},
    prompt=dict(type='TextPrompt', num_tokens=12),
    sampler=dict(steps=1, timestep_spacing='trailing'))
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='NameTask', task='depth'),
    dict(type='PackSegInputs', meta_keys=('ori_shape', 'img_shape', 'task'))]
"""


@pytest.fixture(scope='module')
def predictor(tmp_path_factory):
    return GeneralistPredictor(
        *write_untrained(tmp_path_factory.mktemp('model'), CONFIG)
    )


@pytest.fixture(scope='module')
def picture():
    return np.random.default_rng(0).integers(0, 256, (90, 140, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ('task', 'said'),
    [('depth', ' m to '), ('segmentation', '% of the image'), ('detection', 'box')],
)
def test_an_answer_is_drawn_and_read(predictor, picture, task, said):
    assert task in predictor.tasks
    answer = predictor.ask(picture, 'find it', task)
    assert answer.drawing.shape == (90, 140, 3) and said in answer.describe()
    assert answer.instruction == 'find it' and answer.image is picture


def test_the_drawing_stands_beside_the_picture(predictor, picture, tmp_path):
    answer = predictor.ask(picture, 'estimate the depth', 'depth')
    answer.save_drawing(tmp_path / 'new' / 'answer.png')
    saved = cv2.imread(str(tmp_path / 'new' / 'answer.png'))
    assert saved.shape[1] == 280
    assert np.array_equal(saved[-90:, :140], picture)


def test_all_questions_of_a_task(predictor, picture):
    found = predictor.perceive(picture, 'segmentation')
    assert found.pred_sem_seg.shape == (90, 140)


def test_what_cannot_be_asked(predictor, picture, tmp_path):
    with pytest.raises(ValueError, match="got 'pose'"):
        predictor.ask(picture, 'find it', 'pose')
    with pytest.raises(ValueError, match='the instruction is empty'):
        predictor.ask(picture, ' ', 'depth')
    text = REFERRING.format(arch=tiny.ARCHITECTURE, correction=1.0)
    with pytest.raises(ValueError, match='InstructPerceptor, which knows one task'):
        GeneralistPredictor(*write_untrained(tmp_path, text))
