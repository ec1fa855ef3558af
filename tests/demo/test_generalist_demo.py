"""Tests of the generalist's demo."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import tiny
from tests.untrained import write_untrained

SCRIPT = Path(__file__).parents[2] / 'demo' / 'generalist_demo.py'
CONFIG = """
default_scope = 'mmseg'
custom_imports = dict(imports=['diffmm'], allow_failed_imports=False)
model = dict(
    type='GeneralistPerceptor',
    data_preprocessor=dict(
        type='SegDataPreProcessor', mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True),
    arch={arch!r},
    prompt=dict(type='TextPrompt', num_tokens=12),
    sampler=dict(steps=1, timestep_spacing='trailing'),
    tasks=[
        dict(type='DepthQueries', codec=dict(type='MetricDepthCodec')),
        dict(type='SegmentationQueries', classes=['cat', 'sky'],
             codec=dict(type='WhiteMaskCodec')),
        dict(type='DetectionQueries', classes=['cat', 'sky'],
             codec=dict(type='BoxOutlineCodec')),
    ])
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(64, 64), keep_ratio=False),
    dict(type='NameTask', task='depth'),
    dict(type='PackSegInputs', meta_keys=('img_path', 'ori_shape', 'task'))]
"""


@pytest.fixture(scope='module')
def demo():
    spec = importlib.util.spec_from_file_location('generalist_demo', SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='module')
def arguments(tmp_path_factory):
    """A picture, a config and its checkpoint."""
    folder = tmp_path_factory.mktemp('model')
    model = write_untrained(folder, CONFIG.format(arch=tiny.ARCHITECTURE))
    cv2.imwrite(str(folder / 'gray.jpg'), np.full((70, 100), 100, np.uint8))
    return [str(folder / 'gray.jpg'), *model]


def test_an_instruction(demo, arguments, tmp_path, capsys):
    out = tmp_path / 'new' / 'answer.png'
    ask = ['--task', 'depth', '--ask', 'estimate the depth']
    demo.main([*arguments, *ask, '--out-file', str(out)])
    printed = capsys.readouterr().out
    assert ' m to ' in printed and f'written: {out}' in printed
    assert cv2.imread(str(out)).shape[1] == 200


@pytest.mark.parametrize(
    ('task', 'expected'),
    [('depth', ' m to '), ('segmentation', '%'), ('detection', '')],
)
def test_all_classes_of_a_task(demo, arguments, capsys, task, expected):
    demo.main([*arguments, '--task', task])
    assert expected in capsys.readouterr().out


def test_what_it_refuses(demo, arguments):
    with pytest.raises(SystemExit, match="generalist_demo: task must be .* got 'pose'"):
        demo.main([*arguments, '--task', 'pose', '--ask', 'find it'])
    with pytest.raises(SystemExit, match='generalist_demo: .*nowhere'):
        demo.main(['nowhere.jpg', *arguments[1:], '--task', 'depth'])
