"""Queries that are drawn of annotated pictures."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch
from mmdet.structures.bbox import HorizontalBoxes
from mmengine.registry import TRANSFORMS

import diffmm  # noqa: F401  registers the transforms
from diffmm.utils.instructions import INSTRUCTIONS

CLASSES = ('background', 'sky', 'traffic_light', 'car')
LABELS = np.array([[0, 1, 1], [3, 255, 3]], np.uint8)


def draw(task, results, count=1, **options):
    names = {} if task == 'depth' else dict(classes=CLASSES)
    transform = TRANSFORMS.build(dict(type='DrawQuery', task=task, **names, **options))
    np.random.seed(0)
    drawn = [transform(dict(deepcopy(results), img_path='a.jpg')) for _ in range(count)]
    return drawn if count > 1 else drawn[0]


def boxes(**more):
    corners = torch.arange(12.0).reshape(3, 4)
    labels = np.array([3, 1, 3])
    return dict(gt_bboxes=HorizontalBoxes(corners), gt_bboxes_labels=labels, **more)


def test_every_sentence_of_a_task_comes():
    """The released code never takes the first one."""
    drawn = draw('depth', dict(seg_fields=[]), 1000)
    assert {each['instruction'] for each in drawn} == set(INSTRUCTIONS['depth'])
    assert {each['task'] for each in drawn} == {'depth'}


def test_the_mask_of_one_class():
    named = {}
    for each in draw('segmentation', dict(gt_seg_map=LABELS), 50):
        (name,) = (n for n in ('sky', 'car') if n in each['instruction'])
        named[name] = each['gt_seg_map']
    # Neither the background nor what is not labeled is asked for, or in a mask.
    assert {name: mask.tolist() for name, mask in named.items()} == dict(
        sky=[[0, 1, 1], [0, 0, 0]], car=[[0, 0, 0], [1, 0, 1]]
    )


def test_the_boxes_of_one_class():
    flags = np.array([False, False, True])
    found = set()
    for each in draw('detection', boxes(gt_ignore_flags=flags), 50):
        left = each['gt_bboxes'].tensor[:, 0].tolist()
        assert len(each['gt_ignore_flags']) == len(each['gt_bboxes_labels'])
        name = 'car' if 'car' in each['instruction'] else 'sky'
        found.add((name, *left))
    assert found == {('car', 0.0, 8.0), ('sky', 4.0)}


def test_a_class_of_crowds_alone_is_not_asked_for():
    flags = np.array([True, False, True])
    texts = [
        each['instruction']
        for each in draw('detection', boxes(gt_ignore_flags=flags), 30)
    ]
    assert not [text for text in texts if 'sky' not in text]


def test_colors_answer():
    answers, colors = set(), ('red', 'green', 'blue')
    options = dict(absent=0.5, colors=colors)
    for each in draw('classification', dict(gt_label=3), 60, **options):
        words = each['instruction'].replace(',', '').split()
        yes, no = (word for word in words if word in colors)
        shown = 'car' in words
        assert each['answer'] == (yes if shown else no)
        answers.add((shown, each['answer']))
    # Colors do not tell the answer.
    assert {True, False} == {shown for shown, _ in answers}
    assert {color for _, color in answers} == set(colors)


def test_a_share_of_queries_is_about_what_is_not_there():
    drawn = draw('segmentation', dict(gt_seg_map=LABELS), 1000, absent=0.25)
    empty = [each for each in drawn if not each['gt_seg_map'].any()]
    assert 0.2 < len(empty) / len(drawn) < 0.3
    # The one class that is absent, its underscore a space.
    assert all('traffic light' in each['instruction'] for each in empty)


def test_a_picture_without_any_class_asks_for_one_that_is_absent():
    empty = dict(gt_bboxes=HorizontalBoxes(torch.zeros(0, 4)))
    each = draw('detection', dict(empty, gt_bboxes_labels=np.zeros(0, int)))
    assert len(each['gt_bboxes']) == 0 and each['instruction']


def test_a_picture_of_all_classes_has_none_that_is_absent():
    labels = np.array([[0, 1, 2, 3]])
    drawn = draw('segmentation', dict(gt_seg_map=labels), 50, absent=1.0)
    assert all(each['gt_seg_map'].any() for each in drawn)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(task='pose'), "got 'pose'"),
        (dict(task='segmentation'), 'no class names are known'),
        (dict(task='depth', absent=1.5), 'absent .* 1.5'),
        (dict(task='depth', colors=('red', 'red')), 'two colors'),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        TRANSFORMS.build(dict(type='DrawQuery', **options))


def test_annotations_that_do_not_fit():
    with pytest.raises(ValueError, match="a.jpg has no 'gt_seg_map'.*DrawQuery"):
        draw('segmentation', {})
    with pytest.raises(ValueError, match='the label 9, but DrawQuery knows 4 classes'):
        draw('segmentation', dict(gt_seg_map=LABELS + 6 * (LABELS == 3)))


def test_a_test_names_its_task():
    plain = TRANSFORMS.build(dict(type='NameTask', task='detection'))
    assert plain({}) == dict(task='detection')
    oracle = TRANSFORMS.build(
        dict(type='NameTask', task='detection', classes=CLASSES, present=True)
    )
    assert oracle(boxes())['query_labels'] == (1, 3)
    depth = TRANSFORMS.build(dict(type='NameTask', task='depth', present=True))
    assert depth({}) == dict(task='depth')
