from __future__ import annotations

import numpy as np
import pytest
import torch
from mmcv.ops import batched_nms, nms, nms_match, soft_nms
from mmcv.ops.bbox import _bbox_overlaps_cpu, bbox_overlaps


def draw_boxes(count, ties=False):
    generator = torch.Generator().manual_seed(count)
    corners = torch.rand(count, 2, generator=generator) * 60
    sizes = torch.rand(count, 2, generator=generator) * 40 + 1
    scores = torch.rand(count, generator=generator)
    if ties:
        scores = (scores * 4).round() / 4 + 0.05
    return torch.cat([corners, corners + sizes], 1), scores


def assert_same(one, other):
    for first, second in zip(one, other, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('count', [0, 1, 7, 300])
@pytest.mark.parametrize('offset', [0, 1])
@pytest.mark.parametrize('threshold', [0.4, 0.7])
@pytest.mark.parametrize(
    'options', [dict(), dict(score_threshold=0.4), dict(max_num=5)], ids=str
)
def test_nms_equals_the_compiled_one(
    compiled, use_stand_in, count, offset, threshold, options
):
    arguments = (*draw_boxes(count), threshold, offset)
    expected = nms(*arguments, **options)
    use_stand_in('nms')
    assert_same(nms(*arguments, **options), expected)


def test_nms_by_hand(use_stand_in):
    use_stand_in('nms')
    boxes = torch.tensor([[0, 0, 9, 9], [1, 0, 10, 9], [40, 0, 49, 9]]).float()
    dets, kept = nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5)
    assert kept.tolist() == [1, 2]
    # A union of one pixel by one: only with an offset do these have an area.
    points = torch.zeros(2, 4)
    assert nms(points, torch.tensor([0.5, 0.9]), 0.5, offset=1)[1].tolist() == [1]
    arrays = nms(boxes.numpy(), np.float32([0.5, 0.9, 0.1]), 0.5)
    assert all(isinstance(array, np.ndarray) for array in arrays)


@pytest.mark.parametrize('dtype', [torch.half, torch.bfloat16, torch.double])
def test_boxes_and_scores_of_any_precision(use_stand_in, dtype):
    use_stand_in('nms')
    boxes, scores = (each.to(dtype) for each in draw_boxes(30))
    exact = boxes.float(), scores.float()
    dets, kept = nms(boxes, scores, 0.5)
    assert dets.dtype == dtype and kept.tolist() == nms(*exact, 0.5)[1].tolist()
    mixed = nms(boxes, scores.float(), 0.5)[1]
    assert mixed.tolist() == kept.tolist()
    dets, kept = soft_nms(boxes, scores)
    assert dets.dtype == dtype and kept.tolist() == soft_nms(*exact)[1].tolist()
    rows = torch.cat([boxes, scores[:, None]], 1)
    groups = [
        [group.tolist() for group in nms_match(each, 0.5)]
        for each in (rows, rows.float())
    ]
    assert groups[0] == groups[1]


@pytest.mark.parametrize('count', [1, 7, 300])
@pytest.mark.parametrize('ties', [False, True])
@pytest.mark.parametrize('method', ['naive', 'linear', 'gaussian'])
@pytest.mark.parametrize('options', [dict(), dict(min_score=0.3, offset=1)], ids=str)
def test_soft_nms_equals_the_compiled_one(
    compiled, use_stand_in, count, ties, method, options
):
    boxes, scores = draw_boxes(count, ties)
    expected = soft_nms(boxes, scores, method=method, **options)
    use_stand_in('nms')
    assert_same(soft_nms(boxes, scores, method=method, **options), expected)


def test_soft_nms_by_hand(use_stand_in):
    use_stand_in('nms')
    boxes = torch.tensor([[0, 0, 10, 10], [0, 0, 10, 5], [40, 0, 50, 10]]).float()
    scores = torch.tensor([0.5, 0.8, 0.3])
    dets, kept = soft_nms(boxes, scores, 0.3, method='linear')
    # The two overlap by half: 0.5 becomes 0.25 and comes last.
    assert kept.tolist() == [1, 2, 0]
    torch.testing.assert_close(dets[:, 4], torch.tensor([0.8, 0.3, 0.25]))
    torch.testing.assert_close(dets[:, :4], boxes[kept])
    kept = soft_nms(boxes, scores, 0.3, method='naive', min_score=0.4)[1]
    assert kept.tolist() == [1]
    assert soft_nms(boxes[:0], scores[:0])[1].numel() == 0


@pytest.mark.parametrize('kind', ['nms', 'soft_nms'])
def test_batched_nms_equals_the_compiled_one(compiled, use_stand_in, kind):
    boxes, scores = draw_boxes(200)
    classes = torch.arange(200) % 3
    config = dict(type=kind, iou_threshold=0.4)
    expected = batched_nms(boxes, scores, classes, config)
    use_stand_in('nms')
    assert_same(batched_nms(boxes, scores, classes, config), expected)


@pytest.mark.parametrize('count', [1, 7, 300])
def test_nms_match_equals_the_compiled_one(compiled, use_stand_in, count):
    boxes, scores = draw_boxes(count)
    dets = torch.cat([boxes, scores[:, None]], 1)
    expected = nms_match(dets, 0.3)
    use_stand_in('nms')
    found = nms_match(dets, 0.3)
    assert [group.tolist() for group in found] == [g.tolist() for g in expected]


def test_nms_match_by_hand(use_stand_in):
    use_stand_in('nms')
    boxes = [[0, 0, 9, 9, 0.5], [1, 0, 10, 9, 0.9], [40, 0, 49, 9, 0.1]]
    groups = nms_match(torch.tensor(boxes), 0.5)
    assert [group.tolist() for group in groups] == [[1, 0], [2]]


@pytest.mark.parametrize('mode', ['iou', 'iof'])
@pytest.mark.parametrize('aligned', [False, True])
@pytest.mark.parametrize('offset', [0, 1])
def test_overlaps_equal_those_of_mmcv(use_stand_in, mode, aligned, offset):
    one, other = draw_boxes(6)[0], draw_boxes(6 if aligned else 9)[0]
    others = [_bbox_overlaps_cpu(one, other, mode, aligned, offset)]
    others.append(bbox_overlaps(one, other, mode, aligned, offset))
    use_stand_in('bbox')
    found = bbox_overlaps(one, other, mode, aligned, offset)
    assert found.max() > 0
    for expected in others:
        torch.testing.assert_close(found, expected)
