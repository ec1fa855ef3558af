"""Answers of each task, and the predictions that are made of them."""

from __future__ import annotations

import pytest
import torch
from mmdet.structures.bbox import bbox_overlaps
from mmengine.structures import BaseDataElement, InstanceData

from diffmm.models.perceptors.frames import restore_frame
from diffmm.models.perceptors.queries import Answer, Question
from diffmm.models.perceptors.task_queries import UNCLAIMED
from tests.models.perceptors.queries_case import (
    BOXES,
    CLASSES,
    COLORS,
    DEPTH,
    GRAY,
    MASKS,
    answer,
    build,
    samples,
)


def test_masks_become_a_label_map():
    sky, car = torch.tensor([[[0.9, 0.6, 0.4]]]), torch.tensor([[[0.2, 0.7, 0.3]]])
    sample = BaseDataElement(metainfo=dict(ori_shape=(1, 3)))
    masks = build(MASKS, keep_answers=True)
    masks.write(sample, [answer(1, sky), answer(2, car)])
    assert sample.pred_sem_seg.data.tolist() == [[[1, 2, 0]]]  # 0 is the background
    assert sample.query_labels == (1, 2) and sample.query_maps.shape == (2, 1, 3)
    none = build(MASKS, classes=CLASSES[1:])
    none.write(sample, [answer(0, sky), answer(1, car)])
    assert sample.pred_sem_seg.data.tolist() == [[[0, 1, UNCLAIMED]]]
    none.write(sample, [])
    assert sample.pred_sem_seg.data.tolist() == [[[UNCLAIMED] * 3]]


def test_a_class_needs_more_than_the_threshold_and_the_first_of_equals_wins():
    sky, car = torch.tensor([[[0.5, 0.51, 0.9]]]), torch.tensor([[[0.5, 0.5, 0.9]]])
    sample = BaseDataElement()
    build(MASKS).write(sample, [answer(1, sky), answer(2, car)])
    assert sample.pred_sem_seg.data.tolist() == [[[0, 1, 1]]]


def test_maps_that_are_kept_have_the_size_of_the_network():
    masks = build(MASKS, keep_answers=True)
    sample = BaseDataElement(metainfo=dict(ori_shape=(4, 6)))
    small = torch.rand(2, 1, 2, 3)
    whole = torch.zeros(1, 4, 6)
    masks.write(sample, [Answer(2, whole, small[0]), Answer(1, whole, small[1])])
    assert torch.equal(sample.query_maps, small[:, 0])
    assert sample.query_labels == (2, 1)
    masks.write(sample, [])
    assert len(sample.query_maps) == 0 and sample.query_labels == ()
    assert sample.pred_sem_seg.shape == (4, 6) and not sample.pred_sem_seg.data.any()


def test_depth_is_one_question():
    depth = build(DEPTH, sentence='how far')
    sample = BaseDataElement()
    assert depth.ask(sample) == [Question(None, 'how far')]
    meters = torch.rand(1, 3, 4)
    depth.write(sample, [Answer(None, meters, torch.zeros(1, 2, 2))])
    assert torch.equal(sample.pred_depth_map.data, meters)


def test_boxes_of_all_classes_are_joined():
    boxes = build(BOXES)
    (picture,) = boxes.codec.encode(samples()[2:3], GRAY).pictures
    sample = BaseDataElement()
    maps = boxes.codec.decode(torch.stack([GRAY[0], picture]), GRAY)
    boxes.write(sample, [answer(*each) for each in enumerate(maps)])
    found = sample.pred_instances
    assert found.labels.tolist() == [1] and found.scores.shape == (1,)
    boxes.write(sample, [])
    assert sample.pred_instances.bboxes.shape == (0, 4)


@pytest.mark.parametrize('height', [60, 480])
def test_boxes_of_a_picture_that_was_squashed_to_a_square(height):
    """Its upright lines are wide, its level ones are not, or the other way round."""
    queries = build(BOXES, codec=dict(type='BoxOutlineCodec', width=4, run=12))
    shape = torch.tensor([240, height] * 2)
    # They cross, so only the insides of the lines tell them apart.
    boxes = torch.tensor([[0.1, 0.1, 0.6, 0.6], [0.35, 0.3, 0.9, 0.9]])
    image = torch.zeros(1, 3, 120, 120)
    drawn = BaseDataElement(gt_instances=InstanceData(bboxes=boxes * 120))
    (squashed,) = queries.codec.decode(queries.codec.encode([drawn], image)[0], image)
    sample = BaseDataElement()
    sizes = dict(ori_shape=(height, 240))
    queries.write(sample, [Answer(0, restore_frame(squashed, sizes), squashed)])
    found = sample.pred_instances.bboxes
    overlaps = bbox_overlaps(boxes * shape, found)
    assert overlaps.shape == (2, 2) and overlaps.max(dim=1).values.min() > 0.95


def test_padding_of_a_batch_makes_no_line_wider():
    queries = build(BOXES, codec=dict(type='BoxOutlineCodec', width=4, run=12))
    boxes = torch.tensor([[42.0, 36, 108, 108], [12, 12, 72, 72]])
    image = torch.zeros(1, 3, 120, 240)
    drawn = BaseDataElement(gt_instances=InstanceData(bboxes=boxes))
    (padded,) = queries.codec.decode(queries.codec.encode([drawn], image)[0], image)
    sizes = dict(
        img_shape=(120, 120), ori_shape=(120, 120), padding_size=(0, 120, 0, 0)
    )
    sample = BaseDataElement(metainfo=sizes)
    queries.write(sample, [Answer(0, restore_frame(padded, sizes), padded)])
    torch.testing.assert_close(sample.pred_instances.bboxes, boxes, rtol=0, atol=1)


def test_the_nearest_color_is_the_class():
    colors = build(COLORS)
    red, gray = torch.tensor([0.8, -0.9, -0.9]), torch.zeros(3)
    pictures = (each.view(3, 1, 1).expand(3, 8, 8) for each in (gray, red))
    sample = BaseDataElement()
    colors.write(sample, [answer(*each) for each in enumerate(pictures)])
    assert sample.pred_label == 1
    # Another color for yes, and another answer of the same pictures.
    blue = build(COLORS, colors=('blue', 'red'))
    pictures = (each.view(3, 1, 1).expand(3, 8, 8) for each in (gray, red))
    blue.write(sample, [answer(*each) for each in enumerate(pictures)])
    assert sample.pred_label == 0
    assert blue.ask(sample)[0].text == 'show blue if you see the sky, otherwise red'


def test_a_picture_of_which_nothing_was_asked_has_no_class():
    """``NameTask(present=True)`` asks nothing of a picture without a known label."""
    colors, sample = build(COLORS), BaseDataElement(metainfo=dict(query_labels=()))
    assert colors.ask(sample) == []
    colors.write(sample, [])
    assert sample.pred_label == -1
