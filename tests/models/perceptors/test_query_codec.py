"""The codec of a generalist: each target by the codec of its task."""

from __future__ import annotations

import pytest
import torch
from mmengine.registry import TASK_UTILS
from mmengine.structures import BaseDataElement

from tests.models.perceptors.queries_case import (
    BOXES,
    COLORS,
    DEPTH,
    GRAY,
    MASKS,
    samples,
)


def test_each_target_of_a_batch_is_drawn_and_read_by_its_task():
    codec = TASK_UTILS.build(
        dict(type='QueryCodec', tasks=[DEPTH, MASKS, BOXES, COLORS])
    )
    batch = samples()
    target = codec.encode(batch, torch.zeros(4, 3, 64, 64))
    assert target.pictures.shape == (4, 3, 64, 64)
    assert target.valid.dtype == torch.bool and target.valid.all()
    for sample, picture in zip(batch, target.pictures, strict=True):
        own = codec.queries_of(sample).codec
        own.write(sample, own.decode(picture[None], GRAY)[0], None)
    depth, mask, boxes, color = batch
    torch.testing.assert_close(depth.pred_depth_map.data, depth.gt_depth_map.data)
    assert torch.equal(mask.pred_sem_seg.data, mask.gt_sem_seg.data)
    expected = boxes.gt_instances.bboxes
    torch.testing.assert_close(boxes.pred_instances.bboxes, expected, rtol=0, atol=1)
    assert color.pred_answer == 'green'


def test_each_target_is_drawn_on_its_own_image():
    codec = TASK_UTILS.build(dict(type='QueryCodec', tasks=[BOXES, COLORS]))
    (_, _, boxes, color), images = samples(), torch.rand(3, 3, 64, 64) - 0.5
    target = codec.encode([boxes, color, boxes], images)
    drawn = (target.pictures != images).any(dim=1)
    assert drawn[1].all() and torch.equal(drawn[0], drawn[2])
    assert 0 < drawn[0].sum() < drawn[0].numel() / 10
    # A prediction is a picture until its task is known.
    assert codec.decode(images, None) is images and codec.reference is None


def test_depth_and_masks_need_no_images():
    codec = TASK_UTILS.build(dict(type='QueryCodec', tasks=[DEPTH, MASKS]))
    depth, mask, boxes, _ = samples()
    mask.gt_sem_seg.data[:, 40:] = 255
    target = codec.encode([mask, depth])
    assert target.valid.flatten(1).float().mean(1).tolist() == [40 / 64, 1]
    with pytest.raises(ValueError, match="has the task 'detection'"):
        codec.encode([depth, boxes])


def test_two_data_sets_of_a_task_have_two_names():
    far = dict(DEPTH, name='streets', codec=dict(DEPTH['codec'], max_depth=80.0))
    codec = TASK_UTILS.build(dict(type='QueryCodec', tasks=[DEPTH, far]))
    near, street = samples()[0], samples()[0]
    street.set_metainfo(dict(task='streets'))
    found = codec.encode([near, street]).pictures.mean(dim=(1, 2, 3))
    assert found.tolist() == pytest.approx([0, 2 * 5 / 80 - 1])


@pytest.mark.parametrize(
    ('tasks', 'message'),
    [
        ([], r'needs tasks, each once, got \[\]'),
        ([DEPTH, DEPTH], r"each once, got \['depth', 'depth'\]"),
    ],
)
def test_tasks_that_are_refused(tasks, message):
    with pytest.raises(ValueError, match=message):
        TASK_UTILS.build(dict(type='QueryCodec', tasks=tasks))


def test_an_unknown_task_is_named():
    codec = TASK_UTILS.build(dict(type='QueryCodec', tasks=[DEPTH]))
    for meta in (dict(task='pose'), {}):
        sample = BaseDataElement(metainfo=dict(meta, img_path='a.jpg'))
        with pytest.raises(ValueError, match=r"a.jpg has the task .*\('depth',\)"):
            codec.encode([sample])
