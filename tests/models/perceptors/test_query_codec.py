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
